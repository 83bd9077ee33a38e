#pragma once

#include "tools/chronusctl/commands.h"

#include <variant>

namespace chronus::ctl {

/// Reads the command line: the call it stands for, or, when all is said already (help, version,
/// something wrong), the exit code.
std::variant<Call, int> parse(int argc, const char *const *argv);

} // namespace chronus::ctl
