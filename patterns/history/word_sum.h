#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

/// A sum over words in which each has its place: torn and stale pages are found by it, in two
/// instructions a word.
namespace chronus::patterns {

inline std::uint64_t with_word(std::uint64_t sum, const std::byte *word) {
    std::uint64_t next = 0;
    std::memcpy(&next, word, sizeof(next));
    return std::rotl(sum, 5) + next;
}

/// Shapes: a multiple of 8 bytes.
inline std::uint64_t word_sum(const std::byte *words, std::size_t bytes) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < bytes; i += 8) sum = with_word(sum, words + i);
    return sum;
}

/// The same, without a loop.
template <std::size_t... Word>
std::uint64_t word_sum(const std::byte *words, std::index_sequence<Word...>) {
    std::uint64_t sum = 0;
    ((sum = with_word(sum, words + 8 * Word)), ...);
    return sum;
}

} // namespace chronus::patterns
