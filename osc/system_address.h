#pragma once

#include "osc/peer.h"

#include <netinet/in.h>
#include <sys/socket.h>

namespace chronus::osc {

/// A peer as the system spells it: for the sockets only.
struct SystemAddress {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_storage);

    sockaddr *get() noexcept { return reinterpret_cast<sockaddr *>(&storage); }
};

SystemAddress to_system(const Peer &peer) noexcept;

/// An address that is neither IPv4 nor IPv6 comes out as 0.0.0.0:0.
Peer from_system(const SystemAddress &address) noexcept;

} // namespace chronus::osc
