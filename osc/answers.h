#pragma once

#include "osc/context.h"
#include "osc/outlet.h"
#include "osc/reply_budget.h"
#include "osc/routes.h"

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace chronus::osc {

/// Turns what commands led to into `/reply` and `/error`, for those who want to know.
///
/// Thread: control.
class Answers {
public:
    Answers(Context &context, Outlet outlet) : context_(context), outlet_(std::move(outlet)) {}

    /// As the client's policy has it; an answer under an id is always given.
    void give(const Caller &to, const Answered &answered);
    /// Whatever the policy.
    void tell(const Peer &to, const Message &message);

    /// A packet is at hand: how much its sender may be sent for it.
    void answering(const Peer &to, ReplyBudget budget) {
        asker_ = to;
        budget_ = budget;
    }
    /// Sends what was answered under an id before. False when the id is new.
    bool give_again(const Caller &to);

private:
    void send(const Peer &to, std::span<const std::byte> packet);
    void tell_under_id(const Caller &to, std::vector<std::byte> packet);
    void refuse(const Caller &to, const Error &error);
    void give_in_parts(const Caller &to, const Reply &reply);
    Message reply_message(const Caller &to, std::string text, std::vector<Value> values) const;

    Context &context_;
    Outlet outlet_;
    Peer asker_;                          // of the packet at hand,
    ReplyBudget budget_{Trust::local, 0}; // and what it may still be sent
};

} // namespace chronus::osc
