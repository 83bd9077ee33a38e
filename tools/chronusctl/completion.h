#pragma once

#include "tools/chronusctl/known.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::ctl {

/// What Tab does to a line.
struct Completion {
    std::size_t begin = 0;                 ///< from here to the cursor the line is replaced
    std::string text = {};                 ///< by this
    std::vector<std::string> choices = {}; ///< all that may stand there, when there are several
    std::string usage = {};                ///< what is wanted there, when nothing can be offered
};

/// Completes the end of a line of the repl: addresses part by part, commands, and arguments as far
/// as what they are called tells what they are.
Completion complete(std::string_view before_cursor, Known &known);

} // namespace chronus::ctl
