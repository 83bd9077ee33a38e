#pragma once

#include "dsp/lfo.h"
#include "dsp/math.h"
#include "dsp/ramp.h"
#include "dsp/rt.h"
#include "dsp/units.h"

#include <cstddef>
#include <cstdint>

namespace chronus::dsp {

/// Eight unlike streams of white noise, even over [-1, 1).
///
/// Source: G. Marsaglia, "Xorshift RNGs", 2003 (the triple 13, 17, 5).
class WhiteNoise {
public:
    explicit WhiteNoise(std::uint32_t seed) CHRONUS_RT {
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            state_[lane] = hash(seed ^ hash(static_cast<std::uint32_t>(lane) + 1)) | 1u; // never 0
    }
    CHRONUS_INLINE F8 next() CHRONUS_RT {
        U8 x = state_;
        x = x ^ (x << 13);
        x = x ^ (x >> 17);
        x = x ^ (x << 5);
        state_ = x;
        return detail::to_float(std::bit_cast<I8>(x)) * 0x1p-31f;
    }
    /// Lanes not in `running` stay where they were before, so that no lane hears of its neighbours.
    void keep(const WhiteNoise &before, I8 running) CHRONUS_RT {
        const U8 mask = std::bit_cast<U8>(running);
        state_ = (state_ & mask) | (before.state_ & ~mask);
    }

private:
    U8 state_ = {};
};

/// White noise bent to fall by 3 dB an octave from 16 Hz up, within 0.3 dB: poles two octaves apart
/// with a zero in the middle of each pair. RMS 0.25 for white noise of RMS 0.577.
class PinkFilter {
public:
    explicit PinkFilter(SampleRate fs) CHRONUS_RT {
        float hz = 16.0f;
        for (std::size_t i = 0; i < kPoles; ++i, hz *= 4.0f) {
            pole_[i] = 1.0f - one_pole_rate(fs.hz / (6.28318531f * hz));
            zero_[i] = 1.0f - one_pole_rate(fs.hz / (6.28318531f * 2.0f * hz));
        }
    }
    CHRONUS_INLINE F8 next(F8 x) CHRONUS_RT {
        F8 before = state_[0];
        state_[0] = x;
        for (std::size_t i = 0; i < kPoles; ++i) {
            const F8 y = x - (i + 1 < kPoles ? zero_[i] : 0.0f) * before + pole_[i] * state_[i + 1];
            before = state_[i + 1];
            state_[i + 1] = x = y;
        }
        return x * kGain;
    }
    void reset(std::size_t lane) CHRONUS_RT {
        for (F8 &s : state_) s[lane] = 0.0f;
    }
    template <class Self, class F>
    static void each(Self &self, F f) CHRONUS_RT {
        for (auto &s : self.state_) f(s);
    }

private:
    static constexpr std::size_t kPoles = 6;
    static constexpr float kGain = 0.2584f;
    float pole_[kPoles] = {}, zero_[kPoles] = {};
    F8 state_[kPoles + 1] = {}; // the input, then what leaves each section, one frame ago
};

/// White noise integrated, leaking below 20 Hz: falls by 6 dB an octave. RMS 0.25.
class BrownFilter {
public:
    explicit BrownFilter(SampleRate fs) CHRONUS_RT
        : rate_(one_pole_rate(fs.hz / (6.28318531f * 20.0f))),
          gain_(0.25f * 1.7320508f * exp2(0.5f * log2((2.0f - rate_) / rate_))) {}
    CHRONUS_INLINE F8 next(F8 x) CHRONUS_RT {
        state_ = state_ + (x - state_) * rate_;
        return state_ * gain_;
    }
    void reset(std::size_t lane) CHRONUS_RT { state_[lane] = 0.0f; }
    template <class Self, class F>
    static void each(Self &self, F f) CHRONUS_RT {
        f(self.state_);
    }

private:
    float rate_, gain_;
    F8 state_ = {};
};

} // namespace chronus::dsp
