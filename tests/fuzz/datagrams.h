#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chronus::test {

/// One packet of a conversation, and what comes before it.
struct Datagram {
    std::uint8_t head = 0; ///< bits 0-2 how long a pause, bits 3-4 who sends it; the others nothing
    std::vector<std::byte> bytes = {};

    /// Units: blocks.
    std::uint64_t pause() const;
    /// 0 and 1 on this machine, 2 elsewhere with a token, 3 elsewhere without.
    int sender() const { return head >> 3 & 3; }
};

/// A fuzzer's input as a conversation: for each packet the head, two bytes that count its bytes,
/// the high one first, and those. The last may be cut short.
std::vector<Datagram> datagrams_in(std::span<const std::uint8_t> input);
std::vector<std::uint8_t> written(const std::vector<Datagram> &datagrams);

} // namespace chronus::test
