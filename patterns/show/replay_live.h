#pragma once

#include "engine/host/deck.h"
#include "engine/host/progress_scope.h"
#include "engine/result.h"
#include "patterns/show/replay_job.h"

#include <vector>

namespace chronus::patterns {

/// What was heard of a performance that was played again.
struct Listened {
    Frame frames = 0; ///< with what rang on
    Frame missed = 0; ///< of silence between them, where it did not come in time
    std::vector<SecondOver> seconds = {}; ///< of all there was from the session's beginning on
};

/// Plays it from a bar on, through the deck, in the time it took: frame for frame what it was. It
/// fades in before the bar and out behind what rings on.
///
/// Tells of itself in parts of `level`: the way to the bar, and what is heard, in frames.
/// Thread: worker. Errors: out_of_range - it has no such bar. busy - there is something on the
///         deck. cancelled - also by a panic; it fades then.
Result<Listened> play_live(const ReplayOrder &order, ProgressScope &level);

} // namespace chronus::patterns
