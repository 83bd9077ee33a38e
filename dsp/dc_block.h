#pragma once

#include "dsp/block.h"
#include "dsp/lanes.h"
#include "dsp/rt.h"
#include "dsp/units.h"

namespace chronus::dsp {

/// Takes the constant part out of a stereo signal: a first-order high-pass at 5 Hz.
///
/// Shapes: any number of stereo frames, in place.
/// Units:  -0.07 dB at 40 Hz; a constant is 80 dB down after 0.3 s.
/// Thread: audio.
/// Errors: none. A non-finite input poisons the state until `heal()`.
class DcBlock {
public:
    static constexpr Hz kCorner{5.0f};

    explicit DcBlock(SampleRate fs) CHRONUS_RT;
    void process(StereoBlock io) CHRONUS_RT;

    /// True when the state was not finite or had run away, and was reset.
    bool heal() CHRONUS_RT;
    void reset() CHRONUS_RT { constant_ = F4{}; }
    /// True when silent input gives silent output (below -120 dBFS).
    bool idle() const CHRONUS_RT;

private:
    float gain_;
    F4 constant_{}; // of both channels, as heard so far
};

} // namespace chronus::dsp
