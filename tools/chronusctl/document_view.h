#pragma once

#include "tools/chronusctl/json.h"

#include <string>

namespace chronus::ctl {

/// A document for people: a list an item a line, an object a member a line. What is within them in
/// turn stands below, indented. Each line begins with two blanks at least, and ends.
std::string drawn_document(const Json &document);

} // namespace chronus::ctl
