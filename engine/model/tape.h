#pragma once

#include "dsp/block.h"
#include "dsp/rt.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace chronus {

/// The way of recorded sound from the audio thread to the disk thread: a ring of stereo frames with
/// one writer and one reader.
///
/// Shapes: `memory` is interleaved left, right; its length in frames is a power of two. The ring
///         does not own it.
class Tape {
public:
    explicit Tape(std::span<float> memory) noexcept
        : memory_(memory), mask_(memory.size() / 2 - 1) {}

    /// Thread: audio. What does not fit is counted in `lost()`, never waited for.
    void write(const StereoBlock &block) CHRONUS_RT {
        const std::uint64_t end = written_.load(std::memory_order_relaxed);
        const std::uint64_t held = end - read_.load(std::memory_order_acquire);
        const std::size_t room = mask_ + 1 - static_cast<std::size_t>(held);
        const std::size_t count = std::min(room, block.frames());
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t at = 2 * ((end + i) & mask_);
            memory_[at] = block.left[i];
            memory_[at + 1] = block.right[i];
        }
        if (count < block.frames())
            lost_.fetch_add(block.frames() - count, std::memory_order_relaxed);
        written_.store(end + count, std::memory_order_release);
    }

    /// Copies up to `out.size() / 2` frames, interleaved, and returns how many.
    ///
    /// Thread: disk.
    std::size_t read(std::span<float> out) noexcept {
        const std::uint64_t begin = read_.load(std::memory_order_relaxed);
        const std::uint64_t held = written_.load(std::memory_order_acquire) - begin;
        const std::size_t count = std::min(static_cast<std::size_t>(held), out.size() / 2);
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t at = 2 * ((begin + i) & mask_);
            out[2 * i] = memory_[at];
            out[2 * i + 1] = memory_[at + 1];
        }
        read_.store(begin + count, std::memory_order_release);
        return count;
    }

    /// Frames that found no room since the tape was made.
    std::uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }

private:
    std::span<float> memory_;
    std::size_t mask_;
    alignas(64) std::atomic<std::uint64_t> written_{0};
    alignas(64) std::atomic<std::uint64_t> read_{0};
    std::atomic<std::uint64_t> lost_{0};
};

} // namespace chronus
