// Two daemons set at each other: packets to one that seem to come from the other.

#include "osc/packet.h"
#include "tests/perf/osc_load.h"
#include "tests/perf/osc_load_daemon.h"
#include "tests/perf/osc_load_wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <thread>
#include <unistd.h>

namespace chronus::perf {

namespace {

struct Ports {
    std::uint16_t from, to;
};

/// Sends datagrams under any name. Needs to be root.
class Forger {
public:
    Forger() : fd_(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW)) {}
    ~Forger() { ::close(fd_); }
    bool works() const { return fd_ >= 0; }

    void send(Ports ports, std::span<const std::byte> payload) const {
        iphdr ip{};
        ip.version = 4;
        ip.ihl = 5;
        ip.ttl = 64;
        ip.protocol = IPPROTO_UDP;
        ip.saddr = ip.daddr = htonl(INADDR_LOOPBACK);
        udphdr udp{};
        udp.source = htons(ports.from);
        udp.dest = htons(ports.to);
        udp.len = htons(static_cast<std::uint16_t>(sizeof udp + payload.size()));
        Packet packet;
        for (const auto part :
             {std::as_bytes(std::span{&ip, 1}), std::as_bytes(std::span{&udp, 1}), payload})
            packet.insert(packet.end(), part.begin(), part.end());
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = ip.daddr;
        (void)::sendto(fd_, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr *>(&to),
                       sizeof to);
    }

private:
    int fd_;
};

/// Counts what goes between two ports of this machine.
class Listener {
public:
    explicit Listener(Ports ports)
        : ports_(ports), fd_(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_IP))) {
        sockaddr_ll here{};
        here.sll_family = AF_PACKET;
        here.sll_protocol = htons(ETH_P_IP);
        here.sll_ifindex = static_cast<int>(::if_nametoindex("lo"));
        ::bind(fd_, reinterpret_cast<sockaddr *>(&here), sizeof here);
    }
    ~Listener() { ::close(fd_); }

    /// Since it was last asked.
    std::size_t count() const {
        std::size_t out = 0;
        std::array<std::byte, 2048> buffer;
        sockaddr_ll how{};
        for (;;) {
            socklen_t size = sizeof how;
            const ssize_t got = ::recvfrom(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT,
                                           reinterpret_cast<sockaddr *>(&how), &size);
            if (got < 0) return out;
            out += how.sll_pkttype != PACKET_OUTGOING && between_them(buffer); // seen twice on lo
        }
    }

private:
    bool between_them(std::span<const std::byte> packet) const {
        if (packet[9] != std::byte{IPPROTO_UDP}) return false;
        const auto port = [&](std::size_t at) {
            return std::to_integer<int>(packet[at]) << 8 | std::to_integer<int>(packet[at + 1]);
        };
        const int from = port(20), to = port(22);
        return (from == ports_.from && to == ports_.to) || (from == ports_.to && to == ports_.from);
    }

    Ports ports_;
    int fd_;
};

/// Whatever a daemon could answer in kind.
std::vector<Packet> provocations() {
    const std::string text = "/status";
    std::vector<Packet> out{Packet(7, std::byte{'x'})};
    for (const osc::Message &message : std::initializer_list<osc::Message>{
             {"/client/replies", {2}},
             {"/status"},
             {"/version"},
             {"/unheard/of", {1}},
             {"/mod/voice1/amp"},
             {"/mod/voice1/amp", {0.25f}},
             {"/mod/voice1/amp", {std::string{"loud"}}},
             {"/reply", {text, text, std::string{}, 1}},
             {"/error", {text, -1, text, text, std::string{}, text}},
             {"/req", {std::string{"a"}, text}},
             {"/sync", {1}},
             {"/synced", {1}},
             {"/at", {std::string{"now"}, text}},
             {"/late", {text, std::string{}, 1.0}},
             {"/time"},
             {"/wait", {std::string{"now"}}},
             {"/subscribe", {std::string{"/*"}, 30.0f, 1}},
             {"/seq/position", {1}}})
        out.push_back(osc::encode(message));
    return out;
}

struct Echoes {
    std::size_t most = 0, all = 0, left = 0;
};

/// What comes of each packet within a moment, to either of them; `left` is what still goes on when
/// leases of a second have run out.
Echoes echoes(const Forger &forger, Ports ports) {
    const Listener listener(ports);
    Echoes out;
    for (const Packet &packet : provocations())
        for (const Ports way : {ports, Ports{ports.to, ports.from}}) {
            forger.send(way, packet);
            std::this_thread::sleep_for(50ms);
            const std::size_t heard = listener.count();
            out.most = std::max(out.most, heard);
            out.all += heard;
        }
    std::this_thread::sleep_for(2s);
    out.all += listener.count();
    std::this_thread::sleep_for(1s);
    out.left = listener.count();
    return out;
}

} // namespace

Figures mirrored(const Effort &) {
    const Forger forger;
    const std::string what = "two daemons set at each other";
    if (!forger.works()) return {not_here(what, "only root can forge datagrams")};
    Daemon one, other;
    const Echoes heard = echoes(forger, {one.port(), other.port()});
    const std::size_t forged = 2 * provocations().size();
    return {law(what,
                fmt::format("{} forged packets led to {} more, at most {} each; {} a second after",
                            forged, heard.all - forged, heard.most - 1, heard.left),
                heard.left == 0 && one.lives() && other.lives())};
}

} // namespace chronus::perf
