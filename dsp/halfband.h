#pragma once

#include "dsp/delay_line.h"
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
        const float *x = past_.data();
        for (std::size_t i = 0; i < in.size(); ++i) {
            float between = 0.0f;
            for (std::size_t k = 0; k < N; ++k)
                between += 2.0f * kTaps[k] * (x[i + N - 1 - k] + x[i + N + k]);
            out[2 * i] = between;
            out[2 * i + 1] = x[i + N];
        }
        past_.advance(in.size());
    }
    float total() const CHRONUS_RT { return past_.total(); }
    void reset() CHRONUS_RT { past_ = {}; }

private:
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
        for (std::size_t i = 0; i < out.size(); ++i) {
            even_.block()[i] = in[2 * i];
            odd_.block()[i] = in[2 * i + 1];
        }
        const float *e = even_.data();
        for (std::size_t i = 0; i < out.size(); ++i) {
            float y = 0.5f * odd_.data()[i];
            for (std::size_t k = 0; k < N; ++k) y += kTaps[k] * (e[i + N - 1 - k] + e[i + N + k]);
            out[i] = y;
        }
        even_.advance(out.size());
        odd_.advance(out.size());
    }
    float total() const CHRONUS_RT { return even_.total() + odd_.total(); }
    void reset() CHRONUS_RT { *this = {}; }

private:
    Window<2 * N - 1, kMax> even_;
    Window<N, kMax> odd_;
};

} // namespace chronus::dsp
