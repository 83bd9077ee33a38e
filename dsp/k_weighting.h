#pragma once

#include "dsp/lanes.h"
#include "dsp/rt.h"
#include "dsp/units.h"

namespace chronus::dsp {

/// The ear's weighting of BS.1770: a shelf of 4 dB above 1.7 kHz, for the head, then a high-pass at
/// 38 Hz. Source: ITU-R BS.1770-4, whose two filters at 48 kHz are bilinear transforms; here at any
/// rate.
struct EarFilters {
    struct Section {
        float b0 = 1.0f, b1 = -2.0f, b2 = 1.0f, a1 = 0.0f, a2 = 0.0f;
    };
    Section head, bass;

    explicit EarFilters(SampleRate fs) CHRONUS_RT;
};

/// On eight signals at once.
class KWeighting {
public:
    explicit KWeighting(SampleRate fs) CHRONUS_RT : ear_(fs) {}
    CHRONUS_INLINE F8 step(F8 x) CHRONUS_RT {
        const F8 y = ear_.head.b0 * x + head_1_;
        head_1_ = ear_.head.b1 * x - ear_.head.a1 * y + head_2_;
        head_2_ = ear_.head.b2 * x - ear_.head.a2 * y;
        const F8 z = y + bass_1_;
        bass_1_ = bass_2_ - 2.0f * y - ear_.bass.a1 * z;
        bass_2_ = y - ear_.bass.a2 * z;
        return z;
    }

private:
    EarFilters ear_;
    F8 head_1_{}, head_2_{}, bass_1_{}, bass_2_{};
};

/// On both sides of one, the second filter a frame behind the first, so that four lanes do it all.
class StereoWeighting {
public:
    explicit StereoWeighting(SampleRate fs) CHRONUS_RT {
        const EarFilters ear(fs);
        const auto both = [&](float EarFilters::Section::*x) {
            return F4{ear.head.*x, ear.head.*x, ear.bass.*x, ear.bass.*x};
        };
        using S = EarFilters::Section;
        b0_ = both(&S::b0), b1_ = both(&S::b1), b2_ = both(&S::b2);
        a1_ = both(&S::a1), a2_ = both(&S::a2);
    }
    /// Shapes: left and right of a frame come first in `x`; those of the frame before, weighted,
    /// are the last two of what comes back.
    CHRONUS_INLINE F4 step(F4 x) CHRONUS_RT {
        const F4 in = __builtin_shufflevector(x, last_, 0, 1, 4, 5);
        last_ = b0_ * in + first_;
        first_ = b1_ * in - a1_ * last_ + second_;
        second_ = b2_ * in - a2_ * last_;
        return last_;
    }

private:
    F4 b0_, b1_, b2_, a1_, a2_;
    F4 last_{}, first_{}, second_{};
};

} // namespace chronus::dsp
