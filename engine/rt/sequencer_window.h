#pragma once

#include "engine/rt/sequencer.h"

namespace chronus::rt {

struct Sequencer::Window {
    std::uint32_t begin, frames; // within the tick
    const Scene *scene;
    Coming next;
    Tempo tempo;
    Phase per_frame;

    Phase end(Phase position) const CHRONUS_RT { return position + frames * per_frame; }
    /// The frame of the tick on which a position is reached.
    std::uint32_t frame_of(Phase at, Phase position) const CHRONUS_RT {
        const Phase ahead = at > position ? at - position : 0;
        return begin + static_cast<std::uint32_t>(frames_until(ahead, per_frame));
    }
};

} // namespace chronus::rt
