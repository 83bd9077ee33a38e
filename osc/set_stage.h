#pragma once

#include "engine/model/time.h"
#include "engine/result.h"
#include "osc/context.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// Performing a set: its songs as patterns that follow each other.
namespace chronus::osc {

/// The parts of a song, none of them in play. Errors: as played_parts().
Result<Chain> chain_of(const patterns::Setlist &set, std::size_t song);

/// What comes behind the song whose last bar plays: one that can be played. None when it stays, or
/// stops.
std::optional<Chain> song_after(Context &context);

/// The step on whose line the sequencer is to stop, because a song ends there. None while it plays
/// on.
std::optional<std::uint64_t> end_of_song(Context &context);

/// The song that is in play or waits for its bar, counted from 0.
std::optional<std::size_t> song_in_play(const Context &context);

/// `/setlist/position`; nothing while no set is open and none plays.
std::vector<Value> set_position(Context &context);

} // namespace chronus::osc
