#pragma once

#include "dsp/math.h"
#include "dsp/rt.h"

#include <cstdint>

namespace chronus::dsp {

enum class LfoShape : std::uint8_t { sine, triangle, saw, square, random };

/// Thirty-two well mixed bits from thirty-two.
/// Source: C. Wellons, "Prospecting for Hash Functions", 2018 (the constants of lowbias32).
constexpr std::uint32_t hash(std::uint32_t x) noexcept {
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return x ^ (x >> 16);
}

/// A low-frequency oscillator as a function of where it stands, so that it can be asked for any bar
/// in any order. Sine and triangle set out upward from 0, the square from +1; the saw rises;
/// random holds one value a cycle.
///
/// Units:  phase in turns, [0, 1); `cycle` counts whole turns; the value lies in [-1, 1].
/// Thread: any; pure.
CHRONUS_INLINE float lfo_value(LfoShape shape, float phase, std::uint32_t cycle,
                               std::uint32_t seed) CHRONUS_RT {
    const float turn = phase < 0.5f ? phase : phase - 1.0f; // in [-0.5, 0.5)
    switch (shape) {
    case LfoShape::sine: {
        const float y = sin_turns(turn); // its rounding may reach beyond one
        return y > 1.0f ? 1.0f : (y < -1.0f ? -1.0f : y);
    }
    case LfoShape::triangle: {
        const float size = turn < 0.0f ? -turn : turn;
        const float height = size < 0.25f ? 4.0f * size : 2.0f - 4.0f * size;
        return turn < 0.0f ? -height : height;
    }
    case LfoShape::saw:
        return 2.0f * phase - 1.0f;
    case LfoShape::square:
        return phase < 0.5f ? 1.0f : -1.0f;
    case LfoShape::random:
        return static_cast<float>(static_cast<std::int32_t>(hash(seed ^ hash(cycle)))) * 0x1p-31f;
    }
    return 0.0f;
}

} // namespace chronus::dsp
