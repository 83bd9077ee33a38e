#pragma once

#include "dsp/lanes.h"
#include "dsp/rt.h"
#include "dsp/units.h"

namespace chronus::dsp {

/// The ear's weighting of BS.1770 on several signals at once: a shelf of 4 dB above 1.7 kHz, for
/// the head, then a high-pass at 38 Hz. Source: ITU-R BS.1770-4, whose two filters at 48 kHz are
/// bilinear transforms; here at any rate.
template <class V>
class KWeighting {
public:
    explicit KWeighting(SampleRate fs) CHRONUS_RT;
    CHRONUS_INLINE V step(V x) CHRONUS_RT {
        const V y = head_.b0 * x + head_1_;
        head_1_ = head_.b1 * x - head_.a1 * y + head_2_;
        head_2_ = head_.b2 * x - head_.a2 * y;
        const V z = y + bass_1_;
        bass_1_ = bass_2_ - 2.0f * y - bass_.a1 * z;
        bass_2_ = y - bass_.a2 * z;
        return z;
    }

private:
    struct Section {
        float b0 = 1.0f, b1 = -2.0f, b2 = 1.0f, a1 = 0.0f, a2 = 0.0f;
    };
    Section head_, bass_;
    V head_1_{}, head_2_{}, bass_1_{}, bass_2_{};
};

} // namespace chronus::dsp
