#pragma once

#include "osc/context.h"
#include "osc/director.h"
#include "osc/feedback.h"
#include "osc/stream_set.h"
#include "osc/udp_socket.h"

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

namespace chronus::osc {

/// The control thread's loop: packets in, answers out, what is due, what the disk has done,
/// feedback ten times a second. It waits in `ppoll` and nowhere else.
///
/// Thread: control.
class Server {
public:
    /// `stop_fd` becomes readable when the daemon is to end.
    Server(UdpSocket &socket, Streams &streams, Context &context, Visuals *visuals, int stop_fd)
        : socket_(socket), streams_(streams), context_(context), visuals_(visuals),
          stop_fd_(stop_fd),
          director_(
              context, [this](const Peer &to, auto bytes) { return send(to, bytes); },
              [this](const Peer &to) { return to.stream == 0 || streams_.has_room(to); }),
          feedback_(context, [this](const Peer &to, auto bytes) { return tell(to, bytes); }),
          own_(socket.local()) {}

    /// Serves until told to stop.
    void run();

private:
    using Clock = std::chrono::steady_clock;

    void turn();
    void serve_streams();
    void receive();
    bool send(const Peer &to, std::span<const std::byte> bytes);
    bool tell(const Peer &to, std::span<const std::byte> bytes);
    std::chrono::nanoseconds wait() const;

    UdpSocket &socket_;
    Streams &streams_;
    std::vector<pollfd> fds_;
    std::vector<std::byte> buffer_ = std::vector<std::byte>(65536);
    Context &context_;
    Visuals *visuals_;
    int stop_fd_;
    Clock::time_point next_visuals_{};
    Director director_;
    Feedback feedback_;
    WallClock wall_;
    Peer own_{}; // what we send from
};

} // namespace chronus::osc
