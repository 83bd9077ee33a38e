#include "osc/director.h"

#include "osc/set_stage.h"
#include "osc/stage.h"
#include "osc/typed.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace chronus::osc {

namespace {

constexpr double kFurthestSeconds = 60;

bool any_acts(const Errand &errand, Acts acts) {
    return std::ranges::any_of(errand.requests,
                               [&](const Request &r) { return acts_of(r.message) == acts; });
}

} // namespace

void Director::take(std::span<const std::byte> packet, const Peer &from, std::int64_t arrival_ns) {
    ++context_.traffic.packets;
    const std::int64_t now_ms = arrival_ns / 1'000'000;
    const Trust trust = context_.access.trust_of(from, now_ms);
    if (!rates_.admit(from, trust, packet.size(), now_ms)) return;
    answers_.answering(from, {trust, packet.size()});
    Client &client =
        trust == Trust::stranger ? context_.strangers : context_.clients.heard(from, arrival_ns);
    if (!take_plain(packet, from, client, arrival_ns)) take_any(packet, from, client, arrival_ns);
}

void Director::take_any(std::span<const std::byte> packet, const Peer &from, Client &client,
                        std::int64_t arrival_ns) {
    const auto messages = decode(packet, from.stream == 0 ? kDatagramLimits : kStreamLimits);
    if (!messages) return refuse(from, packet, messages.error());
    context_.observer.look_at_clock();
    if (turns_down(*messages, from)) return;
    client.arrivals.packet(packet.size(), messages->size());
    context_.traffic.messages += messages->size();
    std::vector<Group> groups = groups_of(*messages, from);
    for (const Group &group : groups) write_down(group);
    if (groups.size() > 1 && !all_would_work(groups)) return;
    bool done = true;
    for (Group &group : groups) {
        if (done)
            done = bring(std::move(group), arrival_ns);
        else
            refuse_all(group.errand, {Errc::failed, "not done, because what came before in this "
                                                    "bundle was not"});
    }
}

/// Commands as they were said; a question is none.
void Director::write_down(const Group &group) {
    const Peer &from = group.errand.from;
    if (!context_.access.knows(from)) return;
    for (const Request &request : group.errand.requests) {
        const auto &[address, args] = request.message;
        if (acts_of(request.message) == Acts::asks) continue;
        context_.observer.said(context_.clients.author(from), group.at, request.message,
                               request.id);
        if (const std::string plain = canonical(address); plain != address)
            context_.observer.translated(address, plain);
    }
}

/// Of a performance that begins.
patterns::ExecutionBegin Director::what_plays() const {
    const Label &label = label_heard(context_);
    return {.slot = label.slot,
            .name = label.metadata.name,
            .setlist = label.place.set,
            .song = label.place.song,
            .author = std::string{context_.clients.author(context_.caller.peer)}};
}

/// What was dropped for coming too fast is told to those who can be believed to have sent it.
void Director::report_drops() {
    for (const Drops &drops : rates_.report(context_.now_ns() / 1'000'000)) {
        context_.traffic.rate_limited += drops.packets;
        if (!drops.peer) continue;
        if (drops.peer->stream == 0 && !context_.access.knows(*drops.peer)) continue;
        context_.clients.heard(*drops.peer, context_.now_ns()).arrivals.dropped(drops.packets);
        const bool believed = drops.peer->is_loopback() || drops.peer->stream != 0;
        if (believed)
            answer({*drops.peer, ""},
                   {"", Error{Errc::queue_full, drops.text(), "/engine/health"}});
    }
}

/// A request that comes again under its id is answered as before, and not done again. Who has no
/// role is not remembered.
bool Director::is_new(const Caller &caller) {
    if (caller.id.empty() || !context_.access.knows(caller.peer)) return true;
    if (answers_.give_again(caller)) return false;
    const auto begun =
        context_.answered.begin(caller.peer, caller.id, context_.now_ns() / 1'000'000);
    if (!begun) answer({caller.peer, caller.address}, {caller.address, begun.error()});
    return static_cast<bool>(begun);
}

/// In the order of the packet; those with one time act together. A command that is not one spoils
/// all of them.
std::vector<Director::Group> Director::groups_of(const std::vector<TimedMessage> &messages,
                                                 const Peer &from) {
    std::vector<Group> groups;
    for (const TimedMessage &timed : messages) {
        if (is_said_by_daemons(timed.message)) continue;
        auto request = unwrapped(timed.message);
        if (!request) {
            refuse_spoilt(messages, from, timed.message.address, request.error());
            return {};
        }
        const auto same = std::ranges::find_if(groups, [&](const Group &g) {
            return g.timetag == timed.timetag && g.at == request->at;
        });
        Group &group = same != groups.end()
                           ? *same
                           : groups.emplace_back(Group{{from, {}}, timed.timetag, request->at});
        group.errand.requests.push_back(*std::move(request));
    }
    for (Group &group : groups)
        std::erase_if(group.errand.requests, [&](const Request &r) {
            return !is_new({from, r.message.address, r.id});
        });
    std::erase_if(groups, [](const Group &group) { return group.errand.requests.empty(); });
    return groups;
}

/// Does a group now or puts it off. False when it was refused. Nothing waits for who has no role.
bool Director::bring(Group group, std::int64_t arrival_ns) {
    const bool known = context_.access.knows(group.errand.from);
    context_.versions.look(context_); // several packets may come in a turn
    if (known && fetch(group, arrival_ns)) return true;
    const auto due = known ? due_of(group) : Result<std::optional<Due>>{std::optional<Due>{}};
    if (!due) {
        refuse_all(group.errand, due.error());
        return false;
    }
    if (const Frame *frame = *due ? std::get_if<Frame>(&**due) : nullptr)
        note_slack(group.errand.from, *frame, arrival_ns);
    if (*due && !is_due(**due)) return put_off(std::move(group), **due);
    if (*due) return act(group.errand, timing_of(**due));
    return act(group.errand,
               {.when = arrival_time(arrival_ns, any_acts(group.errand, Acts::edits))});
}

/// How long before its time a bundle came: what `chronusctl doctor` judges its sender by.
void Director::note_slack(const Peer &from, Frame due, std::int64_t arrival_ns) {
    if (!fit_) return;
    const auto frames = static_cast<double>(due) - static_cast<double>(fit_->frame_at(arrival_ns));
    context_.clients.heard(from, arrival_ns)
        .arrivals.bundle(frames / static_cast<double>(context_.session.config().fs.hz));
}

/// Nothing: as soon as it can.
Result<std::optional<Due>> Director::due_of(const Group &group) const {
    const std::optional<double> at = here(context_);
    std::string_view when = group.at;
    if (when.empty() && group.timetag <= 1 && at && any_acts(group.errand, Acts::edits))
        when = context_.desk.quant == Quant::beat  ? "beat+1"
               : context_.desk.quant == Quant::bar ? "bar+1"
                                                   : "";
    if (when.empty()) return group.timetag <= 1 ? std::optional<Due>{} : due_of_tag(group.timetag);
    const auto moment = parse_moment(when, at);
    if (!moment) {
        Error error = moment.error();
        const Message &message = group.errand.requests.front().message;
        error.hint = message.address == "/wait"
                         ? "/wait bar+1"
                         : "/at bar+1 " + typed(message.address, message.args);
        return error;
    }
    if (!*moment) return std::optional<Due>{};
    const Due due{**moment};
    if (auto near = near_enough(due, group); !near) return near.error();
    return std::optional{due};
}

/// Frames before the engine's first are as late as can be.
Result<std::optional<Due>> Director::due_of_tag(std::uint64_t tag) const {
    const auto fit = context_.device.clock().fit();
    if (!fit) return std::optional<Due>{};
    const std::int64_t ns = wall_.monotonic_of({tag});
    if (static_cast<double>(ns - context_.now_ns()) > kFurthestSeconds * 1e9)
        return Error{Errc::too_far_ahead,
                     fmt::format("time tag {:.1f} s ahead: at most {} s",
                                 static_cast<double>(ns - context_.now_ns()) / 1e9,
                                 kFurthestSeconds),
                     "/time"};
    return std::optional{Due{fit->frame_at(ns)}};
}

Outcome Director::near_enough(const Due &due, const Group &group) const {
    const auto frame = expected(due);
    const double fs = static_cast<double>(context_.session.config().fs.hz);
    const double ahead =
        frame ? (static_cast<double>(*frame) - static_cast<double>(frame_now(context_))) / fs : 0;
    if (ahead <= kFurthestSeconds) return Done{};
    const Message &message = group.errand.requests.front().message;
    return Error{
        Errc::too_far_ahead,
        fmt::format("when \"{}\": {:.0f} s ahead, at most {} s", group.at, ahead, kFurthestSeconds),
        "/at bar+1 " + typed(message.address, message.args)};
}

/// Tries it out first, so that what cannot work is told at once.
bool Director::put_off(Group group, Due due) {
    Given given(group.errand.requests.size());
    if (try_out([&] { return try_at(group.errand, due, given); })) {
        give(group.errand, given);
        return false;
    }
    const bool tagged = std::holds_alternative<Frame>(due);
    Schedule::Entry entry{.name = {},
                          .due = due,
                          .errand = group.errand,
                          .answered = !tagged,
                          .prepared = std::exchange(context_.prepared, {})};
    const auto name = context_.schedule.add(std::move(entry));
    if (!name) {
        refuse_all(group.errand, name.error());
        return false;
    }
    if (tagged) return true;
    for (auto &answered : given)
        if (answered && answered->result)
            answered->result->text +=
                fmt::format("; at {}, as {}", shown(std::get<Moment>(due)), *name);
    give(group.errand, given);
    return true;
}

void Director::run_due() {
    look_at_clock();
    context_.versions.look(context_);
    report_drops();
    context_.observer.look(context_.device, context_.traffic);
    const Position at = position_in_run(context_);
    const Frame ahead = frame_now(context_) + lead();
    std::vector<Schedule::Entry> due;
    if (!context_.session.running()) {
        due = context_.schedule.take_uncounted();
        std::ranges::move(context_.schedule.take(ahead, std::nullopt), std::back_inserter(due));
    } else if (at.per_frame == 0) { // the start is on its way
        due = context_.schedule.take(ahead, std::nullopt);
    } else {
        const Phase there = at.phase + (ahead > at.frame ? ahead - at.frame : 0) * at.per_frame;
        due = context_.schedule.take(ahead, there / at.per_step);
    }
    for (Schedule::Entry &entry : due) {
        context_.prepared = std::move(entry.prepared);
        Timing timing = timing_of(entry.due);
        timing.answered = entry.answered;
        (void)act(entry.errand, timing);
        context_.prepared.clear();
    }
    run_chain(context_);
    end_song();
}

/// The sequencer stops on the line of the music where a song ends that stops there.
void Director::end_song() {
    const auto line = end_of_song(context_);
    if (!line || !is_due(Moment{*line})) return;
    context_.session.stamp(timing_of(Moment{*line}).when, Wait::aside);
    (void)context_.session.stop(); // what has no room now has it the next time
}

std::optional<std::int64_t> Director::next_due_ns() const {
    if (questions_.any(has_room_)) return context_.now_ns();
    std::optional<Frame> first;
    const auto sooner = [&](std::optional<Frame> frame) {
        if (frame && (!first || *frame < *first)) first = frame;
    };
    if (const auto &waiting = context_.schedule.by_frame(); !waiting.empty())
        sooner(waiting.begin()->first);
    if (const auto &waiting = context_.schedule.by_step(); !waiting.empty())
        sooner(expected(waiting.begin()->second.due).value_or(0));
    if (const auto line = end_of_song(context_)) sooner(expected(Moment{*line}));
    if (!first) return std::nullopt;
    const auto fit = context_.device.clock().fit();
    if (!fit) return context_.now_ns() + 5'000'000;
    return fit->ns_at(*first > lead() ? *first - lead() : 0);
}

void Director::forget(const Peer &peer) {
    if (!peer.is_loopback()) context_.schedule.forget(peer); // a token's rights end with it
    context_.clients.forget(peer);
    context_.answered.forget(peer);
    context_.access.forget(peer);
    context_.subscriptions.forget(peer);
    questions_.forget(peer);
    refused_.erase(peer);
}

} // namespace chronus::osc
