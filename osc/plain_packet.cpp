#include "osc/plain_packet.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace chronus::osc {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t kMostBytes = 8 * 1024; // of any packet, and
constexpr std::size_t kMostElements = 256;   // of any bundle, as the gate has it
constexpr std::size_t kTail = 8;             // tags and number

std::uint32_t word_at(Bytes bytes, std::size_t at) {
    std::uint32_t word;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    return std::endian::native == std::endian::little ? __builtin_bswap32(word) : word;
}

bool read_message(Bytes message, const ParamRoutes &routes, std::vector<Move> &out) {
    if (message.size() < 4 + kTail) return false;
    const auto id = routes.find(message.first(message.size() - kTail));
    if (!id) return false;
    const std::uint32_t tags = word_at(message, message.size() - kTail);
    const std::uint32_t word = word_at(message, message.size() - 4);
    if (tags != 0x2c660000 && tags != 0x2c690000) return false; // ",f" and ",i"
    const float value = tags == 0x2c660000 ? std::bit_cast<float>(word)
                                           : static_cast<float>(static_cast<std::int32_t>(word));
    out.push_back({*id, value});
    return std::isfinite(value);
}

bool is_bundle_for_now(Bytes packet) {
    static constexpr char kHead[] = "#bundle\0\0\0\0\0\0\0\0\1";
    return packet.size() > 16 && std::memcmp(packet.data(), kHead, 16) == 0;
}

} // namespace

bool read_plain(Bytes packet, const ParamRoutes &routes, std::vector<Move> &out) {
    out.clear();
    if (packet.size() > kMostBytes || packet.size() % 4 != 0) return false;
    if (!is_bundle_for_now(packet)) return read_message(packet, routes, out);
    for (std::size_t at = 16; at < packet.size();) {
        const std::size_t size = word_at(packet, at);
        at += 4;
        if (size % 4 != 0 || size > packet.size() - at || out.size() == kMostElements) return false;
        if (!read_message(packet.subspan(at, size), routes, out)) return false;
        at += size;
    }
    return true;
}

} // namespace chronus::osc
