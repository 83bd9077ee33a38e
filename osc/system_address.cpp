#include "osc/system_address.h"

#include <cstring>

namespace chronus::osc {

SystemAddress to_system(const Peer &peer) noexcept {
    SystemAddress out;
    if (peer.v6) {
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(peer.port);
        in.sin6_scope_id = peer.scope;
        std::memcpy(&in.sin6_addr, peer.ip.data(), sizeof in.sin6_addr);
        std::memcpy(&out.storage, &in, out.size = sizeof in);
    } else {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(peer.port);
        std::memcpy(&in.sin_addr, peer.ip.data(), sizeof in.sin_addr);
        std::memcpy(&out.storage, &in, out.size = sizeof in);
    }
    return out;
}

Peer from_system(const SystemAddress &address) noexcept {
    Peer peer;
    if (address.storage.ss_family == AF_INET6) {
        sockaddr_in6 in{};
        std::memcpy(&in, &address.storage, sizeof in);
        peer.v6 = true;
        peer.port = ntohs(in.sin6_port);
        peer.scope = in.sin6_scope_id;
        std::memcpy(peer.ip.data(), &in.sin6_addr, sizeof in.sin6_addr);
    } else if (address.storage.ss_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, &address.storage, sizeof in);
        peer.port = ntohs(in.sin_port);
        std::memcpy(peer.ip.data(), &in.sin_addr, sizeof in.sin_addr);
    }
    return peer;
}

} // namespace chronus::osc
