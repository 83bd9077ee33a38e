#include "osc/director.h"

#include "osc/hints.h"
#include "osc/typed.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

/// The director's part that refuses, and sees to it that hints work.
namespace chronus::osc {

namespace {

/// Takes back what a trial does to subscriptions, and to those who wait for the disk.
class Kept {
public:
    explicit Kept(Context &context)
        : context_(context), subscriptions_(context.subscriptions), syncs_(context.syncs) {}
    Kept(const Kept &) = delete;
    Kept &operator=(const Kept &) = delete;
    ~Kept() {
        context_.subscriptions = std::move(subscriptions_);
        context_.syncs = std::move(syncs_);
    }

private:
    Context &context_;
    Subscriptions subscriptions_;
    std::vector<SyncWait> syncs_;
};

/// Sources remembered; more than that and the oldest story is not worth the memory.
constexpr std::size_t kMostSources = 256;

/// What a refused packet calls itself, when it calls itself anything.
std::string address_of(std::span<const std::byte> packet) {
    std::string address;
    for (const std::byte byte : packet.first(std::min<std::size_t>(packet.size(), 64))) {
        const char c = static_cast<char>(byte);
        if (c == 0) return address.starts_with('/') ? address : "";
        if (c < 0x21 || c > 0x7e) return "";
        address += c;
    }
    return "";
}

bool needs_keeping(const Message &message) {
    const auto verbs = feedback_verbs();
    return message.address == "/sync" ||
           std::ranges::find(verbs, message.address, &Verb::address) != verbs.end();
}

/// Recording is not tried out: it begins if none goes on, and ends if one does.
std::optional<Error> recording_fault(const Context &context, const Message &message) {
    const RecordingEnd &end = context.recording_end;
    const bool active = context.recorder.status().active;
    const bool can_end = end.next ? !end.next_name.empty() : active && !end.asked;
    const bool can_begin = end.asked ? !end.next : !active;
    constexpr std::string_view kBegin = "/engine/record/start", kEnd = "/engine/record/stop";
    std::string instead = can_begin ? fmt::format("{} take.wav", kBegin)
                          : can_end ? std::string{kEnd}
                                    : std::string{"/engine/record/status"};
    const bool fails = (message.address == kEnd && !can_end) ||
                       (message.address == kBegin && typed(kBegin, message.args) != instead);
    if (!fails) return std::nullopt;
    return Error{Errc::not_now, "", std::move(instead)};
}

/// Questions that always have an answer, which can be long.
bool works_always(const Message &message) {
    const Verb *verb = find_verb(message.address);
    return verb != nullptr && verb->acts == Acts::asks && message.args.empty() &&
           coerced(*verb, {}) && !needs_keeping(message);
}

} // namespace

Caller Director::caller_of(const Errand &errand, const Request &request) {
    return {errand.from, request.message.address, request.id};
}

void Director::answer(const Caller &to, Answered answered) {
    if (!answered.result) answered.result = with_hint(answered.result.error(), to.peer);
    tell(to, answered);
}

/// What is refused is written down, too; but no question, nor anything of who has no role here.
void Director::tell(const Caller &to, const Answered &answered) {
    const Verb *verb = find_verb(answered.address);
    const bool asks = verb != nullptr && verb->acts == Acts::asks;
    if (!answered.result && !asks && context_.access.knows(to.peer))
        context_.observer.refused(answered.address, answered.result.error(), to.id);
    answers_.give(to, answered);
}

/// What one command of a bundle is refused for, the others hear too: it is looked at once.
void Director::give(const Errand &errand, Given given) {
    std::optional<Error> fault, told;
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (!given[i]) continue;
        auto &result = given[i]->result;
        if (!result && (!fault || fault->hint != result.error().hint))
            told = with_hint(*(fault = result.error()), errand.from);
        if (!result) result = Error{result.error().code, result.error().what, told->hint};
        tell(caller_of(errand, errand.requests[i]), *given[i]);
    }
}

void Director::refuse_all(const Errand &errand, const Error &error) {
    const Error told = with_hint(error, errand.from);
    for (const Request &request : errand.requests)
        tell(caller_of(errand, request), {request.message.address, told});
}

/// Once a second a source is told what is wrong with its packets; the rest is counted.
void Director::refuse(const Peer &from, std::span<const std::byte> packet, const Error &why) {
    ++context_.traffic.bad_packets;
    if (!is_to_be_told(from)) return;
    const std::string address = address_of(packet);
    const Verb *verb = find_verb(address);
    const std::string hint = verb != nullptr    ? working_example(context_, *verb)
                             : !address.empty() ? typed("/schema", {address})
                                                : "";
    answer({from, address}, {address, Error{why.code, why.what, hint}});
}

bool Director::is_to_be_told(const Peer &from) {
    if (refused_.size() >= kMostSources) refused_.clear();
    const std::int64_t time = context_.now_ns();
    const auto [told, first] = refused_.try_emplace(from, time);
    if (!first && time - told->second < 1'000'000'000) return false;
    told->second = time;
    return true;
}

/// The error with a hint that works: one that would be refused in its turn gives way to the one
/// that would then be given, and so on. For who has no role nothing works but a token.
Error Director::with_hint(Error error, const Peer &to) {
    if (!context_.access.knows(to)) return {error.code, std::move(error.what)};
    constexpr int kFurthest = 4;
    for (int n = 0; n < kFurthest && !error.hint.empty(); ++n) {
        auto fault = try_hint(error.hint, to);
        if (!fault) return error;
        error.hint = std::move(fault->hint);
    }
    error.hint = "/status"; // always works
    return error;
}

/// As if its sender had said it now. Costs no more than that would. Tokens are not tried.
std::optional<Error> Director::try_hint(std::string_view hint, const Peer &from) {
    const Message line = message_typed(hint);
    if (line.address.empty()) return Error{};
    const auto request = unwrapped(line);
    if (!request) return request.error();
    const Group group{{from, {*request}}, 1, request->at};
    const Message &message = request->message;
    if (message.address == "/auth") return Error{};
    if (context_.answered.find(from, request->id, context_.now_ns() / 1'000'000) != nullptr)
        return Error{Errc::conflict, "", typed(message.address, message.args)}; // the id is taken
    if (works_always(message)) return std::nullopt;
    const auto due = due_of(group);
    if (!due) return due.error();
    std::optional<Kept> kept;
    if (needs_keeping(message)) kept.emplace(context_);
    auto prepared = std::exchange(context_.prepared, {});
    Given given(1);
    auto fault = try_out([&]() -> std::optional<Error> {
        if (acts_of(message) != Acts::asks) return try_at(group.errand, *due, given);
        const Answered told = perform(group.errand, *request);
        return told.result ? std::nullopt : std::optional{told.result.error()};
    });
    context_.prepared = std::move(prepared);
    if (!fault && acts_of(message) == Acts::outside) return recording_fault(context_, message);
    return fault;
}

} // namespace chronus::osc
