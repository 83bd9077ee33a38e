#pragma once

#include "dsp/block.h"
#include "dsp/math.h"
#include "dsp/rt.h"
#include "dsp/units.h"

#include <algorithm>
#include <array>
#include <cstddef>

/// The reverb's geometry: how long its lines are, which of them move, and which way round they go.
namespace chronus::dsp::plan {

constexpr float kSwingSeconds = 16.0f / 48000.0f;
/// What the moving lines' interpolation costs at 8 kHz, in units of 60 dB a second; given back by
/// the high shelf.
constexpr float kSwingLoss = 0.013f;

/// Delays of the diffuser in ms: step s spreads its eight channels over 12, 22, 42, 64 ms, one in
/// each eighth, at a random place in it.
constexpr std::array<std::array<float, 8>, 4> kDiffuserMs{{
    {0.97f, 2.31f, 4.13f, 4.94f, 7.27f, 8.43f, 9.61f, 11.83f},
    {1.43f, 4.61f, 7.39f, 9.17f, 12.91f, 16.07f, 17.33f, 20.51f},
    {3.79f, 6.11f, 14.93f, 18.17f, 21.89f, 30.71f, 33.31f, 39.43f},
    {5.03f, 13.19f, 17.21f, 29.63f, 38.83f, 41.23f, 54.59f, 57.97f},
}};
/// Bit c: channel c is turned over after the step.
constexpr std::array<unsigned, 4> kTurned{0b00011011, 0b10010110, 0b01110010, 0b11000101};

constexpr float kShortestTank = 0.030f, kTankOctaves = 1.67807190f; // to 96 ms
constexpr std::array<float, 4> kSwingHz{0.23f, 0.37f, 0.51f, 0.67f};

/// Bent sign patterns, (-1)^(x0 x1 + x2 x3) and the same times (-1)^x0: orthogonal, and as unlike
/// to every row of the Hadamard matrix as can be, so that no line's delay shows in the output.
constexpr unsigned kLeftSigns = 0b0111'1000'1000'1000, kRightSigns = kLeftSigns ^ 0xaaaa;

/// Of the diffuser's channels into the tank's lines; with `kTurned` the least coloured and least
/// correlated of a dozen tried.
constexpr unsigned kFeedSigns = 0b0010'0100'0111'1011;

constexpr float sign(unsigned bits, std::size_t i) CHRONUS_RT {
    return ((bits >> i) & 1u) != 0 ? -1.0f : 1.0f;
}

constexpr bool prime(std::size_t n) CHRONUS_RT {
    for (std::size_t i = 2; i * i <= n; ++i)
        if (n % i == 0) return false;
    return true;
}

inline std::size_t diffuser_delay(SampleRate fs, std::size_t step, std::size_t channel) CHRONUS_RT {
    const float frames = kDiffuserMs[step][channel] * 0.001f * fs.hz;
    return std::max<std::size_t>(kTick, static_cast<std::size_t>(frames + 0.5f));
}

inline std::size_t tank_delay(SampleRate fs, std::size_t line) CHRONUS_RT {
    const float octaves = kTankOctaves * static_cast<float>(line) / 15.0f;
    auto frames = static_cast<std::size_t>(kShortestTank * exp2(octaves) * fs.hz);
    while (!prime(frames)) ++frames;
    return frames;
}

/// Lines 3, 7, 11 and 15 move.
constexpr bool moves(std::size_t line) CHRONUS_RT { return line % 4 == 3; }

/// Room for the swing and the interpolator's neighbours.
inline std::size_t tank_size(SampleRate fs, std::size_t line) CHRONUS_RT {
    const auto swing = static_cast<std::size_t>(kSwingSeconds * fs.hz) + 8;
    return tank_delay(fs, line) + (moves(line) ? swing : 0);
}

} // namespace chronus::dsp::plan
