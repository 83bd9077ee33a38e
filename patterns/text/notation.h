#pragma once

#include "engine/model/scene.h"
#include "engine/result.h"
#include "patterns/text/notes.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace chronus::patterns {

/// The steps a pattern text stands for.
struct Pattern {
    std::array<Step, kMaxSteps> steps{};
    std::uint16_t length = 0;

    std::span<const Step> view() const noexcept { return {steps.data(), length}; }
    friend constexpr bool operator==(const Pattern &, const Pattern &) = default;
};

/// Reads a pattern: X accent, x normal, o ghost, '.' or '-' rest, '_' hold the note, '~' after a
/// hit to slide into it; blanks and '|' are for the eye.
///
/// Shapes: 1 to 256 steps.
/// Errors: bad_type - an unknown sign, or one with nothing to hold on to. out_of_range - no step,
///         or more than 256. Both name the column, from 1; the hint is a pattern that can be read.
Result<Pattern> parse_pattern(std::string_view text);

/// The one way to write steps: X x o . _ and ~. Reading it back gives the same steps, for all that
/// parse_pattern() makes; a held step without a note before it is written as the rest it sounds as.
std::string print_pattern(std::span<const Step> steps);

} // namespace chronus::patterns
