#pragma once

#include "dsp/block.h"
#include "dsp/rows.h"
#include "dsp/rt.h"

#include <array>
#include <cstddef>

/// How high a signal gets between its samples, from four points for each: those half way by a long
/// filter, those between them and the samples by a short one, as at twice the rate there is little
/// to interpolate.
///
/// Source: ITU-R BS.1770-4 annex 2, with filters of our own.
namespace chronus::dsp {

namespace between {
/// One side of a filter, from the middle on. Half way: for meters, where what is read must be right
/// (minimax: within 0.07 dB to 21.2 kHz at 48 kHz), and for the limiter, which must find what hot
/// noise has its peaks from (least squares to 23.2 kHz, within 0.06 dB to 10 kHz).
inline constexpr std::array kRight{0.63449896f,  -0.20591002f,   0.11704497f,  -0.076995143f,
                                   0.053524352f, -0.037892491f,  0.026760498f, -0.018571911f,
                                   0.012487466f, -0.0079963558f, 0.0068928564f};
inline constexpr std::array kWideBand{0.63677993f,  -0.21121187f,  0.12389394f,  -0.086892711f,
                                      0.067241377f, -0.052626484f, 0.040866714f, -0.034852932f,
                                      0.03181507f,  -0.024099405f, 0.011299901f};
/// Between those and the samples.
inline constexpr std::array kQuarter{0.60057181f, -0.12254934f, 0.022871631f};
} // namespace between

/// Samples that the points after one of them are found from: the one itself is number kPeakMiddle.
inline constexpr std::size_t kPeakTaps = 2 * between::kRight.size() + 2;
inline constexpr std::size_t kPeakMiddle = kPeakTaps / 2 - 1;

/// What is half way to the sample after `x`.
template <const auto &kTaps, class V, class T>
CHRONUS_INLINE V half_way(const T *x) CHRONUS_RT {
    V y{};
#pragma GCC unroll 11
    for (std::size_t k = 0; k < kTaps.size(); ++k)
        y += kTaps[k] * (load<V>(x - k) + load<V>(x + k + 1));
    return y;
}

/// Largest of the sample at `x` and the three points after it; at `half` is the middle one.
template <class V, class T>
CHRONUS_INLINE V largest_after(const T *x, const T *half) CHRONUS_RT {
    using between::kQuarter;
    const V before = load<V>(half - 1), here = load<V>(half), next = load<V>(half + 1);
    const V x0 = load<V>(x), x1 = load<V>(x + 1);
    const V first = kQuarter[0] * (x0 + here) + kQuarter[1] * (before + x1) +
                    kQuarter[2] * (load<V>(x - 1) + next);
    const V third = kQuarter[0] * (here + x1) + kQuarter[1] * (x0 + next) +
                    kQuarter[2] * (before + load<V>(x + 2));
    return larger(larger(magnitude(x0), magnitude(here)),
                  larger(magnitude(first), magnitude(third)));
}

/// The same for `frames` <= kTick successive samples; `x` points to the first one's first tap.
/// Vectors of `V` are of successive frames where a T is one number, else of one frame.
template <const auto &kTaps, class V, class T>
CHRONUS_INLINE void true_peaks(const T *x, std::size_t frames, T *out) CHRONUS_RT {
    constexpr std::size_t kStep = sizeof(V) / sizeof(T);
    x += kPeakMiddle;
    std::array<T, kTick + 2 + 2 * kStep> halves; // the first is before the first sample
    for (std::size_t i = 0; i < frames + 2; i += kStep)
        store(halves.data() + i, half_way<kTaps, V>(x + i - 1));
    for (std::size_t i = 0; i < frames; i += kStep)
        store(out + i, largest_after<V>(x + i, halves.data() + 1 + i));
}

} // namespace chronus::dsp
