#include "osc/director.h"
#include "osc/turn.h"

#include <algorithm>

/// The director's part that answers questions, as many in a turn as there is time for.
namespace chronus::osc {

/// A packet of nothing but questions, for which there is no room, is cheaply got rid of: whoever
/// sends them without end has no time of others.
bool Director::turns_down(const std::vector<TimedMessage> &messages, const Peer &from) {
    const auto asks = [](const TimedMessage &m) { return acts_of(m.message) == Acts::asks; };
    if (messages.size() <= questions_.room_for(from) || !std::ranges::all_of(messages, asks))
        return false;
    ++context_.traffic.queue_full;
    const std::string &address = messages.front().message.address;
    if (is_to_be_told(from)) answer({from, address}, {address, questions_.full(address)});
    return true;
}

/// Answers a question now or, where the time or the room is used up, in a later turn. A client's
/// questions are answered in their order. Nothing waits for who has no role.
void Director::ask(const Errand &errand, const Request &request, std::int64_t enough_ns) {
    const Peer &from = errand.from;
    const Caller caller = caller_of(errand, request);
    const bool now = !questions_.has(from) && has_room_(from) && context_.now_ns() < enough_ns;
    if (now || !context_.access.knows(from)) return answer(caller, perform(errand, request));
    if (const auto kept = questions_.add(from, request); !kept)
        answer(caller, {caller.address, kept.error()});
}

void Director::answer_questions() {
    const std::int64_t enough_ns = end_of_share(context_.now_ns());
    do {
        auto next = questions_.take(has_room_);
        if (!next) return;
        const Errand errand{next->first, {std::move(next->second)}};
        const Request &request = errand.requests.front();
        context_.on_line = context_.timed = false;
        context_.based_on = context_.session.revision();
        answer(caller_of(errand, request), perform(errand, request));
    } while (context_.now_ns() < enough_ns);
}

} // namespace chronus::osc
