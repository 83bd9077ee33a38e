#include "osc/director.h"

/// The director's short way for what most packets hold: parameters, each with one number.
namespace chronus::osc {

/// Counted from 1.
Frame Director::change_frame() const {
    return context_.session.telemetry().frame.load(std::memory_order_relaxed) + 1;
}

/// Parameters on the move, until they rest for half a second, are one change.
bool Director::gesture_goes_on(Frame now) const {
    return last_change_ != 0 && now - last_change_ < half_second_;
}

/// No strings are made. Whatever is out of the ordinary goes the long way, packet and all.
bool Director::take_plain(std::span<const std::byte> packet, const Peer &from, Client &client,
                          std::int64_t arrival_ns) {
    if (client.replies > 1 || !from.is_loopback()) return false;
    const Frame now = change_frame();
    if (!gesture_goes_on(now))
        return false; // a first change, which is kept for undo only if it is done
    if (!read_plain(packet, context_.routes, moves_)) return false;
    context_.session.stamp(arrival_time(arrival_ns, false));
    last_change_ = now;
    if (!set_all()) return false; // nothing was done; the long way says why
    context_.observer.moved(client.name, context_.routes, moves_);
    for (const Move &move : moves_) context_.subscriptions.wrote(move.id, move.value, from);
    context_.traffic.messages += moves_.size();
    client.arrivals.packet(packet.size(), moves_.size());
    client.arrivals.plain(arrival_ns);
    return true;
}

bool Director::set_all() {
    Session &session = context_.session;
    if (moves_.size() == 1) return session.set_amount(moves_[0].id, moves_[0].value);
    session.begin();
    for (const Move &move : moves_) (void)session.set_amount(move.id, move.value); // it gathers
    return static_cast<bool>(session.commit());
}

} // namespace chronus::osc
