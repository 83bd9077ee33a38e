#pragma once

#include "osc/peer.h"

#include <cstddef>
#include <cstdint>

namespace chronus::osc {

/// What is known of where a packet says it comes from. Anybody can write any address into a
/// datagram, but for loopback's, which the system keeps out of the network.
enum class Trust : std::uint8_t {
    stranger, ///< may be anybody, and somebody else's address
    proven,   ///< gave a token; or has a connection, which nobody can have from another's address
    local,    ///< loopback or the Unix socket
};

/// All that one machine elsewhere can send from: its ports are one, and so are the addresses of an
/// IPv6 network of 64 bits, which it can choose from as it likes.
constexpr Peer machine_of(const Peer &peer) noexcept {
    Peer machine{.ip = peer.ip, .scope = peer.scope, .v6 = peer.v6};
    if (peer.v6)
        for (std::size_t i = 8; i < machine.ip.size(); ++i) machine.ip[i] = 0;
    return machine;
}

} // namespace chronus::osc
