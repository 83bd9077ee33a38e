#pragma once

#include "dsp/block.h"
#include "dsp/lanes.h"
#include "dsp/rt.h"
#include "dsp/units.h"

#include <array>

namespace chronus::dsp {

/// What to show of the master: eight bands.
///
/// Shapes: kTick stereo frames; the sound is only looked at.
/// Units:  a band reads the amplitude of a steady sine at its centre.
/// Thread: audio.
/// Errors: none. A non-finite input poisons the state until `heal()`.
class Meters {
public:
    /// The bands' centres in Hz.
    static constexpr std::array<float, kLanes> kCentres{63, 125, 250, 500, 1000, 2000, 4000, 8000};
    static constexpr float kQ = 2.0f;

    explicit Meters(SampleRate fs) CHRONUS_RT;
    void process(StereoBlock in) CHRONUS_RT;

    /// Level in each band of the mean of both sides, smoothed at 10 Hz.
    std::array<float, kLanes> bands() const CHRONUS_RT;

    /// True when the state was not finite or had run away, and was reset.
    bool heal() CHRONUS_RT;
    /// True when all bands have fallen below -120 dBFS.
    bool idle() const CHRONUS_RT;

private:
    F8 a1_, a2_, twice_g_; // of eight trapezoidal state-variable filters
    F8 low_{}, band_{};    // their integrators' states
    F8 level_{};           // mean of the rectified bands
    float smoothing_;      // a tick's share of it
};

} // namespace chronus::dsp
