#include "osc/udp_socket.h"

#include "osc/system_address.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>

namespace chronus::osc {

namespace {

Error refused(const Peer &peer, int fault) {
    return {Errc::io, fmt::format("{}: {}", peer.text(), std::strerror(fault))};
}

void set_option(int fd, int level, int option, int value) {
    setsockopt(fd, level, option, &value, sizeof value);
}

/// What the system will not grant is no fault: the socket works, it only drops sooner.
void prepare(int fd, bool v6) {
    constexpr int kRoom = 8 * 1024 * 1024; // 1 s of 100,000 small packets
    set_option(fd, SOL_SOCKET, SO_RCVBUF, kRoom);
    set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, kRoom); // past the system's limit, where allowed
    set_option(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
    set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    if (v6) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
}

/// What the kernel says of a datagram beside its bytes.
struct Notes {
    std::optional<std::uint32_t> dropped;
    std::int64_t arrival_ns = 0;
};

Notes notes_of(msghdr &header) {
    Notes notes;
    for (cmsghdr *c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level != SOL_SOCKET) continue;
        if (c->cmsg_type == SO_RXQ_OVFL)
            std::memcpy(&notes.dropped.emplace(), CMSG_DATA(c), sizeof(std::uint32_t));
        if (c->cmsg_type == SCM_TIMESTAMPNS) {
            timespec at{};
            std::memcpy(&at, CMSG_DATA(c), sizeof at);
            notes.arrival_ns = at.tv_sec * std::int64_t{1'000'000'000} + at.tv_nsec;
        }
    }
    return notes;
}

Error bind_refused(const std::string &host, const Peer &peer, int fault) {
    if (fault == EADDRINUSE)
        return {Errc::busy,
                fmt::format("port {} on {} is in use by another program", peer.port, host)};
    return refused(peer, fault);
}

} // namespace

Result<UdpSocket> UdpSocket::open(const Peer &peer) {
    const int family = peer.v6 ? AF_INET6 : AF_INET;
    UdpSocket made{::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (made.fd_ < 0) return refused(peer, errno);
    prepare(made.fd_, peer.v6);
    return made;
}

Result<UdpSocket> UdpSocket::bind(const std::string &host, std::uint16_t port) {
    const auto peer = resolve(host, port);
    if (!peer) return peer.error();
    auto made = open(*peer);
    if (!made) return made;
    auto address = to_system(*peer);
    if (::bind(made->fd_, address.get(), address.size) != 0)
        return bind_refused(host, *peer, errno);
    return made;
}

Result<UdpSocket> UdpSocket::connect(const Peer &peer) {
    auto made = open(peer);
    if (!made) return made;
    auto address = to_system(peer);
    if (::connect(made->fd_, address.get(), address.size) != 0) return refused(peer, errno);
    return made;
}

UdpSocket::UdpSocket(UdpSocket &&other) noexcept
    : fd_(std::exchange(other.fd_, -1)), dropped_(other.dropped_) {}

UdpSocket &UdpSocket::operator=(UdpSocket &&other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(dropped_, other.dropped_);
    return *this;
}

UdpSocket::~UdpSocket() {
    if (fd_ >= 0) ::close(fd_);
}

Result<std::optional<Datagram>> UdpSocket::receive(std::span<std::byte> buffer) {
    SystemAddress from;
    iovec room{buffer.data(), buffer.size()};
    alignas(cmsghdr)
        std::byte control[CMSG_SPACE(sizeof(std::uint32_t)) + CMSG_SPACE(sizeof(timespec))];
    msghdr header{};
    header.msg_name = from.get();
    header.msg_namelen = from.size;
    header.msg_iov = &room;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    const ssize_t size = ::recvmsg(fd_, &header, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return std::optional<Datagram>{};
    if (size < 0) return Error{Errc::io, std::strerror(errno)};
    // The kernel's counter has 32 bits and wraps; ours has the sum.
    const Notes notes = notes_of(header);
    if (notes.dropped)
        dropped_ +=
            static_cast<std::uint32_t>(*notes.dropped - static_cast<std::uint32_t>(dropped_));
    from.size = header.msg_namelen;
    return std::optional{Datagram{buffer.first(static_cast<std::size_t>(size)), from_system(from),
                                  notes.arrival_ns, (header.msg_flags & MSG_TRUNC) != 0}};
}

Outcome UdpSocket::send_to(const Peer &peer, std::span<const std::byte> bytes) {
    auto address = to_system(peer);
    if (::sendto(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL, address.get(), address.size) >= 0)
        return Done{};
    const int fault = errno;
    if (fault == EAGAIN || fault == ENOBUFS)
        return Error{Errc::queue_full, fmt::format("{}: the kernel has no room", peer.text())};
    if (fault == EMSGSIZE)
        return Error{Errc::too_big,
                     fmt::format("{}: {} bytes do not fit a datagram", peer.text(), bytes.size())};
    return refused(peer, fault);
}

Peer UdpSocket::local() const {
    SystemAddress address;
    getsockname(fd_, address.get(), &address.size);
    return from_system(address);
}

} // namespace chronus::osc
