#include "osc/peer.h"

#include "osc/system_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <optional>

namespace chronus::osc {

namespace {

std::optional<Peer> resolve_as(int family, const std::string &host, std::uint16_t port) {
    addrinfo wanted{};
    wanted.ai_family = family;
    wanted.ai_socktype = SOCK_DGRAM;
    addrinfo *list = nullptr;
    if (getaddrinfo(host.c_str(), nullptr, &wanted, &list) != 0) return std::nullopt;
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
    SystemAddress address;
    std::memcpy(&address.storage, list->ai_addr, address.size = list->ai_addrlen);
    Peer peer = from_system(address);
    peer.port = port;
    return peer;
}

} // namespace

bool Peer::is_loopback_v6() const noexcept {
    return std::all_of(ip.begin(), ip.end() - 1, [](auto b) { return b == 0; }) && ip.back() == 1;
}

std::string Peer::text() const {
    if (local) return fmt::format("unix#{}", stream);
    char number[INET6_ADDRSTRLEN] = {};
    inet_ntop(v6 ? AF_INET6 : AF_INET, ip.data(), number, sizeof number);
    const std::string host = v6 ? fmt::format("[{}]", number) : number;
    return fmt::format("{}:{}{}", host, port, stream == 0 ? "" : fmt::format("#{}", stream));
}

Result<Peer> resolve(const std::string &host, std::uint16_t port) {
    if (!host.empty())
        for (const int family : {AF_INET, AF_INET6})
            if (const auto peer = resolve_as(family, host, port)) return *peer;
    return Error{Errc::not_found, fmt::format("host \"{}\": no such address", host)};
}

} // namespace chronus::osc
