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

constexpr std::size_t kSteps = 4, kChannels = 8, kTanks = 16, kMoving = 4;

constexpr float kSmallest = 0.5f, kLargest = 1.5f; ///< all paths against those below
constexpr float kLongestPreDelay = 0.25f;

constexpr float kSwingSeconds = 16.0f / 48000.0f; ///< at half of its knob
/// What the moving lines' interpolation costs at 8 kHz, in units of 60 dB a second; given back by
/// the high shelf.
constexpr float kSwingLoss = 0.013f;

/// Delays of the diffuser in ms: step s spreads its eight channels over 12, 22, 42, 64 ms, one in
/// each eighth, at a random place in it.
constexpr std::array<std::array<float, kChannels>, kSteps> kDiffuserMs{{
    {0.97f, 2.31f, 4.13f, 4.94f, 7.27f, 8.43f, 9.61f, 11.83f},
    {1.43f, 4.61f, 7.39f, 9.17f, 12.91f, 16.07f, 17.33f, 20.51f},
    {3.79f, 6.11f, 14.93f, 18.17f, 21.89f, 30.71f, 33.31f, 39.43f},
    {5.03f, 13.19f, 17.21f, 29.63f, 38.83f, 41.23f, 54.59f, 57.97f},
}};
/// Bit c: channel c is turned over after the step.
constexpr std::array<unsigned, kSteps> kTurned{0b00011011, 0b10010110, 0b01110010, 0b11000101};

constexpr float kShortestTank = 0.030f, kTankOctaves = 1.67807190f; // to 96 ms
constexpr std::array<float, kMoving> kSwingHz{0.23f, 0.37f, 0.51f, 0.67f};

/// Bent sign patterns, (-1)^(x0 x1 + x2 x3) and the same times (-1)^x0: orthogonal, and as unlike
/// to every row of the Hadamard matrix as can be, so that no line's delay shows in the output. What
/// is right is left with every other line turned over.
constexpr unsigned kLeftSigns = 0b0111'1000'1000'1000;

/// Of the diffuser's channels into the tank's lines; with `kTurned` the least coloured and least
/// correlated of a dozen tried.
constexpr unsigned kFeedSigns = 0b0010'0100'0111'1011;

constexpr bool turned(unsigned bits, std::size_t i) CHRONUS_RT { return ((bits >> i) & 1u) != 0; }

constexpr bool prime(std::size_t n) CHRONUS_RT {
    for (std::size_t i = 2; i * i <= n; ++i)
        if (n % i == 0) return false;
    return true;
}

/// How long every line is for one size of the room, in frames.
struct Lengths {
    std::array<std::array<std::size_t, kChannels>, kSteps> diffuser{};
    std::array<std::size_t, kTanks> tanks{};

    Lengths() = default;
    Lengths(SampleRate fs, float size) CHRONUS_RT {
        for (std::size_t s = 0; s < kSteps; ++s)
            for (std::size_t c = 0; c < kChannels; ++c) {
                // A larger room is no less dense at its start, but its last step bridges some of
                // the time until the longer lines answer; in one as short as the smallest both
                // ears would hear much the same.
                const float longest = s + 1 == kSteps ? 1.15f : 1.0f;
                const float reach = std::clamp(size, 0.66f, longest);
                const float frames = kDiffuserMs[s][c] * 0.001f * reach * fs.hz;
                diffuser[s][c] =
                    std::max<std::size_t>(kTick, static_cast<std::size_t>(frames + 0.5f));
            }
        for (std::size_t i = 0; i < kTanks; ++i) {
            const float octaves = kTankOctaves * static_cast<float>(i) / 15.0f;
            tanks[i] = static_cast<std::size_t>(kShortestTank * size * exp2(octaves) * fs.hz);
            while (!prime(tanks[i])) ++tanks[i];
        }
    }
};

/// Lines 3, 7, 11 and 15 move.
constexpr bool moves(std::size_t line) CHRONUS_RT { return line % 4 == 3; }

} // namespace chronus::dsp::plan
