#pragma once

#include "dsp/math.h"
#include "dsp/rt.h"

namespace chronus::dsp {

/// A saturation's settings: y = x + amount * (makeup * tanh(gain * x) - x).
struct Drive {
    float gain = 0.0f, makeup = 0.0f, amount = 0.0f;
};

/// Settings of a knob in [0, 1]: nothing at 0, 26 dB into the curve at 1, and equal RMS for a sine
/// of full scale on the way.
///
/// `amount` brings the curve in over the first sixteenth of the knob, so that 0 is exactly nothing.
CHRONUS_INLINE Drive drive_of(float knob) CHRONUS_RT {
    if (knob <= 0.0f) return {};
    const float gain = 0.3f + 19.7f * knob * knob;
    // tanh of a sine of amplitude g has an RMS near g / sqrt(2 + g^2), that sine itself g /
    // sqrt(2).
    const float makeup = exp2(0.5f * log2(1.0f + 0.5f * gain * gain)) / gain;
    return {gain, makeup, knob < 0.0625f ? 16.0f * knob : 1.0f};
}

CHRONUS_INLINE F8 saturate(F8 x, F8 gain, F8 makeup, F8 amount) CHRONUS_RT {
    return x + amount * (makeup * tanh(gain * x) - x);
}

} // namespace chronus::dsp
