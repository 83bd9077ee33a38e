#include "osc/director.h"

#include "osc/address_pattern.h"
#include "osc/presets.h"
#include "osc/rendering.h"
#include "osc/set_shelf.h"
#include "osc/stage.h"
#include "osc/turn.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

/// The director's part that acts: transactions, and what follows from them.
namespace chronus::osc {

namespace {

/// Entries that are tried out before one that is due later than they.
constexpr std::size_t kMostTried = 64;

bool takes_back(std::string_view address) { return address == "/undo" || address == "/redo"; }

bool moves_a_parameter(const Request &request) {
    const std::string_view address = request.message.address;
    const bool pattern = has_pattern(address) && !address.starts_with("/gate/");
    return !request.message.args.empty() && (address.starts_with("/mod/") || pattern ||
                                             address == "/seq/bpm" || address == "/seq/swing");
}

Error not_done(const Error &because, std::string_view address) {
    return {
        because.code,
        fmt::format("nothing of this bundle was done, because of {}: {}", address, because.what),
        because.hint};
}

/// What cannot be taken back cannot be tried out either, but for its arguments.
Result<Reply> tried(const Message &message) {
    const auto args = coerced(*find_verb(message.address), message.args);
    if (!args) return args.error();
    return Reply{"will be done"};
}

} // namespace

/// All of an errand's changes or none, and then what it asks.
bool Director::act(const Errand &errand, const Timing &timing) {
    Session &session = context_.session;
    const bool timed = timing.on_line || timing.asked;
    session.stamp(timing.when, timed ? Wait::aside : Wait::in_line);
    context_.on_line = timing.on_line;
    context_.timed = timed;
    context_.based_on = session.revision();
    if (errand.requests.size() == 1 && acts_of(errand.requests[0].message) == Acts::outside) {
        act_outside(errand);
        return true;
    }
    Given given(errand.requests.size());
    const Desk before = context_.desk;
    const Frame last_change = last_change_;
    keep_for_undo(errand);
    session.begin();
    auto fault = change(errand, timing, given);
    if (!fault) fault = commit();
    if (fault) {
        session.rollback();
        context_.desk = before;
        last_change_ = last_change;
        if (std::ranges::none_of(given, [](const auto &g) { return g && !g->result; }))
            refuse_all(errand, *fault);
        else
            give(errand, given);
        return false;
    }
    hand_over();
    const std::int64_t enough_ns = end_of_share(context_.now_ns());
    for (std::size_t i = 0; i < errand.requests.size(); ++i)
        if (!given[i])
            ask(errand, errand.requests[i], enough_ns);
        else if (!timing.answered)
            answer(caller_of(errand, errand.requests[i]), *given[i]);
    return true;
}

/// Every change of an errand up to the first that is refused; the others then hear why.
std::optional<Error> Director::change(const Errand &errand, const Timing &timing, Given &given) {
    for (std::size_t i = 0; i < errand.requests.size(); ++i) {
        const Request &request = errand.requests[i];
        if (acts_of(request.message) == Acts::asks) continue;
        given[i] = perform(errand, request);
        if (given[i]->result) continue;
        const Error fault = given[i]->result.error();
        for (std::size_t k = 0; k < errand.requests.size(); ++k)
            if (k != i)
                given[k] = {errand.requests[k].message.address,
                            not_done(fault, request.message.address)};
        return fault;
    }
    if (timing.asked && !errand.requests.empty()) {
        context_.caller = caller_of(errand, errand.requests.front());
        (void)await_mark(context_, timing.asked);
    }
    return std::nullopt;
}

std::optional<Error> Director::commit() {
    const std::size_t jobs = context_.desk.jobs.size();
    if (jobs > 0 && context_.saver.waiting() + jobs > patterns::Saver::kMostWaiting)
        return Error{Errc::busy,
                     fmt::format("{} jobs wait for the disk already; try again soon",
                                 context_.saver.waiting()),
                     "/sync 1"};
    if (auto done = context_.session.commit(); !done) {
        ++context_.traffic.queue_full;
        return done.error();
    }
    return std::nullopt;
}

/// What is sure now goes to the disk, marks are on their way, what is cancelled will not happen.
void Director::hand_over() {
    Desk &desk = context_.desk;
    if (!context_.session.switch_waits()) note_switch();
    for (std::size_t i = 0; i < desk.jobs.size(); ++i) {
        if (desk.job_callers[i].address == "/pattern/save")
            context_.versions.saved(context_, patterns::slot_of(desk.jobs[i]));
        auto scope = carrying(context_.progress, desk.jobs[i], desk.job_callers[i].address);
        const auto ticket = context_.saver.submit(std::move(desk.jobs[i]));
        if (ticket) {
            context_.deferred.emplace(*ticket, desk.job_callers[i]);
            if (scope) context_.carried.emplace(*ticket, *std::move(scope));
        } else
            answer(desk.job_callers[i], {desk.job_callers[i].address, ticket.error()});
    }
    desk.jobs.clear();
    desk.job_callers.clear();
    for (const StudioAsked &asked : std::exchange(desk.studio_jobs, {}))
        answer(asked.caller, {asked.caller.address, begin_job(context_, asked)});
    for (const auto &[id, by] : std::exchange(desk.ended_jobs, {}))
        (void)context_.progress.cancel(id, by); // it may just be over
    for (Writing &writing : std::exchange(desk.writings, {})) {
        context_.caller = writing.caller;
        answer(writing.caller, {writing.caller.address, writing.write(context_)});
    }
    std::ranges::move(desk.awaited, std::back_inserter(context_.awaited));
    desk.awaited.clear();
    for (const auto &[name, by] : std::exchange(desk.cancelled, {}))
        if (const auto entry = context_.schedule.cancel(name, by); entry && !entry->answered)
            refuse_all(entry->errand,
                       {Errc::failed, "cancelled by /next/cancel before its time", "/next"});
}

/// What cannot be taken back is done without a transaction, and so alone.
void Director::act_outside(const Errand &errand) {
    Given given{perform(errand, errand.requests.front())};
    hand_over();
    give(errand, given);
}

Answered Director::perform(const Errand &errand, const Request &request) {
    context_.caller = caller_of(errand, request);
    context_.fetched = request.fetched;
    const Message &message = request.message;
    if (errand.requests.size() > 1 && acts_of(message) == Acts::outside)
        return {message.address,
                Error{Errc::unsupported,
                      fmt::format("{}: cannot be taken back, so it comes alone, in no bundle",
                                  message.address),
                      "/engine/record/status"}};
    if (const auto role = role_for(message))
        if (auto may = context_.access.check(errand.from, *role, message.address,
                                             context_.now_ns() / 1'000'000);
            !may)
            return {message.address, may.error()};
    if (context_.trial && acts_of(message) == Acts::outside)
        return {message.address, tried(message)};
    return dispatch(context_, message);
}

/// What is done inside is taken back, whatever comes of it.
std::optional<Error> Director::try_out(const std::function<std::optional<Error>()> &attempt) {
    const Desk before = context_.desk;
    context_.prepared.clear();
    context_.trial = true;
    context_.based_on = context_.session.revision();
    context_.session.begin();
    auto fault = attempt();
    context_.session.rollback();
    context_.desk = before;
    context_.trial = false;
    if (fault) context_.prepared.clear();
    return fault;
}

/// Whether it would work when its time comes, as far as is known now: after all that is due before.
std::optional<Error> Director::try_at(const Errand &errand, const std::optional<Due> &due,
                                      Given &given) {
    context_.timed = due.has_value();
    context_.on_line = due && std::holds_alternative<Moment>(*due);
    if (due) try_what_waits(*due);
    return change(errand, {}, given);
}

void Director::try_what_waits(const Due &until) {
    const auto time = expected(until);
    std::size_t tried = 0;
    const auto first_try = [&](const Schedule::Entry &entry) {
        const auto its = expected(entry.due);
        if (tried >= kMostTried || (time && its && *its > *time)) return;
        ++tried;
        Given ignored(entry.errand.requests.size());
        (void)change(entry.errand, {}, ignored);
    };
    for (const auto &[frame, entry] : context_.schedule.by_frame()) first_try(entry);
    for (const auto &[step, entry] : context_.schedule.by_step()) first_try(entry);
}

/// Commands of one packet with several times are tried one after the other, before any is done.
bool Director::all_would_work(const std::vector<Group> &groups) {
    std::vector<Given> given;
    std::string spoiler;
    const auto fault = try_out([&]() -> std::optional<Error> {
        for (const Group &group : groups) {
            given.emplace_back(group.errand.requests.size());
            spoiler = group.errand.requests.front().message.address;
            const auto due = due_of(group);
            if (!due) return due.error();
            if (auto wrong = try_at(group.errand, *due, given.back())) return wrong;
        }
        return std::nullopt;
    });
    context_.prepared.clear();
    if (!fault) return true;
    for (std::size_t i = 0; i + 1 < given.size(); ++i)
        refuse_all(groups[i].errand, not_done(*fault, spoiler));
    if (given.back().empty() || !given.back().front())
        refuse_all(groups[given.size() - 1].errand, *fault);
    else
        give(groups[given.size() - 1].errand, given.back());
    for (std::size_t i = given.size(); i < groups.size(); ++i)
        refuse_all(groups[i].errand, not_done(*fault, spoiler));
    return false;
}

/// Of a packet with something in it that is no command.
void Director::refuse_spoilt(const std::vector<TimedMessage> &messages, const Peer &from,
                             const std::string &spoiler, const Error &fault) {
    const Error others = not_done(with_hint(fault, from), spoiler);
    for (const TimedMessage &timed : messages) {
        if (is_said_by_daemons(timed.message)) continue;
        const auto request = unwrapped(timed.message);
        const std::string &address = request ? request->message.address : timed.message.address;
        const Caller caller{from, address, request ? request->id : ""};
        if (is_new(caller))
            answers_.give(caller, {address, request ? others : with_hint(request.error(), from)});
    }
}

/// The pattern before a change. Any but of a parameter ends the gesture before it, and is none.
void Director::keep_for_undo(const Errand &errand) {
    const auto acts = [](const Request &r) { return acts_of(r.message); };
    const bool edits = std::ranges::any_of(errand.requests, [&](const Request &r) {
        return acts(r) == Acts::switches || acts(r) == Acts::edits || sets_preset(r.message);
    });
    const bool changes = std::ranges::any_of(errand.requests, [&](const Request &r) {
        return acts(r) == Acts::switches ||
               (acts(r) == Acts::edits && !takes_back(r.message.address)) || moves_a_parameter(r);
    });
    if (edits || changes)
        context_.versions.before_change(context_, errand.from,
                                        std::ranges::any_of(errand.requests, [&](const Request &r) {
                                            return acts(r) == Acts::switches;
                                        }));
    if (edits) last_change_ = 0;
    if (changes) keep_for_undo();
    if (edits) last_change_ = 0;
}

void Director::keep_for_undo() {
    const Frame now = change_frame();
    const bool goes_on = gesture_goes_on(now);
    last_change_ = now;
    if (!goes_on) context_.desk.undo.push(context_.session.scene(), label_heard(context_));
}

} // namespace chronus::osc
