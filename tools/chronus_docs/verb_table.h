#pragma once

#include <string>

namespace chronus::docs {

/// The source of tools/chronusctl/verb_table.h, from the daemon's tables of commands and of topics.
std::string verb_table();

} // namespace chronus::docs
