#pragma once

#include "dsp/glide.h"
#include "dsp/rt.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace chronus::dsp {

/// A ring of past samples in memory handed in, read and written a block at a time.
///
/// Shapes: a read may be no longer than its delay, a delay no longer than `size()`.
/// Thread: audio. Costs a copy in at most two pieces.
class DelayLine {
public:
    DelayLine() = default;
    /// `memory` is zero already and is not touched before the first write.
    explicit DelayLine(std::span<float> memory) : memory_(memory) {}

    std::size_t size() const CHRONUS_RT { return memory_.size(); }

    /// out[i] is what is to be, or was, written `delay` samples before the i-th sample of the next
    /// block.
    void read(std::size_t delay, std::span<float> out) const CHRONUS_RT;
    /// Appends a block.
    void write(std::span<const float> in) CHRONUS_RT;
    /// Back to silence; clears no more than was ever written.
    void reset() CHRONUS_RT;

private:
    std::span<float> memory_;
    std::size_t at_ = 0;      // where the next sample goes
    std::size_t written_ = 0; // how much of the memory may hold sound
};

/// A block of numbers with the `History` of them before it in one piece, so that filters along time
/// are straight loops. What is past is put back once every `Blocks` blocks. Loops may run on past a
/// block for up to eight numbers.
template <std::size_t History, std::size_t Block, std::size_t Blocks = 1, class T = float>
class Window {
public:
    static constexpr std::size_t kHistory = History;

    /// The oldest sample: `History` before the block.
    const T *data() const CHRONUS_RT { return samples_.data() + at_; }
    T *data() CHRONUS_RT { return samples_.data() + at_; }
    /// The block itself, for writing.
    T *block() CHRONUS_RT { return data() + History; }
    const T *block() const CHRONUS_RT { return data() + History; }
    /// Makes the first `n` samples of the block, and what precedes them, the past.
    void advance(std::size_t n) CHRONUS_RT {
        at_ += n;
        if (at_ <= (Blocks - 1) * Block) return;
        std::copy_n(data(), History, samples_.data());
        at_ = 0;
    }
    /// Sum of the past's magnitudes: small when silent, not a number when one sample is not.
    T total() const CHRONUS_RT {
        T all{};
        for (std::size_t i = 0; i < History; ++i) all += magnitude(data()[i]);
        return all;
    }

private:
    std::array<T, History + Blocks * Block + 8> samples_{};
    std::size_t at_ = 0;
};

} // namespace chronus::dsp
