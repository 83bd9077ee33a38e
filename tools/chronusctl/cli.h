#pragma once

#include "tools/chronusctl/commands.h"

#include <string>
#include <variant>
#include <vector>

namespace chronus::ctl {

/// Reads a command line without the program's name: the call it stands for, or, when all is said
/// already (help, version, something wrong), the exit code. `settings` hold unless it says
/// otherwise.
std::variant<Call, int> parse(std::vector<std::string> args, const Settings &settings = {});

} // namespace chronus::ctl
