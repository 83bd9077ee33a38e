#pragma once

#include <string>
#include <string_view>

namespace chronus::docs {

/// Completion of chronusctl for bash: its commands from its help, everything else from the tables
/// of commands and parameters; names of tracks are asked of the daemon.
std::string completion(std::string_view client_help);

} // namespace chronus::docs
