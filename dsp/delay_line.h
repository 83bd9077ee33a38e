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

/// A block of samples with the `History` samples before it in one piece, so that filters along time
/// are straight loops.
template <std::size_t History, std::size_t Block>
class Window {
public:
    static constexpr std::size_t kHistory = History;

    /// The oldest sample: `History` before the block.
    const float *data() const CHRONUS_RT { return samples_.data(); }
    float *data() CHRONUS_RT { return samples_.data(); }
    /// The block itself, for writing.
    float *block() CHRONUS_RT { return samples_.data() + History; }
    const float *block() const CHRONUS_RT { return samples_.data() + History; }
    /// Makes the first `n` samples of the block, and what precedes them, the past.
    void advance(std::size_t n) CHRONUS_RT { std::copy(data() + n, data() + n + History, data()); }
    /// Sum of the past's magnitudes: small when silent, not a number when one sample is not.
    float total() const CHRONUS_RT {
        float all = 0.0f;
        for (std::size_t i = 0; i < History; ++i) all += magnitude(samples_[i]);
        return all;
    }

private:
    std::array<float, History + Block> samples_{};
};

} // namespace chronus::dsp
