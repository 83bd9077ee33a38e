#include "tests/fuzz/datagrams.h"

#include <algorithm>
#include <array>

namespace chronus::test {

std::uint64_t Datagram::pause() const {
    constexpr std::array<std::uint64_t, 8> kBlocks{0, 0, 0, 1, 1, 4, 12, 40};
    return kBlocks[head & 7];
}

std::vector<Datagram> datagrams_in(std::span<const std::uint8_t> input) {
    std::vector<Datagram> out;
    while (input.size() >= 3) {
        const std::size_t wanted = std::size_t{input[1]} << 8 | input[2];
        Datagram datagram{input[0]};
        input = input.subspan(3);
        const auto bytes = std::as_bytes(input.first(std::min(wanted, input.size())));
        datagram.bytes.assign(bytes.begin(), bytes.end());
        input = input.subspan(bytes.size());
        out.push_back(std::move(datagram));
    }
    return out;
}

std::vector<std::uint8_t> written(const std::vector<Datagram> &datagrams) {
    std::vector<std::uint8_t> out;
    for (const Datagram &datagram : datagrams) {
        out.push_back(datagram.head);
        out.push_back(static_cast<std::uint8_t>(datagram.bytes.size() >> 8));
        out.push_back(static_cast<std::uint8_t>(datagram.bytes.size() & 0xff));
        for (const std::byte byte : datagram.bytes)
            out.push_back(std::to_integer<std::uint8_t>(byte));
    }
    return out;
}

} // namespace chronus::test
