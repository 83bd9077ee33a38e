#pragma once

#include "engine/result.h"
#include "patterns/history/database.h"

#include <cstdint>
#include <functional>

namespace chronus::patterns {

/// Which sessions may go, whole, as a replay needs all of one: those of which each execution ended
/// before that and is not among so many of the newest, none is pinned and none began with a tagged
/// snapshot.
struct RetentionPolicy {
    std::int64_t now_ms = 0;
    std::int64_t keep_ms = 30LL * 24 * 3600 * 1000;
    std::int64_t keep_newest = 10'000; ///< executions, pauses not counted
    /// Told how many sessions of how many are dropped, where there are any; false ends it, and the
    /// others stay.
    std::function<bool(std::int64_t done, std::int64_t of)> told = {};
};

struct Retained {
    std::int64_t sessions = 0, executions = 0, items = 0; ///< that were dropped
    std::int64_t contents = 0;                            ///< patterns that nothing held any more
};

/// Thread and errors: those of the database; cancelled. A session is dropped whole or not at all.
Result<Retained> retain(Database &db, const RetentionPolicy &policy);

} // namespace chronus::patterns
