#pragma once

#include "engine/model/scene.h"
#include "engine/result.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace chronus::patterns {

/// The steps a pattern text stands for.
struct Pattern {
    std::array<Step, kMaxSteps> steps{};
    std::uint16_t length = 0;
    LockSets locks;

    PatternView view() const noexcept { return {{steps.data(), length}, &locks}; }
    friend constexpr bool operator==(const Pattern &, const Pattern &) = default;
};

/// Reads a pattern: X accent, x normal, o ghost, '.' or '-' rest, '_' hold the note; after a hit
/// what modifiers.h has; [X.x.]*4 repeats, 4 deep at most; E(5,16) spreads 5 hits over 16 steps
/// (euclid.h), E(5,16,2) from its third step on; blanks and '|' are for the eye.
///
/// Shapes: 1 to 256 steps once written out, with at most 64 different sets of locks.
/// Errors: bad_type - an unknown sign, or one with nothing to hold on to. out_of_range - a number
///         or a pattern too big or too small. Both name the column, from 1; the hint is a pattern
///         that can be read.
Result<Pattern> parse_pattern(std::string_view text);

/// The one way to write steps, with repeats and rhythms written out. Reading it back gives the same
/// steps, for all that parse_pattern() makes; a held step without a note before it is written as
/// the rest it sounds as.
std::string print_pattern(PatternView pattern);

/// Gives a track the steps of a pattern.
void put_pattern(Track &track, const Pattern &pattern);

} // namespace chronus::patterns
