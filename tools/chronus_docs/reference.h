#pragma once

#include <string>

namespace chronus::docs {

/// docs/reference.md: every command, parameter, track key and error, from their tables.
std::string reference();

} // namespace chronus::docs
