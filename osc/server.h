#pragma once

#include "osc/context.h"
#include "osc/feedback.h"
#include "osc/routes.h"
#include "osc/udp_socket.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <span>
#include <vector>

namespace chronus::osc {

/// The control thread's loop: datagrams in, answers out, what the disk has done, feedback ten times
/// a second. It waits in `poll` and nowhere else.
///
/// Thread: control.
class Server {
public:
    /// `stop_fd` becomes readable when the daemon is to end.
    Server(UdpSocket &socket, Context &context, Visuals *visuals, int stop_fd)
        : socket_(socket), context_(context), visuals_(visuals), stop_fd_(stop_fd) {}

    /// Serves until told to stop.
    void run();

private:
    using Clock = std::chrono::steady_clock;

    void receive();
    void handle(std::span<const std::byte> packet, const Peer &from);
    void answer(const Caller &to, const Answered &answered);
    void refuse_packet(const Peer &from, std::span<const std::byte> packet, const Error &why);
    void finish_jobs();
    void hear_engine();
    void finish_recording();
    void send(const Peer &to, const Message &message);
    int wait_ms() const;

    UdpSocket &socket_;
    std::vector<std::byte> buffer_ = std::vector<std::byte>(65536);
    Context &context_;
    Visuals *visuals_;
    int stop_fd_;
    Clock::time_point next_visuals_{};
    std::map<Peer, Clock::time_point> refused_; // when each source was last told of a bad packet
};

} // namespace chronus::osc
