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
    const auto client = context.clients.find(caller.peer);
    return client == context.clients.end() ? ClientPrefs{}.replies : client->second.replies;
}

/// A packet that loopback cannot have come from is not answered: no daemon is a reflector.
bool may_answer(const Peer &peer) {
    return peer.stream != 0 || (peer.is_loopback() && peer.port != 0);
}

} // namespace

void Answers::give(const Caller &to, const Answered &answered) {
    const int policy = policy_of(context_, to);
    if (policy == 0 || !may_answer(to.peer)) return;
    if (!answered.result) return refuse(to, answered.result.error());
    const Reply &reply = *answered.result;
    if (reply.later || (answered.quiet && policy < 2)) return;
    if (!reply.on.empty()) return tell(to.peer, {reply.on, reply.values});
    if (answered.on_itself && to.id.empty()) return tell(to.peer, {to.address, reply.values});
    if (!reply.document.empty()) return give_in_parts(to, reply);
    tell(to.peer, reply_message(to, reply.text, reply.values));
}

void Answers::tell(const Peer &to, const Message &message) {
    (void)outlet_(to, encode(message)); // a client that is gone misses nothing
}

void Answers::refuse(const Caller &to, const Error &error) {
    const ErrorRow &row = error_row(error.code);
    tell(to.peer,
         {"/error",
          {to.address, row.number, error.what, std::string{row.symbol}, to.id, error.hint}});
}

void Answers::give_in_parts(const Caller &to, const Reply &reply) {
    const auto parts = parts_of(reply.document);
    for (std::size_t i = 0; i < parts.size(); ++i)
        tell(to.peer, reply_message(to, reply.text,
                                    {static_cast<std::int32_t>(i),
                                     static_cast<std::int32_t>(parts.size()), parts[i]}));
}

Message Answers::reply_message(const Caller &to, std::string text,
                               std::vector<Value> values) const {
    Message out{"/reply",
                {to.address, std::move(text), to.id, shown_revision(context_.session.revision())}};
    out.args.insert(out.args.end(), values.begin(), values.end());
    return out;
}

} // namespace chronus::osc
