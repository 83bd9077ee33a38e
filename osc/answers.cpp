#include "osc/answers.h"

#include "osc/errors.h"
#include "osc/packet.h"
#include "patterns/text/utf8.h"

#include <utility>

namespace chronus::osc {

namespace {

/// A long text in parts that fit a datagram everywhere, never cut inside a letter.
std::vector<std::string> parts_of(std::string_view text) {
    constexpr std::size_t kPart = 1200;
    std::vector<std::string> parts;
    while (!text.empty()) {
        parts.emplace_back(patterns::utf8_front(text, kPart));
        text.remove_prefix(parts.back().size());
    }
    return parts;
}

int policy_of(const Context &context, const Caller &caller) {
    if (!caller.id.empty()) return 2;
    const Client *client = context.clients.find(caller.peer);
    return client == nullptr ? Client{}.replies : client->replies;
}

} // namespace

void Answers::give(const Caller &to, const Answered &answered) {
    const int policy = policy_of(context_, to);
    if (policy == 0) return;
    if (!answered.result) return refuse(to, answered.result.error());
    const Reply &reply = *answered.result;
    if (reply.later || (answered.quiet && policy < 2)) return;
    if (!reply.on.empty()) return tell_under_id(to, encode({reply.on, reply.values}));
    if (answered.on_itself && to.id.empty()) return tell(to.peer, {to.address, reply.values});
    if (!reply.document.empty()) return give_in_parts(to, reply);
    tell_under_id(to, encode(reply_message(to, reply.text, reply.values)));
}

void Answers::tell(const Peer &to, const Message &message) { send(to, encode(message)); }

void Answers::tell_under_id(const Caller &to, std::vector<std::byte> packet) {
    send(to.peer, packet);
    if (!to.id.empty())
        context_.answered.add_answer(to.peer, to.id, std::move(packet),
                                     context_.now_ns() / 1'000'000);
}

/// A client that is gone misses nothing. Nobody sends from port 0.
void Answers::send(const Peer &to, std::span<const std::byte> packet) {
    if (to.stream == 0 && to.port == 0) return;
    if (to == asker_ && !budget_.take(packet.size())) return;
    (void)outlet_(to, packet);
}

bool Answers::give_again(const Caller &to) {
    const auto *entry = context_.answered.find(to.peer, to.id, context_.now_ns() / 1'000'000);
    if (entry == nullptr) return false;
    for (const auto &packet : entry->answers) send(to.peer, packet);
    return true;
}

/// A stranger whose packet was too short for all that is told the number, which always fits.
void Answers::refuse(const Caller &to, const Error &error) {
    const ErrorRow &row = error_row(error.code);
    Message told{"/error",
                 {to.address, row.number, error.what, std::string{row.symbol}, to.id, error.hint}};
    auto packet = encode(told);
    if (to.peer == asker_ && !budget_.allows(packet.size())) {
        told.args.resize(2);
        packet = encode(told);
    }
    tell_under_id(to, std::move(packet));
}

void Answers::give_in_parts(const Caller &to, const Reply &reply) {
    const auto parts = parts_of(reply.document);
    for (std::size_t i = 0; i < parts.size(); ++i)
        tell_under_id(to,
                      encode(reply_message(to, reply.text,
                                           {static_cast<std::int32_t>(i),
                                            static_cast<std::int32_t>(parts.size()), parts[i]})));
}

Message Answers::reply_message(const Caller &to, std::string text,
                               std::vector<Value> values) const {
    Message out{"/reply",
                {to.address, std::move(text), to.id, shown_revision(context_.session.revision())}};
    out.args.insert(out.args.end(), values.begin(), values.end());
    return out;
}

} // namespace chronus::osc
