#include "osc/subscriptions.h"

#include "osc/packet.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace chronus::osc {

namespace {

std::vector<std::byte> revision_message(std::uint64_t revision) {
    return encode({"/rev", {static_cast<std::int32_t>(revision & 0x7fffffff)}});
}

/// What is wrong with a pattern, as an answer.
Error said_by_subscribe(Error error) {
    error.what = "/subscribe: " + error.what;
    error.hint = "/subscribe /mod"; // the pattern mended need not name anything
    return error;
}

} // namespace

Subscriptions::Subscriptions(std::uint16_t voices)
    : board_(voices), revision_message_(revision_message(0)) {}

Subscriptions::Number Subscriptions::find(const Peer &peer) const {
    for (std::size_t i = 0; i < kMost; ++i)
        if (subscribers_[i] && subscribers_[i]->peer() == peer) return static_cast<Number>(i + 1);
    return 0;
}

Subscriptions::Number Subscriptions::author_number(const Peer &peer) {
    if (last_author_.peer != peer) last_author_ = {peer, find(peer)};
    return last_author_.number;
}

/// The client's, or a free one.
Result<Subscriptions::Number> Subscriptions::number_for(const Peer &peer) {
    if (const Number known = find(peer); known != 0) return known;
    const auto free = std::ranges::find_if(subscribers_, [](const auto &s) { return !s; });
    if (free == subscribers_.end())
        return Error{Errc::busy,
                     fmt::format("/subscribe: {} clients have subscribed, the most there may be; "
                                 "ask for the status instead",
                                 kMost),
                     "/status"};
    return static_cast<Number>(free - subscribers_.begin() + 1);
}

Result<Items> Subscriptions::named(std::string_view pattern, std::int64_t now_ns) {
    for (const auto &subscriber : subscribers_)
        if (const Items *known = subscriber ? subscriber->named_by(pattern) : nullptr)
            return *known;
    const auto passed_ms = static_cast<std::size_t>(std::max<std::int64_t>(
        0, std::min<std::int64_t>((now_ns - effort_at_ns_) / 1'000'000, 1000)));
    if (passed_ms > 0) {
        effort_ = std::min(kEffort, effort_ + passed_ms * kEffortASecond / 1000);
        effort_at_ns_ = now_ns;
    }
    auto named = board_.named(pattern, effort_);
    if (!named && named.error().code == Errc::queue_full)
        return Error{Errc::busy,
                     fmt::format("/subscribe: {} is too hard to match just now; patterns of plain "
                                 "text never are",
                                 pattern),
                     "/subscribe /mod"};
    if (!named) return said_by_subscribe(named.error());
    if (named->any()) return named;
    return Error{Errc::no_match,
                 fmt::format("/subscribe: nothing that changes is at or below {}", pattern),
                 "/subscribe /seq"};
}

Result<const Subscriber *> Subscriptions::subscribe(const Peer &peer, std::string_view pattern,
                                                    const Terms &terms, std::int64_t now_ns) {
    const auto named = this->named(pattern, now_ns);
    if (!named) return named.error();
    const auto number = number_for(peer);
    if (!number) return number.error();
    std::optional<Subscriber> &subscriber = at(*number);
    if (!subscriber) subscriber.emplace(peer);
    if (auto added = subscriber->add(pattern, *named, board_); !added) return added.error();
    subscriber->agree(terms, now_ns);
    count_again();
    return &*subscriber;
}

Result<const Subscriber *> Subscriptions::renew(const Peer &peer, std::int64_t now_ns) {
    const Number number = find(peer);
    if (number == 0)
        return Error{Errc::not_found, "/renew: this client has subscribed to nothing",
                     "/subscribe /seq"};
    at(number)->agree({}, now_ns);
    return &*at(number);
}

Outcome Subscriptions::unsubscribe(const Peer &peer, std::string_view pattern) {
    const Number number = find(peer);
    if (number == 0 || !at(number)->remove(pattern))
        return Error{Errc::not_found,
                     fmt::format("/unsubscribe: this client has not subscribed to {}", pattern),
                     "/unsubscribe"};
    if (at(number)->patterns().empty()) end(number);
    count_again();
    return Done{};
}

void Subscriptions::forget(const Peer &peer) {
    if (const Number number = find(peer); number != 0) end(number);
    count_again();
}

void Subscriptions::end(Number number) {
    at(number).reset();
    authors_.forget(number);
}

void Subscriptions::count_again() {
    count_ = 0;
    wanted_.reset();
    last_author_ = {};
    for (const auto &subscriber : subscribers_) {
        if (!subscriber) continue;
        ++count_;
        wanted_ |= subscriber->wanted();
    }
}

void Subscriptions::post(const SceneState &state) {
    if (none() || state.revision == revision_) return;
    revision_ = state.revision;
    revision_message_ = revision_message(revision_);
    Items changed = board_.post(state.scene.params);
    if (state.tracks_revision != tracks_revision_) {
        tracks_revision_ = state.tracks_revision;
        changed[item_of(topic("/seq/track"))] = board_.post(state.scene.playing());
    }
    tell(changed);
}

/// Tells all but the authors, unless their word no longer holds.
void Subscriptions::tell(Items changed) {
    std::vector<std::pair<Number, std::size_t>> known;
    authors_.take_all([&](ParamId id, float value, Number author, bool disputed) {
        const bool holds = board_.value(id) == value;
        if (disputed || !holds) changed.set(item_of(id));
        if (holds && author != 0) known.emplace_back(author, item_of(id));
    });
    for (auto &subscriber : subscribers_)
        if (subscriber) subscriber->hear(changed);
    for (const auto &[author, item] : known) at(author)->spare(item);
}

void Subscriptions::post(TopicId topic, Args args) {
    if (!wants(topic) || !board_.post(topic, args)) return;
    for (auto &subscriber : subscribers_)
        if (subscriber) subscriber->hear(Items{}.set(item_of(topic)));
}

void Subscriptions::serve(std::int64_t now_ns, TimeTag when, const Outlet &outlet) {
    if (none()) return;
    const Turn turn{now_ns, board_, outlet, revision_message_, when, buffer_};
    bool ended = false;
    for (Number n = 1; n <= kMost; ++n) {
        if (!at(n)) continue;
        if (at(n)->is_over(now_ns)) {
            end(n);
            ended = true;
        } else {
            at(n)->serve(turn);
        }
    }
    if (ended) count_again();
}

std::optional<std::int64_t> Subscriptions::next_ns(std::int64_t now_ns) const {
    if (none()) return std::nullopt;
    std::int64_t next = now_ns + kLook_ns;
    for (const auto &subscriber : subscribers_)
        if (subscriber) next = std::min(next, subscriber->next_ns().value_or(next));
    return next;
}

} // namespace chronus::osc
