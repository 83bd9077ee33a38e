#pragma once

#include "engine/host/session.h"
#include "osc/udp_socket.h"

namespace chronus::osc {

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
