#pragma once

#include "osc/client.h"
#include "osc/value.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

namespace chronus::perf {

using Packet = std::vector<std::byte>;

/// Nanoseconds of CLOCK_MONOTONIC.
std::int64_t now_ns();
/// Burns the time until then, so that what follows happens within a microsecond of it.
void spin_until(std::int64_t at_ns);

/// A connected UDP socket and nothing around it: what it costs is the kernel's.
///
/// Errors: std::runtime_error, from the constructor.
class Wire {
public:
    explicit Wire(std::uint16_t port);
    ~Wire();
    Wire(const Wire &) = delete;
    Wire &operator=(const Wire &) = delete;

    void send(std::span<const std::byte> packet) const;
    /// The next packet's size; 0 when none came within a second.
    std::size_t receive(std::span<std::byte> buffer) const;
    /// Throws away what came.
    void drain() const;
    int fd() const { return fd_; }
    /// As the daemon calls us.
    std::string name() const;

private:
    int fd_;
};

/// Packets that leave in one system call. Neighbours of one size go through the kernel as one,
/// which cuts them apart again for whoever receives: a sender alone could not do more than
/// 200,000/s.
class Batch {
public:
    static constexpr std::size_t kMost = 512;

    /// The next packet to fill, as it was left; there is room for it while `size() < kMost`.
    Packet &next();
    std::size_t size() const { return size_; }
    void send(const Wire &wire);

private:
    struct alignas(cmsghdr) Segment {
        std::byte bytes[CMSG_SPACE(sizeof(std::uint16_t))];
    };
    std::size_t run_from(std::size_t first) const;
    void put(std::size_t index, std::size_t first, std::size_t count);

    std::array<Packet, kMost> packets_;
    std::array<iovec, kMost> parts_{};
    std::array<Segment, kMost> segments_{};
    std::array<mmsghdr, kMost> headers_{};
    std::size_t size_ = 0;
};

struct Pacing {
    double a_second = 0, seconds = 0; ///< packets
};
struct Sent {
    std::uint64_t packets = 0;
    double seconds = 0;
    double a_second() const { return static_cast<double>(packets) / seconds; }
};
/// Sends what `fill` puts into each packet, in slices of a millisecond. A slice that is late makes
/// none fewer, so a machine that cannot keep up takes longer.
Sent send_paced(const Wire &wire, Pacing pacing, const std::function<void(Packet &)> &fill);

constexpr double kFlood = 100'000; ///< packets a second

/// Good packets that nobody hears, as voice 8 is silent, and noise in turn.
class Nuisance {
public:
    void operator()(Packet &out);

private:
    std::mt19937 dice_{7};
    std::uint32_t count_ = 0;
};

/// Messages that move the 64 parameters of eight voices, one after the other, to ever other values.
class Movements {
public:
    Movements();

    void message(Packet &out);
    void bundle(Packet &out, std::size_t messages);
    /// How many parameters do not have the value they were last sent.
    std::size_t wrong(osc::Client &client) const;

private:
    struct Moved {
        std::string address;
        Packet packet; ///< its value is the last 4 bytes
        float low = 0, reach = 0, last = 0;
        bool moved = false;
    };
    Moved &move_next();

    std::vector<Moved> all_;
    std::uint64_t count_ = 0;
};

} // namespace chronus::perf
