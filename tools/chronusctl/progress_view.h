#pragma once

#include "tools/chronusctl/frame.h"
#include "tools/chronusctl/json.h"

#include <string>

namespace chronus::ctl {

/// How much is said of each level.
enum class Detail {
    line,  ///< one line, and another for what went wrong
    whole, ///< also when it began, what was measured and what was made
};

/// An operation and its parts as a tree of bars, in lines of at most `canvas.size.columns`.
/// `level` is as `/progress/show` has it. Ends in '\n'.
std::string draw_progress(const Json &level, const Canvas &canvas, Detail detail);

/// One operation in one line, for lists and pipes: `12 render demo  running  45 %  4.1 s left`.
/// No control characters, no line end.
std::string progress_line(const Json &level);

/// A bar of `width` cells. `fraction` is 0..1.
std::string progress_bar(double fraction, int width, bool utf8);

/// "4.1 s", "1:05 min", "2:03:04 h".
std::string length_of(double seconds);

} // namespace chronus::ctl
