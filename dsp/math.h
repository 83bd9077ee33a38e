#pragma once

#include "dsp/lanes.h"

#include <algorithm>
#include <bit>
#include <cstdint>

/// Elementary functions of our own: libm differs between machines, these give the same bits on all.
/// Each takes a float or eight of them.
namespace chronus::dsp {

namespace detail {
CHRONUS_INLINE std::int32_t bits(float x) noexcept { return std::bit_cast<std::int32_t>(x); }
CHRONUS_INLINE I8 bits(F8 x) noexcept { return std::bit_cast<I8>(x); }
CHRONUS_INLINE float from_bits(std::int32_t x) noexcept { return std::bit_cast<float>(x); }
CHRONUS_INLINE F8 from_bits(I8 x) noexcept { return std::bit_cast<F8>(x); }
CHRONUS_INLINE std::int32_t to_int(float x) noexcept { return static_cast<std::int32_t>(x); }
CHRONUS_INLINE I8 to_int(F8 x) noexcept { return truncated(x); }
CHRONUS_INLINE float to_float(std::int32_t x) noexcept { return static_cast<float>(x); }
CHRONUS_INLINE F8 to_float(I8 x) noexcept { return floated(x); }
CHRONUS_INLINE float all(float, float x) noexcept { return x; }
CHRONUS_INLINE F8 all(F8, float x) noexcept { return splat(x); }
CHRONUS_INLINE float lower(float a, float b) noexcept { return a < b ? a : b; }
CHRONUS_INLINE F8 lower(F8 a, F8 b) noexcept { return min(a, b); }
CHRONUS_INLINE float upper(float a, float b) noexcept { return a > b ? a : b; }
CHRONUS_INLINE F8 upper(F8 a, F8 b) noexcept { return max(a, b); }
} // namespace detail

/// 2^x for x in [-126, 126] (clamped), relative error below 3e-7.
template <class T>
CHRONUS_INLINE T exp2(T x) noexcept {
    using namespace detail;
    x = lower(upper(x, all(x, -126.0f)), all(x, 126.0f));
    const auto whole = to_int(x + select(x < 0.0f, all(x, -0.5f), all(x, 0.5f)));
    const T f = x - to_float(whole); // in [-0.5, 0.5]
    T p = all(x, 1.535336188e-4f);
    p = p * f + 1.339887440e-3f;
    p = p * f + 9.618437357e-3f;
    p = p * f + 5.550332548e-2f;
    p = p * f + 2.402264791e-1f;
    p = p * f + 6.931472028e-1f;
    p = p * f + 1.0f;
    return from_bits(bits(p) + (whole << 23));
}

/// log2(x) for normal x > 0, absolute error below 3e-7 near 1 and relative elsewhere.
template <class T>
CHRONUS_INLINE T log2(T x) noexcept {
    using namespace detail;
    const auto raw = bits(x);
    // Take the mantissa into [sqrt(1/2), sqrt(2)) so that the series is centred.
    const auto exponent = (raw - 0x3f3504f3) >> 23;
    const T m = from_bits(raw - (exponent << 23)) - 1.0f;
    // atanh form: log(1+m) = 2 atanh(m / (2+m)).
    const T s = m / (m + 2.0f);
    const T s2 = s * s;
    T p = all(x, 0.32820983f);
    p = p * s2 + 0.41198576f;
    p = p * s2 + 0.57708018f;
    p = p * s2 + 0.96179669f;
    p = p * s2 + 2.88539008f;
    return p * s + to_float(exponent);
}

/// tan(pi f) for f in [0, 0.49], where f is a frequency over the sample rate; within 0.01 cent.
template <class T>
CHRONUS_INLINE T tan_pi(T f) noexcept {
    const T z = f * 3.14159265358979f;
    const T z2 = z * z;
    return z * (945.0f - 105.0f * z2 + z2 * z2) / (945.0f - 420.0f * z2 + 15.0f * z2 * z2);
}

/// sin(2 pi t) for a phase t in [-0.5, 0.5] turns.
template <class T>
CHRONUS_INLINE T sin_turns(T t) noexcept {
    using namespace detail;
    // Fold to a quarter turn, where an odd polynomial is exact to float precision.
    const T folded = select(t > 0.25f, 0.5f - t, select(t < -0.25f, -0.5f - t, t));
    const T z = folded * folded;
    T p = all(t, 39.6580048f);
    p = p * z - 76.5640961f;
    p = p * z + 81.6016541f;
    p = p * z - 41.3416550f;
    p = p * z + 6.28318525f;
    return p * folded;
}

/// tanh(x), error below 1e-4, exactly +-1 in the far ends; a 7/6 rational.
template <class T>
CHRONUS_INLINE T tanh(T x) noexcept {
    using namespace detail;
    x = lower(upper(x, all(x, -4.97f)), all(x, 4.97f));
    const T z = x * x;
    return x * (135135.0f + z * (17325.0f + z * (378.0f + z))) /
           (135135.0f + z * (62370.0f + z * (3150.0f + z * 28.0f)));
}

/// Amplitude of a level in decibels.
CHRONUS_INLINE float gain_of(float decibels) noexcept { return exp2(decibels * 0.16609640f); }

/// What is left of one after `frames` frames of a one-pole with time constant `tau` frames.
CHRONUS_INLINE float decay_over(float frames, float tau) noexcept {
    return tau > 0.0f ? exp2(-1.44269504f * frames / tau) : 0.0f;
}

} // namespace chronus::dsp
