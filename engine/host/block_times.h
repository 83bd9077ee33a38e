#pragma once

#include "dsp/rt.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace chronus {

/// How long blocks took to render, as shares of the time they last: counted by share, and the
/// longest. A block of more than 1 was late.
struct BlockTimes {
    /// Where counts end, each including its end; what is above the last has a count of its own.
    static constexpr std::array kEnds{1.0f / 64, 1.0f / 32, 1.0f / 16, 1.0f / 8, 1.0f / 4,
                                      1.0f / 2,  3.0f / 4,  1.0f,      2.0f};
    static constexpr std::size_t kCounts = kEnds.size() + 1;

    std::array<std::uint64_t, kCounts> counts{};
    float longest = 0;

    static constexpr std::size_t index_of(float share) noexcept {
        return static_cast<std::size_t>(std::ranges::lower_bound(kEnds, share) - kEnds.begin());
    }
};

/// The same while it is counted.
///
/// Thread: `add` by one audio thread; `add_to` any.
class BlockTimesMeter {
public:
    void add(float share) CHRONUS_RT {
        std::atomic<std::uint64_t> &count = counts_[BlockTimes::index_of(share)];
        count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        if (share > longest_.load(std::memory_order_relaxed))
            longest_.store(share, std::memory_order_relaxed);
    }
    void add_to(BlockTimes &sum) const noexcept {
        for (std::size_t i = 0; i < counts_.size(); ++i)
            sum.counts[i] += counts_[i].load(std::memory_order_relaxed);
        sum.longest = std::max(sum.longest, longest_.load(std::memory_order_relaxed));
    }

private:
    std::array<std::atomic<std::uint64_t>, BlockTimes::kCounts> counts_{};
    std::atomic<float> longest_{0};
};

} // namespace chronus
