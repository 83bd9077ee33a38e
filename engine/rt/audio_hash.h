#pragma once

#include "dsp/block.h"
#include "dsp/rt.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace chronus::rt {

/// Tells equal sound from any other: a sum over the bits of both channels in which every sample
/// and its place count. It is no proof against forgers.
///
/// Thread: audio.
class AudioHash {
public:
    /// Shapes: whole rows of eight frames.
    void add(StereoBlock block) CHRONUS_RT {
        const float *const left = block.left.data(), *const right = block.right.data();
        for (std::size_t i = 0; i + kRow <= block.frames(); i += kRow) {
            stir(left + i);
            stir(right + i);
        }
    }

    /// Of all since the last call.
    std::uint64_t take() CHRONUS_RT {
        std::uint64_t sum = 0;
        for (std::uint32_t &row : rows_) {
            sum = (sum ^ row) * 0x9e3779b97f4a7c15u;
            sum ^= sum >> 32;
            row = kSeed;
        }
        return sum;
    }

private:
    static constexpr std::size_t kRow = 8;
    static constexpr std::uint32_t kSeed = 0x811c9dc5u, kFactor = 0x9e3779b1u;

    /// A product moves bits up, the shift brings the high ones down.
    void stir(const float *samples) CHRONUS_RT {
        for (std::size_t k = 0; k < kRow; ++k) {
            const std::uint32_t up =
                (rows_[k] ^ std::bit_cast<std::uint32_t>(samples[k])) * kFactor;
            rows_[k] = up ^ up >> 15;
        }
    }

    std::array<std::uint32_t, kRow> rows_{kSeed, kSeed, kSeed, kSeed, kSeed, kSeed, kSeed, kSeed};
};

} // namespace chronus::rt
