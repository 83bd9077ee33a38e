#pragma once

#include "patterns/history/compare.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace chronus::patterns {

/// What stands above the two columns, how wide each is, and whether a terminal shows colours.
struct SideBySide {
    std::string_view left = "from", right = "to";
    std::size_t column = 24;
    bool colour = false;
};

/// Both sides of everything that differs, in lines for people; those of steps that are longer than
/// a column one below the other. With colour, the letters in which two texts differ stand out.
///
/// Shapes: a line ends with a newline and has no blanks before it. "" when nothing differs.
std::string side_by_side(const Comparison &changes, const SideBySide &as);

} // namespace chronus::patterns
