#pragma once

#include "osc/context.h"
#include "osc/verbs.h"

#include <functional>
#include <utility>

namespace chronus::osc {

/// Asks the history, and gives what came of it to whoever asked: `told` makes the reply of what
/// `question` found. What is only tried is not asked.
///
/// Errors: busy - too many questions wait.
template <class Question, class Told>
Result<Reply> asked(Context &context, Question question, Told told) {
    Reply later{.text = {}, .later = true};
    if (context.trial) return later;
    auto answer = [&context, caller = context.caller, told = std::move(told)](const auto &result) {
        context.history_told.emplace_back(caller, result ? Result<Reply>{told(*result)}
                                                         : Result<Reply>{result.error()});
    };
    if (auto put = context.history.ask(std::move(question), std::move(answer)); !put)
        return put.error();
    return later;
}

/// What writes is done when all of its bundle is sure, and answered when it is on the disk.
inline Result<Reply> when_sure(Context &context, std::function<Result<Reply>(Context &)> write) {
    context.desk.writings.push_back({context.caller, std::move(write)});
    return Reply{.text = {}, .later = true};
}

} // namespace chronus::osc
