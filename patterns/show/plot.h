#pragma once

#include "engine/host/bounce.h"
#include "patterns/show/sound_check.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// The outline of a sound: its lowest and highest sample in each of equal stretches.
struct Outline {
    std::vector<float> low, high;
};

/// What a picture of a performance shows.
struct Plotted {
    std::string_view title;
    std::span<const Part> parts;
    std::span<const Frame> lines; ///< as Bounce has them
    SampleRate fs;
    const Outline &outline;
    const SoundFacts &facts;
};

/// An SVG: waveform and momentary loudness over the parts and their bars, then the steps of each
/// part's tracks.
std::string plot_of(const Plotted &what);

} // namespace chronus::patterns
