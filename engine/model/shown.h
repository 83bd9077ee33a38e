#pragma once

#include "dsp/rt.h"

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace chronus {

/// A value of several words that one thread shows and any may look at, always whole. There are two
/// places for it: one is written while the other is read, so neither side waits for the other.
template <class T>
class Shown {
    static_assert(std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>);
    static_assert(sizeof(T) % sizeof(std::uint64_t) == 0);
    static constexpr std::size_t kWords = sizeof(T) / sizeof(std::uint64_t);
    using Words = std::array<std::uint64_t, kWords>;

public:
    /// Thread: the one that shows.
    void show(const T &value) CHRONUS_RT {
        const std::uint64_t turn = turn_.load(std::memory_order_relaxed) + 1;
        const auto words = std::bit_cast<Words>(value);
        for (std::size_t i = 0; i < kWords; ++i)
            places_[turn % 2][i].store(words[i], std::memory_order_release);
        turn_.store(turn, std::memory_order_release);
    }

    /// The value shown last; looks again only when another two were shown meanwhile.
    T look() const noexcept {
        for (;;) {
            const std::uint64_t turn = turn_.load(std::memory_order_acquire);
            Words words;
            for (std::size_t i = 0; i < kWords; ++i)
                words[i] = places_[turn % 2][i].load(std::memory_order_acquire);
            // A word of a later turn in this place would have brought that turn's forerunner along.
            if (turn_.load(std::memory_order_relaxed) == turn) return std::bit_cast<T>(words);
        }
    }

private:
    std::atomic<std::uint64_t> turn_{0};
    std::array<std::array<std::atomic<std::uint64_t>, kWords>, 2> places_{};
};

} // namespace chronus
