#pragma once

#include "engine/result.h"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace chronus::osc {

/// The other end of a conversation, as a plain value that can be compared, sorted and kept: where
/// datagrams come from, or one connection of a stream.
struct Peer {
    std::array<std::uint8_t, 16> ip{}; ///< in network order; an IPv4 address fills the first four
    std::uint32_t scope = 0;           ///< the interface of a link-local IPv6 address
    std::uint32_t stream = 0;          ///< counts the connections; 0 is a datagram's sender
    std::uint16_t port = 0;
    bool v6 = false;
    bool local = false; ///< of a stream: the Unix socket, which has no ip

    friend auto operator<=>(const Peer &, const Peer &) = default;
    /// Of every packet: four words, not byte by byte. There is no padding in between.
    friend bool operator==(const Peer &a, const Peer &b) noexcept {
        static_assert(sizeof(Peer) == 28);
        const auto differ = [&]<class Word>(Word, std::size_t at) -> std::uint64_t {
            Word x, y;
            std::memcpy(&x, reinterpret_cast<const char *>(&a) + at, sizeof x);
            std::memcpy(&y, reinterpret_cast<const char *>(&b) + at, sizeof y);
            return x ^ y;
        };
        return (differ(0ul, 0) | differ(0ul, 8) | differ(0ul, 16) | differ(0u, 24)) == 0;
    }

    /// True for 127.0.0.0/8, ::1 and the Unix socket: nobody but this machine.
    bool is_loopback() const noexcept { return local || (v6 ? is_loopback_v6() : ip[0] == 127); }

    /// "127.0.0.1:5005", "[::1]:5005", "unix#3"; a connection over TCP ends in its number too.
    std::string text() const;

private:
    bool is_loopback_v6() const noexcept;
};

/// The address behind a host name or number; where a name has both kinds, the IPv4 one.
///
/// Thread: control at start, tools. A name may ask the network.
/// Errors: not_found - no such host.
Result<Peer> resolve(const std::string &host, std::uint16_t port);

} // namespace chronus::osc
