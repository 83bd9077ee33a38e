#pragma once

#include "dsp/lanes.h"

#include <algorithm>
#include <bit>
#include <cstdint>

/// Elementary functions of our own: libm differs between machines, these give the same bits on all.
/// Each takes a float or eight of them; the tuned ones also a part of eight.
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
// Of a part of eight.
CHRONUS_INLINE I8::Part bits(F8::Part x) noexcept { return std::bit_cast<I8::Part>(x); }
CHRONUS_INLINE F8::Part from_bits(I8::Part x) noexcept { return std::bit_cast<F8::Part>(x); }
CHRONUS_INLINE F8::Part all(F8::Part, float x) noexcept { return x - F8::Part{}; }
CHRONUS_INLINE float lower(float a, float b) noexcept { return a < b ? a : b; }
CHRONUS_INLINE F8 lower(F8 a, F8 b) noexcept { return min(a, b); }
CHRONUS_INLINE float upper(float a, float b) noexcept { return a > b ? a : b; }
CHRONUS_INLINE F8 upper(F8 a, F8 b) noexcept { return max(a, b); }
} // namespace detail

namespace detail {
/// 2^x for x in [-126, 126], from c[0] + c[1] f + ... = 2^f for f in [-1/2, 1/2].
template <class T, std::size_t kCount>
CHRONUS_INLINE T exp2_with(const float (&c)[kCount], T x) noexcept {
    constexpr float kWhole = 0x1.8p23f; // added, it leaves x rounded to a whole in the last bits
    const T whole = x + kWhole;
    const T f = x - (whole - kWhole);
    T p = all(x, c[kCount - 1]);
    for (std::size_t i = kCount - 1; i-- > 0;) p = p * f + c[i];
    return from_bits(bits(p) + (bits(whole) << 23));
}
} // namespace detail

/// 2^x for x in [-126, 126] (clamped), relative error below 2e-7.
template <class T>
CHRONUS_INLINE T exp2(T x) noexcept {
    using namespace detail;
    constexpr float kPowers[] = {1.0f,          0.693147004f,   0.240222424f,
                                 0.0555073358f, 0.00967151299f, 0.00132647273f};
    return exp2_with(kPowers, lower(upper(x, all(x, -126.0f)), all(x, 126.0f)));
}
/// 2^x for x in [-126, 126], anything elsewhere; as a pitch within 0.005 cent.
template <class T>
CHRONUS_INLINE T exp2_tuned(T x) noexcept {
    constexpr float kPowers[] = {0.999999285f, 0.693121791f, 0.240247443f, 0.0559178591f,
                                 0.00957010221f};
    return detail::exp2_with(kPowers, x);
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

/// tan(15 z) for z in [0, 0.1], where 15 z is pi times a frequency over the sample rate; within
/// 0.005 cent up to 0.45 of it. The fifteenth part makes a factor of the tangent's fraction one.
template <class T>
CHRONUS_INLINE T tan_15(T z) noexcept {
    const T z2 = z * z;
    return z * ((z2 - 0.466666667f) * z2 + 0.0186666667f) /
           ((z2 - 0.124444444f) * z2 + 0.00124444444f);
}
inline constexpr float kPi15 = 0.20943951f; // pi / 15
/// tan(pi f) for f in [0, 0.49], where f is a frequency over the sample rate; within 0.01 cent.
template <class T>
CHRONUS_INLINE T tan_pi(T f) noexcept {
    return tan_15(f * kPi15);
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
