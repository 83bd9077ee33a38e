#pragma once

#include "engine/result.h"
#include "osc/peer.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace chronus::osc {

/// What one receive brought. `bytes` lies in the buffer it was received into.
struct Datagram {
    std::span<const std::byte> bytes;
    Peer from;
    std::int64_t arrival_ns = 0; ///< wall clock, stamped by the kernel
    bool truncated = false;      ///< longer than the buffer: refuse it, `bytes` is only its front
};

/// A UDP socket that never blocks, is closed on exec and shares its port with nobody.
///
/// Thread: one at a time.
class UdpSocket {
public:
    /// Listens on one address of this machine; port 0 lets the kernel choose. Anything but a
    /// loopback host opens the port to the network: ask `local().is_loopback()` and say so.
    /// Errors: busy - the port is taken. not_found - no such host. io - anything else.
    static Result<UdpSocket> bind(const std::string &host, std::uint16_t port);

    /// Talks with one peer alone and hears when nobody is there.
    /// Errors: io.
    static Result<UdpSocket> connect(const Peer &peer);

    UdpSocket(UdpSocket &&other) noexcept;
    UdpSocket &operator=(UdpSocket &&other) noexcept;
    ~UdpSocket();

    /// The next waiting datagram, or nothing when none waits.
    /// Errors: io - the system's words; on a connected socket also that nobody listens there.
    Result<std::optional<Datagram>> receive(std::span<std::byte> buffer);

    /// Errors: queue_full - no room in the kernel just now. too_big - more than UDP carries.
    ///         io - the system's words.
    Outcome send_to(const Peer &peer, std::span<const std::byte> bytes);

    /// The address it is bound to, with the port the kernel chose.
    Peer local() const;

    /// For poll() and its kin; readable when `receive` has something.
    int fd() const noexcept { return fd_; }

    /// Datagrams the kernel threw away because nobody fetched them in time. As of the last receive.
    std::uint64_t dropped() const noexcept { return dropped_; }

private:
    explicit UdpSocket(int fd) noexcept : fd_(fd) {}
    static Result<UdpSocket> open(const Peer &peer);

    int fd_ = -1;
    std::uint64_t dropped_ = 0;
};

} // namespace chronus::osc
