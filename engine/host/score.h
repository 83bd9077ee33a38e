#pragma once

#include "engine/model/scene.h"

#include <cstdint>
#include <vector>

namespace chronus {

/// A note as the sequencer plays it. Units: steps before swing, from the start.
struct ScoreNote {
    double begin = 0, end = 0;
    Hit hit = Hit::normal;
    bool slide = false;
    float hz = 440;
};

/// The notes of each track in the first `steps` steps, those of a chord one after the other. A note
/// ends when its voice is let go or plays the next one.
///
/// Thread: any but audio.
std::vector<std::vector<ScoreNote>> score_of(const Scene &scene, std::uint32_t steps);

} // namespace chronus
