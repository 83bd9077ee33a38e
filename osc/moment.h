#pragma once

#include "engine/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chronus::osc {

/// A point of musical time. Units: sixteenths since the start, counted from 0.
struct Moment {
    std::uint64_t step = 0;
    bool counted = false; ///< named by its number ("bar:17"), so a start waits for it
};

/// Reads when something is to act: "now", "step+1", "beat+2", "bar+1" count lines ahead of `here`,
/// "bar:17", "beat:5", "step:9" name one, counted from 1. Nothing is now; so is whatever is
/// counted from `here` while the sequencer stands and there is no here.
///
/// Errors: out_of_range - not such a word, or 0 lines ahead. late - that one has passed.
Result<std::optional<Moment>> parse_moment(std::string_view text, std::optional<double> here);

/// "bar 17, step 3"
std::string shown(Moment moment);

} // namespace chronus::osc
