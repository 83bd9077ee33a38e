#include "dsp/voice_drive.h"

#include "dsp/math.h"

#include <algorithm>

namespace chronus::dsp {

namespace {

CHRONUS_INLINE F8 length(F8 x) CHRONUS_RT { return sqrt(1.0f + x * x); }

/// The taps to both sides of the middle between x[kTaps - 1] and x[kTaps].
template <std::size_t kTaps>
CHRONUS_INLINE F8 between(const F8 *x) CHRONUS_RT {
    F8 sum = kHalfbandShort[0] * (x[kTaps - 1] + x[kTaps]);
    for (std::size_t k = 1; k < kTaps; ++k)
        sum = sum + kHalfbandShort[k] * (x[kTaps - 1 - k] + x[kTaps + k]);
    return sum;
}

} // namespace

VoiceDrive::Curve VoiceDrive::curve_of(float knob) CHRONUS_RT {
    if (knob <= 0.0f) return {};
    const float gain = 0.02f + 19.98f * knob * knob;
    // The mean square of g sin / sqrt(1 + g^2 sin^2) is 1 - 1 / sqrt(1 + g^2); of a sine it is 1/2.
    const float power = 1.0f - exp2(-0.5f * log2(1.0f + gain * gain));
    return {gain, exp2(-0.5f * log2(2.0f * power)), 1.0f};
}

void VoiceDrive::process(const F8 *in, F8 *out, std::uint32_t frames, Lines &lines) CHRONUS_RT {
    F8 driven[kPast + kTick], even[kPast + kTick], odd[kTaps + kTick];
    std::copy_n(driven_, kPast, driven);
    std::copy_n(even_, kPast, even);
    std::copy_n(odd_, kTaps, odd);
    F8 a = last_, length_a = length(a);
    const auto mean_to = [&](F8 b) CHRONUS_PART {
        const F8 length_b = length(b), mean = (a + b) / (length_a + length_b);
        a = b, length_a = length_b;
        return mean;
    };
    for (std::uint32_t i = 0; i < frames; ++i) {
        driven[kPast + i] = lines.gain.next() * in[i];
        even[kPast + i] = mean_to(2.0f * between<kTaps>(driven + i));
        odd[kTaps + i] = mean_to(driven[kTaps + i]);
        const F8 wet = between<kTaps>(even + i) + 0.5f * odd[i];
        out[i] = in[i] + lines.on.next() * (lines.makeup.next() * wet - in[i]);
    }
    last_ = a;
    std::copy_n(driven + frames, kPast, driven_);
    std::copy_n(even + frames, kPast, even_);
    std::copy_n(odd + frames, kTaps, odd_);
}

void VoiceDrive::reset(std::size_t lane) CHRONUS_RT {
    each(*this, [lane](F8 &x) { x[lane] = 0.0f; });
}

} // namespace chronus::dsp
