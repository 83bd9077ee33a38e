#pragma once

#include "dsp/glide.h"
#include "dsp/rt.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace chronus::dsp {

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
