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

/// Whether it is answered even when a control moves.
bool Director::hears_everything(const Peer &from) const {
    const auto client = context_.clients.find(from);
    return client != context_.clients.end() && client->second.replies > 1;
}

/// No strings are made. Whatever is out of the ordinary goes the long way, packet and all.
bool Director::take_plain(std::span<const CheckedMessage> messages, const Peer &from,
                          std::int64_t arrival_ns) {
    moves_.clear();
    for (const CheckedMessage &message : messages) {
        if (message.timetag > 1 || (message.tags != "f" && message.tags != "i")) return false;
        const auto id = routes_.find(message.address);
        if (!id || spec_of(*id).kind != Kind::amount) return false;
        moves_.push_back({*id, number_of(message)});
    }
    if (moves_.empty() || hears_everything(from)) return false;
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
    return true;
}

} // namespace chronus::osc
