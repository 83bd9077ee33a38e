#pragma once

#include "dsp/block.h"
#include "dsp/math.h"
#include "dsp/rt.h"

#include <array>
#include <cstddef>
#include <cstdint>

/// The two ways a control travels: in a straight line over one control tick, and exponentially.
namespace chronus::dsp {

/// Share of the way to its target that a one-pole goes in one frame: 1 - e^(-1/tau).
/// Exact also for long times, where a plain `1 - exp` would lose its digits.
///
/// Units: tau in frames; 0 or less arrives at once.
CHRONUS_INLINE float one_pole_rate(float tau) CHRONUS_RT {
    if (!(tau > 0.0f)) return 1.0f;
    const float u = 1.0f / tau;
    if (u > 0.25f) return 1.0f - exp2(-1.44269504f * u);
    return u * (1.0f - u / 2.0f * (1.0f - u / 3.0f * (1.0f - u / 4.0f * (1.0f - u / 5.0f))));
}

/// Bit `lane` of a lane set.
CHRONUS_INLINE unsigned lane_bit(std::size_t lane) CHRONUS_RT { return 1u << lane; }
inline constexpr unsigned kAllLanes = 0xff;

/// Eight values on exponential ways to their targets, one one-pole each. What is kept is the
/// distance, which floats hold exactly however slow the way is.
///
/// Thread: audio.
class Approach {
public:
    F8 target = {}, distance = {}, rate = {}; // value = target + distance

    /// A new target; the value stays where it is and sets out.
    void aim(std::size_t lane, float to) CHRONUS_RT {
        distance[lane] = distance[lane] + target[lane] - to;
        target[lane] = to;
        moving_ |= lane_bit(lane);
    }
    void jump(std::size_t lane) CHRONUS_RT {
        distance[lane] = 0.0f;
        moving_ &= ~lane_bit(lane);
    }
    /// Puts the value `offset` away from its target, as the onset of an envelope does.
    void displace(std::size_t lane, float offset) CHRONUS_RT {
        distance[lane] = offset;
        moving_ |= lane_bit(lane);
    }
    bool moving() const CHRONUS_RT { return moving_ != 0; }

    F8 value() const CHRONUS_RT { return target + distance; }
    /// One frame on.
    CHRONUS_INLINE void step() CHRONUS_RT { distance = arrived(distance - distance * rate); }
    /// What is left of a way: nothing of one shorter than 1e-6.
    template <class V>
    static CHRONUS_INLINE V arrived(V left) CHRONUS_RT {
        const auto raw = detail::bits(left);
        return detail::from_bits(raw & (detail::from_bits(raw & 0x7fffffff) >= 1e-6f));
    }
    /// Looks which lanes are still under way; changes no value, so it may be called at any time.
    void settle() CHRONUS_RT { moving_ = lane_bits(abs(distance) <= 0.0f) ^ kAllLanes; }
    template <class Self, class F>
    static void each(Self &self, F f) CHRONUS_RT {
        f(self.target), f(self.distance), f(self.rate);
    }

private:
    unsigned moving_ = 0;
};

/// One ramped parameter inside a sample loop; `next()` costs nothing when nothing moves.
template <bool kMoving>
struct Line {
    F8 value = {}, slope = {};
    CHRONUS_INLINE F8 next() CHRONUS_RT {
        if constexpr (kMoving) value = value + slope;
        return value;
    }
};

/// `kCount` parameters of eight lanes, each going straight to its target within kTick frames.
///
/// Shapes: a run must be cut where a lane arrives: ask `stretch`, generate that much, `advance`.
/// Thread: audio.
template <std::size_t kCount>
class Ramps {
public:
    using Values = std::array<float, kCount>;

    void aim(std::size_t lane, const Values &targets) CHRONUS_RT {
        for (std::size_t i = 0; i < kCount; ++i) {
            target_[i][lane] = targets[i];
            slope_[i][lane] = (targets[i] - value_[i][lane]) * (1.0f / kTick);
            if (targets[i] != 0.0f) alive_[lane] |= 1u << i;
        }
        left_[lane] = kTick;
        moving_ |= lane_bit(lane);
        gather();
    }
    /// Arrives at once.
    void snap(std::size_t lane) CHRONUS_RT {
        alive_[lane] = 0;
        for (std::size_t i = 0; i < kCount; ++i) {
            value_[i][lane] = target_[i][lane];
            slope_[i][lane] = 0.0f;
            if (target_[i][lane] != 0.0f) alive_[lane] |= 1u << i;
        }
        left_[lane] = 0;
        moving_ &= ~lane_bit(lane);
        gather();
    }
    bool moving() const CHRONUS_RT { return moving_ != 0; }

    /// The most of `frames` that can be generated before some lane arrives.
    std::uint32_t stretch(std::uint32_t frames) const CHRONUS_RT {
        if (!moving()) return frames;
        for (const std::uint32_t left : left_)
            if (left != 0 && left < frames) frames = left;
        return frames;
    }
    /// Counts a generated stretch; lanes that arrive stand exactly on their targets.
    void advance(std::uint32_t frames) CHRONUS_RT {
        if (!moving()) return;
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            if (left_[lane] != 0 && (left_[lane] -= frames) == 0) snap(lane);
    }

    /// Parameters that are, or are going to be, other than zero in some lane: one bit each.
    unsigned alive() const CHRONUS_RT { return alive_somewhere_; }
    unsigned alive(std::size_t lane) const CHRONUS_RT { return alive_[lane]; }
    unsigned alive(I8 lanes) const CHRONUS_RT {
        unsigned alive = 0;
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            alive |= alive_[lane] & static_cast<unsigned>(lanes[lane]);
        return alive;
    }
    /// The lanes in which one of the parameters `bits` is alive.
    I8 lanes_with(unsigned bits) const CHRONUS_RT {
        I8 lanes = {};
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            lanes[lane] = (alive_[lane] & bits) != 0 ? -1 : 0;
        return lanes;
    }

    template <bool kMoving>
    CHRONUS_INLINE Line<kMoving> line(std::size_t i) const CHRONUS_RT {
        return {value_[i], slope_[i]};
    }
    template <bool kMoving>
    CHRONUS_INLINE void keep(std::size_t i, const Line<kMoving> &line) CHRONUS_RT {
        if constexpr (kMoving) value_[i] = line.value;
    }
    /// Moves a line on that nothing was made with.
    void pass(std::size_t i, std::uint32_t frames) CHRONUS_RT {
        for (std::uint32_t frame = 0; frame < frames; ++frame) value_[i] = value_[i] + slope_[i];
    }
    template <class Self, class F>
    static void each(Self &self, F f) CHRONUS_RT {
        for (auto *rows : {&self.value_, &self.slope_, &self.target_})
            for (auto &x : *rows) f(x);
    }

private:
    void gather() CHRONUS_RT {
        alive_somewhere_ = 0;
        for (const unsigned bits : alive_) alive_somewhere_ |= bits;
    }

    F8 value_[kCount] = {}, slope_[kCount] = {}, target_[kCount] = {};
    std::array<std::uint32_t, kLanes> left_{};
    std::array<unsigned, kLanes> alive_{};
    unsigned moving_ = 0, alive_somewhere_ = 0;

    static_assert(kCount <= 32, "alive() has one bit a parameter");
};

} // namespace chronus::dsp
