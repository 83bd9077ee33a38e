#pragma once

#include "engine/model/scene.h"

#include <cstdint>
#include <vector>

namespace chronus::docs {

/// A note as the sequencer played it. Units: steps before swing, from the start.
struct Note {
    double begin = 0, end = 0;
    Hit hit = Hit::normal;
    bool slide = false;
    float hz = 440;
};

/// The notes of each track in the first `steps` steps, those of a chord one after the other; each
/// track must have a voice of its own.
std::vector<std::vector<Note>> played(const Scene &scene, std::uint32_t steps);

} // namespace chronus::docs
