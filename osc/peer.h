#pragma once

#include "engine/result.h"

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <string>

namespace chronus::osc {

/// The other end of a conversation, as a plain value that can be compared, sorted and kept: where
/// datagrams come from, or one connection of a stream.
struct Peer {
    std::array<std::uint8_t, 16> ip{}; ///< in network order; an IPv4 address fills the first four
    std::uint16_t port = 0;
    std::uint32_t scope = 0; ///< the interface of a link-local IPv6 address
    bool v6 = false;
    std::uint32_t stream = 0; ///< counts the connections; 0 is a datagram's sender
    bool local = false;       ///< of a stream: the Unix socket, which has no ip

    friend auto operator<=>(const Peer &, const Peer &) = default;
    /// Of every packet: the ip as two words, not byte by byte.
    friend bool operator==(const Peer &a, const Peer &b) noexcept {
        using Words = std::array<std::uint64_t, 2>;
        const auto x = std::bit_cast<Words>(a.ip), y = std::bit_cast<Words>(b.ip);
        return x[0] == y[0] && x[1] == y[1] && a.port == b.port && a.scope == b.scope &&
               a.v6 == b.v6 && a.stream == b.stream && a.local == b.local;
    }

    /// True for 127.0.0.0/8, ::1 and the Unix socket: nobody but this machine.
    bool is_loopback() const noexcept;

    /// "127.0.0.1:5005", "[::1]:5005", "unix#3"; a connection over TCP ends in its number too.
    std::string text() const;
};

/// The address behind a host name or number; where a name has both kinds, the IPv4 one.
///
/// Thread: control at start, tools. A name may ask the network.
/// Errors: not_found - no such host.
Result<Peer> resolve(const std::string &host, std::uint16_t port);

} // namespace chronus::osc
