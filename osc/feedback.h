#pragma once

#include "osc/context.h"
#include "osc/outlet.h"
#include "osc/topics.h"
#include "osc/udp_socket.h"

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace chronus::osc {

/// Keeps subscribers informed: looks at what the session and the engine show, and sends what is due
/// of it.
///
/// Thread: control.
class Feedback {
public:
    Feedback(Context &context, Outlet outlet) : context_(context), outlet_(std::move(outlet)) {}

    /// One look, one round.
    void turn();
    /// When the next turn is due at the latest; nothing while nobody has subscribed.
    std::optional<std::int64_t> next_ns() const;

private:
    void look(std::int64_t now_ns);
    TimeTag when_of_step() const;

    Context &context_;
    Outlet outlet_;
    std::array<std::int64_t, kTopics.size()> next_look_ns_{};
};

/// The original's feedback for its visualizer: `/viz/levels` with one peak a voice and
/// `/viz/spectrum` with eight bands from 63 Hz to 8 kHz, ten times a second.
///
/// Thread: control.
class Visuals {
public:
    static constexpr std::uint16_t kPort = 5006;
    static constexpr int kPeriodMs = 100;

    Visuals(UdpSocket &socket, const Session &session, const Peer &to)
        : socket_(socket), session_(session), to_(to) {}

    void send();

private:
    UdpSocket &socket_;
    const Session &session_;
    Peer to_;
};

} // namespace chronus::osc
