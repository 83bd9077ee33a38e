#pragma once

#include "dsp/block.h"
#include "dsp/rt.h"

#include <cstdint>

namespace chronus::dsp {

/// `x` inside [lo, hi]; what is not a number is taken as `lo`.
constexpr float bounded(float x, float lo, float hi) CHRONUS_RT {
    return x > lo ? (x < hi ? x : hi) : lo;
}

constexpr float magnitude(float x) CHRONUS_RT { return x < 0.0f ? -x : x; }

/// A control on its way to a new value: a straight line over one tick, counted in frames, so that
/// how a run is cut into blocks changes no sample.
class Glide {
public:
    constexpr Glide() = default;
    constexpr explicit Glide(float start) : value_(start), target_(start) {}

    void jump(float to) CHRONUS_RT { *this = Glide{to}; }
    void aim(float to) CHRONUS_RT {
        if (to == target_) return;
        target_ = to;
        step_ = (to - value_) * (1.0f / static_cast<float>(kTick));
        left_ = kTick;
    }

    float value() const CHRONUS_RT { return value_; }
    float target() const CHRONUS_RT { return target_; }
    bool moving() const CHRONUS_RT { return left_ > 0; }
    /// False when something in it is not finite, or so large that it soon will not be.
    bool sane() const CHRONUS_RT {
        return magnitude(value_) + magnitude(target_) + magnitude(step_) < 1e6f;
    }

    /// The value for the next frame.
    float next() CHRONUS_RT {
        if (left_ == 0) return value_;
        value_ = --left_ == 0 ? target_ : value_ + step_;
        return value_;
    }

private:
    float value_ = 0.0f, target_ = 0.0f, step_ = 0.0f;
    std::uint32_t left_ = 0;
};

} // namespace chronus::dsp
