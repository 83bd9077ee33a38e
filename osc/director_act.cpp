#include "osc/director.h"
#include "osc/hints.h"

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
    return !request.message.args.empty() &&
           (address.starts_with("/mod/") || address == "/seq/bpm" || address == "/seq/swing");
}

Error not_done(const Error &because, std::string_view address) {
    return {because.code, fmt::format("nothing of this bundle was done, because of {}: {}", address,
                                      because.what)};
}

/// What cannot be taken back cannot be tried out either, but for its arguments.
Result<Reply> tried(const Message &message) {
    const auto args = coerced(*find_verb(message.address), message.args);
    if (!args) return args.error();
    return Reply{"will be done"};
}

Caller caller_of(const Errand &errand, const Request &request) {
    return {errand.from, request.message.address, request.id};
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
    keep_for_undo(errand);
    session.begin();
    auto fault = change(errand, timing, given);
    if (!fault) fault = commit();
    if (fault) {
        session.rollback();
        context_.desk = before;
        if (std::ranges::none_of(given, [](const auto &g) { return g && !g->result; }))
            refuse_all(errand, *fault);
        else
            give(errand, given);
        return false;
    }
    hand_over_jobs();
    for (std::size_t i = 0; i < errand.requests.size(); ++i)
        if (!given[i]) given[i] = perform(errand, errand.requests[i]);
    if (!timing.answered) give(errand, given);
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
        return Error{Errc::busy, fmt::format("{} jobs wait for the disk already; try again soon",
                                             context_.saver.waiting())};
    if (auto done = context_.session.commit(); !done) {
        ++context_.traffic.queue_full;
        return done.error();
    }
    return std::nullopt;
}

/// What is sure now goes to the disk, and marks are on their way.
void Director::hand_over_jobs() {
    Desk &desk = context_.desk;
    for (std::size_t i = 0; i < desk.jobs.size(); ++i) {
        const auto ticket = context_.saver.submit(std::move(desk.jobs[i]));
        if (ticket)
            context_.deferred.emplace(*ticket, desk.job_callers[i]);
        else
            answers_.give(desk.job_callers[i], {desk.job_callers[i].address, ticket.error()});
    }
    desk.jobs.clear();
    desk.job_callers.clear();
    std::ranges::move(desk.awaited, std::back_inserter(context_.awaited));
    desk.awaited.clear();
}

/// What cannot be taken back is done without a transaction, and so alone.
void Director::act_outside(const Errand &errand) {
    Given given{perform(errand, errand.requests.front())};
    hand_over_jobs();
    give(errand, given);
}

Answered Director::perform(const Errand &errand, const Request &request) {
    context_.caller = caller_of(errand, request);
    const Message &message = request.message;
    if (errand.requests.size() > 1 && acts_of(message) == Acts::outside)
        return {message.address,
                Error{Errc::unsupported,
                      fmt::format("{}: cannot be taken back, so it comes in no bundle with others",
                                  message.address),
                      typed(message.address, message.args)}};
    if (const auto role = role_for(message))
        if (auto may = context_.access.check(errand.from, *role, message.address,
                                             context_.now_ns() / 1'000'000);
            !may)
            return {message.address, may.error()};
    if (context_.trial && acts_of(message) == Acts::outside)
        return {message.address, tried(message)};
    return dispatch(context_, message);
}

/// Whether it would work when its time comes, as far as is known now: after all that is due before.
std::optional<Error> Director::try_out(const Errand &errand, const Due &due, Given &given) {
    const Desk before = context_.desk;
    const auto time = expected(due);
    context_.trial = true;
    context_.on_line = std::holds_alternative<Moment>(due);
    context_.timed = true;
    context_.based_on = context_.session.revision();
    context_.session.begin();
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
    auto fault = change(errand, {}, given);
    context_.session.rollback();
    context_.desk = before;
    context_.trial = false;
    return fault;
}

/// The pattern before a change.
void Director::keep_for_undo(const Errand &errand) {
    const auto edits = [](const Request &r) {
        const Acts acts = acts_of(r.message);
        return acts == Acts::switches || (acts == Acts::edits && !takes_back(r.message.address));
    };
    if (std::ranges::any_of(errand.requests, edits))
        last_change_ = 0;
    else if (std::ranges::none_of(errand.requests, moves_a_parameter))
        return;
    keep_for_undo();
    if (std::ranges::any_of(errand.requests, edits)) last_change_ = 0;
}

/// Parameters on the move, until they rest for half a second, are one change.
void Director::keep_for_undo() {
    const Frame frame = context_.session.telemetry().frame.load(std::memory_order_relaxed) + 1;
    const auto half_second = static_cast<Frame>(context_.session.config().fs.hz / 2);
    const bool goes_on = last_change_ != 0 && frame - last_change_ < half_second;
    last_change_ = frame;
    if (goes_on) return;
    context_.desk.undo.push(context_.session.scene(), context_.desk.label);
}

void Director::give(const Errand &errand, const Given &given) {
    for (std::size_t i = 0; i < given.size(); ++i)
        if (given[i]) answers_.give(caller_of(errand, errand.requests[i]), *given[i]);
}

void Director::refuse_all(const Errand &errand, const Error &error) {
    for (const Request &request : errand.requests)
        answers_.give(caller_of(errand, request), {request.message.address, error});
}

} // namespace chronus::osc
