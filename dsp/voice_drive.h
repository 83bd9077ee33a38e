#pragma once

#include "dsp/halfband.h"
#include "dsp/ramp.h"
#include "dsp/rt.h"

#include <cstddef>
#include <cstdint>

namespace chronus::dsp {

/// Eight saturations x / sqrt(1 + x^2) at twice the rate. What leaves them is the curve's mean over
/// the straight line from one sample to the next: (S(b) - S(a)) / (b - a) with S = sqrt(1 + x^2),
/// which is (a + b) / (S(a) + S(b)) without a difference that could cancel.
///
/// A lane that does not saturate passes as it is; one that does comes `kLatency` frames later.
/// Thread: audio.
/// Source: J. Parker, V. Zavalishin, E. Le Bivic, "Reducing the aliasing of nonlinear waveshaping
///         using continuous-time convolution", DAFx 2016, for taking the mean.
class VoiceDrive {
public:
    static constexpr std::size_t kLatency = round_trip(kHalfbandShort);

    /// What of a knob in [0, 1] goes into the curve and out of it: equal RMS for a sine of full
    /// scale, whose top stands 26 dB up the curve at 1.
    struct Curve {
        float gain = 0, makeup = 0, on = 0;
    };
    static Curve curve_of(float knob) CHRONUS_RT;

    struct Lines {
        Line<true> gain, makeup, on;
    };
    /// out = in + on * (makeup * curve(gain * in) - in). A lane must have been reset when its gain
    /// leaves 0.
    void process(const F8 *in, F8 *out, std::uint32_t frames, Lines &lines) CHRONUS_RT;
    void reset(std::size_t lane) CHRONUS_RT;
    template <class Self, class F>
    static void each(Self &self, F f) CHRONUS_RT {
        for (auto &x : self.driven_) f(x);
        for (auto &x : self.even_) f(x);
        for (auto &x : self.odd_) f(x);
        f(self.last_);
    }

private:
    static constexpr std::size_t kTaps = kHalfbandShort.size(), kPast = 2 * kTaps - 1;

    F8 driven_[kPast] = {}, even_[kPast] = {}, odd_[kTaps] = {}; // the frames before
    F8 last_ = {}; // the sample before, at twice the rate
};

} // namespace chronus::dsp
