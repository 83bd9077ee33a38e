#pragma once

#include "dsp/oscillator.h"
#include "dsp/ramp.h"
#include "dsp/rt.h"

#include <array>
#include <cstddef>

namespace chronus::dsp {

/// Six saws around the oscillator's own, which is the middle one.
///
/// Only lanes in which it is heard move on, so that no lane hears of its neighbours.
/// Thread: audio.
class SuperSaw {
public:
    static constexpr std::size_t kSides = 6;
    /// Where they stand between the outermost; no two pairs beat alike.
    static constexpr std::array<float, kSides> kPlaces{-1.0f, -0.61f, -0.23f, 0.19f, 0.57f, 1.0f};
    /// From where they stand in a note's first frame: always the same, unlike each other.
    void restart(std::size_t lane) CHRONUS_RT;
    struct Lines {
        Line<true> middle, side; // weights: of the saw in the middle, of each beside it
        Line<true> detune;       // of the outermost, in semitones, up to 1
    };
    void add(const WaveRun &run, Lines &lines) CHRONUS_RT;

private:
    void add_side(const WaveRun &run, std::size_t side, Lines &lines) CHRONUS_RT;

    std::array<U8, kSides> phase_{};
};

/// A square an octave below the oscillator, in step with it.
class SubOctave {
public:
    void restart(std::size_t lane) CHRONUS_RT { phase_[lane] = 0; }
    void add(const WaveRun &run, Line<true> &weight) CHRONUS_RT;

private:
    U8 phase_ = {};
};

} // namespace chronus::dsp
