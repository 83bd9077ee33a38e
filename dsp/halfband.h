#pragma once

#include "dsp/delay_line.h"
#include "dsp/rows.h"
#include "dsp/rt.h"

#include <array>
#include <cstddef>
#include <span>

namespace chronus::dsp {

/// One side of a symmetric half-band low-pass: the taps at +-1, +-3, +-5 ... from the middle. The
/// middle tap is 1/2, all other even ones are 0.
template <std::size_t N>
using HalfbandTaps = std::array<float, N>;

/// 23 taps: flat within 0.003 dB to 1/3 of the low rate (16 of 48 kHz), 70 dB down from 2/3 of it.
/// Source: own equiripple design (Lawson iteration), as the two below.
inline constexpr HalfbandTaps<6> kHalfbandShort{0.31232466f,    -0.089259913f,  0.0389118608f,
                                                -0.0166298607f, 0.00598053737f, -0.00148935411f};
/// 35 taps: the same band, 100 dB.
inline constexpr HalfbandTaps<9> kHalfbandLong{0.314172336f,   -0.0942566842f,   0.0456523712f,
                                               -0.0234275394f, 0.011495129f,     -0.0050928872f,
                                               0.00192430668f, -0.000566827102f, 0.000104747612f};
/// 15 taps: flat to 1/6 of its low rate, 103 dB; for the step from 2 to 4 times.
inline constexpr HalfbandTaps<4> kHalfbandSecond{0.301943477f, -0.0652196594f, 0.0152594943f,
                                                 -0.00198695182f};

/// Frames at the low rate that a trip up and down again takes.
template <std::size_t N>
constexpr std::size_t round_trip(const HalfbandTaps<N> &) CHRONUS_RT {
    return 2 * N - 1;
}

/// Doubles the sample rate.
///
/// Shapes: n <= kMax samples in, 2n out.
/// Thread: audio.
template <const auto &kTaps, std::size_t kMax>
class Upsampler {
    static constexpr std::size_t N = kTaps.size();

public:
    void process(std::span<const float> in, std::span<float> out) CHRONUS_RT {
        std::copy(in.begin(), in.end(), past_.block());
        const float *const x = past_.data();
        const std::size_t whole = in.size() / kWide * kWide;
        for (std::size_t i = 0; i < whole; i += kWide)
            interleave(between<Wide>(x + i), load<Wide>(x + i + N), out.data() + 2 * i);
        for (std::size_t i = whole; i < in.size(); ++i) {
            out[2 * i] = between<float>(x + i);
            out[2 * i + 1] = x[i + N];
        }
        past_.advance(in.size());
    }
    float total() const CHRONUS_RT { return past_.total(); }
    void reset() CHRONUS_RT { past_ = {}; }

private:
    template <class V>
    CHRONUS_INLINE static V between(const float *x) CHRONUS_RT {
        V y{};
#pragma GCC unroll 16
        for (std::size_t k = 0; k < N; ++k)
            y += 2.0f * kTaps[k] * (load<V>(x + N - 1 - k) + load<V>(x + N + k));
        return y;
    }

    Window<2 * N - 1, kMax> past_;
};

/// Halves the sample rate.
///
/// Shapes: 2n samples in, n <= kMax out.
/// Thread: audio.
template <const auto &kTaps, std::size_t kMax>
class Downsampler {
    static constexpr std::size_t N = kTaps.size();

public:
    void process(std::span<const float> in, std::span<float> out) CHRONUS_RT {
        const std::size_t n = out.size();
        float *const even = even_.block(), *const odd = odd_.block();
        const std::size_t whole = n / kWide * kWide;
        for (std::size_t i = 0; i < whole; i += kWide) {
            const Wide first = load<Wide>(in.data() + 2 * i),
                       second = load<Wide>(in.data() + 2 * i + kWide);
            store(even + i, every_other<0>(first, second));
            store(odd + i, every_other<1>(first, second));
        }
        for (std::size_t i = whole; i < n; ++i) {
            even[i] = in[2 * i];
            odd[i] = in[2 * i + 1];
        }
        for (std::size_t i = 0; i < whole; i += kWide) store(out.data() + i, low_pass<Wide>(i));
        for (std::size_t i = whole; i < n; ++i) out[i] = low_pass<float>(i);
        even_.advance(n);
        odd_.advance(n);
    }
    float total() const CHRONUS_RT { return even_.total() + odd_.total(); }
    void reset() CHRONUS_RT { *this = {}; }

private:
    template <class V>
    CHRONUS_INLINE V low_pass(std::size_t i) const CHRONUS_RT {
        const float *const e = even_.data() + i;
        V y = 0.5f * load<V>(odd_.data() + i);
#pragma GCC unroll 16
        for (std::size_t k = 0; k < N; ++k)
            y += kTaps[k] * (load<V>(e + N - 1 - k) + load<V>(e + N + k));
        return y;
    }

    Window<2 * N - 1, kMax> even_;
    Window<N, kMax> odd_;
};

} // namespace chronus::dsp
