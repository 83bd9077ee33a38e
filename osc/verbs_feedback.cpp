#include "osc/context.h"
#include "osc/verbs.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

/// Commands of those who want to be told: what, how often and for how long.
namespace chronus::osc {

namespace {

/// All parameters and topics.
constexpr std::string_view kAll = "/*";

/// What it came to, for text and for programs.
Reply granted(const Subscriber &subscriber, std::string_view what) {
    const std::string until = subscriber.has_lease() ? fmt::format("for {} s", subscriber.lease_s())
                                                     : "while the connection lasts";
    const std::size_t count = subscriber.wanted().count();
    return {fmt::format("{}: {} address{}, at most {} times a second, {}", what, count,
                        count == 1 ? "" : "es", subscriber.max_hz(), until),
            {static_cast<std::int32_t>(count), subscriber.max_hz(),
             static_cast<std::int32_t>(subscriber.has_lease() ? subscriber.lease_s() : 0)}};
}

Result<Reply> subscribe_to(Context &context, std::string_view pattern, const Terms &terms) {
    const auto subscriber =
        context.subscriptions.subscribe(context.caller.peer, pattern, terms, context.now_ns());
    if (!subscriber) return subscriber.error();
    return granted(**subscriber, fmt::format("subscribed to {}", pattern));
}

Result<Reply> subscribe(Context &context, Args args) {
    Terms terms;
    if (has(args, 1)) terms.max_hz = number_at(args, 1);
    if (has(args, 2)) terms.lease_s = int_at(args, 2);
    return subscribe_to(context, text_at(args, 0), terms);
}

Result<Reply> renew(Context &context, Args) {
    const auto subscriber = context.subscriptions.renew(context.caller.peer, context.now_ns());
    if (!subscriber) return subscriber.error();
    return granted(**subscriber, "renewed");
}

Result<Reply> unsubscribe(Context &context, Args args) {
    if (!has(args, 0)) {
        context.subscriptions.forget(context.caller.peer);
        return Reply{"subscribed to nothing"};
    }
    const std::string &pattern = text_at(args, 0);
    if (auto done = context.subscriptions.unsubscribe(context.caller.peer, pattern); !done)
        return done.error();
    return Reply{fmt::format("no longer subscribed to {}", pattern)};
}

Result<Reply> notify(Context &context, Args args) {
    if (std::get<bool>(args[0])) return subscribe_to(context, kAll, {});
    context.subscriptions.forget(context.caller.peer);
    return Reply{"subscribed to nothing"};
}

constexpr std::array kVerbs{
    Verb{"/subscribe", "s:pattern f:max_hz? i:ttl_s?",
         "Be told all that is at or below the addresses, then what changes: at most 30 times a "
         "second (0.1..200) for 30 s (1..3600), unless told otherwise; on a connection, while it "
         "lasts.",
         "/subscribe /mod/voice1 20 60", subscribe},
    Verb{"/renew", "", "All of the sender's subscriptions last their time again.", "/renew", renew},
    Verb{"/unsubscribe", "s:pattern?",
         "Be told that no longer; without an argument, be told nothing any more.", "/unsubscribe",
         unsubscribe},
    Verb{"/notify", "b:on", "Be told everything that changes, or nothing any more.", "/notify 1",
         notify},
};

} // namespace

std::span<const Verb> feedback_verbs() { return kVerbs; }

} // namespace chronus::osc
