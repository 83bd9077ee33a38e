#include "osc/director.h"

#include <bit>
#include <cstdint>
#include <memory>

/// The director's short way for what most packets hold: parameters, each with one number.
namespace chronus::osc {

namespace {

std::uint32_t big_endian_word(std::span<const std::byte> bytes) {
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < 4; ++i) out = out << 8 | std::to_integer<std::uint32_t>(bytes[i]);
    return out;
}

/// The one number of a message whose tags are "f" or "i".
float number_of(const CheckedMessage &message) {
    const std::uint32_t word = big_endian_word(message.bytes.last(4));
    return message.tags[0] == 'f' ? std::bit_cast<float>(word)
                                  : static_cast<float>(static_cast<std::int32_t>(word));
}

} // namespace

/// No strings are made. Whatever is out of the ordinary goes the long way, packet and all.
bool Director::take_plain(std::span<const CheckedMessage> messages, const Peer &from,
                          std::int64_t arrival_ns) {
    moves_.clear();
    for (const CheckedMessage &message : messages) {
        if (message.timetag > 1 || (message.tags != "f" && message.tags != "i")) return false;
        const auto id = context_.routes.find(message.address);
        if (!id || spec_of(*id).kind != Kind::amount) return false;
        moves_.push_back({*id, number_of(message)});
    }
    Client &client = context_.clients.heard(from, arrival_ns);
    if (moves_.empty() || client.replies > 1 || !from.is_loopback()) return false;
    Session &session = context_.session;
    session.stamp(arrival_time(arrival_ns, false));
    keep_for_undo();
    if (moves_.size() > 1) session.begin();
    bool done = true;
    for (const Move &move : moves_) done = done && session.set(move.id, move.value);
    if (moves_.size() > 1 && done) done = static_cast<bool>(session.commit());
    if (moves_.size() > 1) session.rollback(); // nothing once committed
    if (!done) return false;                   // refused whole; the long way says so
    context_.traffic.messages += moves_.size();
    client.arrivals.plain(arrival_ns);
    return true;
}

} // namespace chronus::osc
