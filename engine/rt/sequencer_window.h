#pragma once

#include "engine/rt/sequencer.h"

namespace chronus::rt {

struct Sequencer::Window {
    std::uint32_t begin, frames; // within the tick
    const Scene *scene, *next;
    Tempo tempo;
    Phase per_frame;

    Phase end(Phase position) const CHRONUS_RT { return position + frames * per_frame; }
    /// The frame of the tick on which a position is reached.
    std::uint32_t frame_of(Phase at, Phase position) const CHRONUS_RT {
        const Phase ahead = at > position ? at - position : 0;
        return begin + static_cast<std::uint32_t>(frames_until(ahead, per_frame));
    }
};

/// A fraction of a length, taken in millionths: 0.6 is 0.6 and not its nearest float.
inline Phase part_of(Phase length, double fraction) CHRONUS_RT {
    return static_cast<Phase>(fraction * 1e6 + 0.5) * length / 1000000;
}

} // namespace chronus::rt
