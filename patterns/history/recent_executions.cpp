#include "patterns/history/recent_executions.h"

#include <algorithm>

namespace chronus::patterns {

Result<std::optional<Execution>> RecentExecutions::find(Database &db, std::int64_t id) {
    const auto known = std::ranges::find(last_, id, &Execution::id);
    if (known != last_.end()) {
        last_.splice(last_.begin(), last_, known);
        return std::optional{last_.front()};
    }
    auto read = execution(db, id);
    if (!read || !*read || (*read)->status == ExecutionStatus::running) return read;
    last_.push_front(**read);
    if (last_.size() > kMost) last_.pop_back();
    return read;
}

void RecentExecutions::forget(std::int64_t id) {
    last_.remove_if([id](const Execution &each) { return each.id == id; });
}

} // namespace chronus::patterns
