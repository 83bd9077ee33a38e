#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chronus::ctl {

/// Who has a UDP port of this machine.
struct PortOwner {
    int pid = 0;              ///< 0: a process of somebody else's, which we may not look into
    std::string program = {}; ///< "chronusd"
    unsigned uid = 0;
};

/// Nothing when the port is free on 127.0.0.1. Source: proc(5), /proc/net/udp.
std::optional<PortOwner> owner_of_udp_port(std::uint16_t port);

/// Paths of the Unix sockets on which somebody listens. Source: proc(5), /proc/net/unix.
std::vector<std::string> listening_sockets();

} // namespace chronus::ctl
