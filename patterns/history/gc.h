#pragma once

#include "engine/result.h"
#include "patterns/history/database.h"

#include <cstdint>
#include <functional>

namespace chronus::patterns {

/// What may go: what is older than that and not among so many of the newest, unless a tag, a
/// branch, an annotation or a kept execution names it, or somebody asked for it. What was before
/// one that is named is not held by that, or none would ever go: lines close over what is gone, and
/// who counts along them (`HEAD~3`) is told where they did.
struct GcPolicy {
    std::int64_t now_ms = 0;
    std::int64_t keep_ms = 30LL * 24 * 3600 * 1000;
    std::int64_t keep_newest = 10'000;
    /// Told how many of how many are dropped, where there are any; false ends it, and all stay.
    std::function<bool(std::int64_t done, std::int64_t of)> told = {};
};

struct GcReport {
    std::int64_t dropped = 0, kept = 0; ///< snapshots
    std::int64_t contents = 0;          ///< patterns that nothing held any more
};

/// Drops the patterns that no snapshot holds and no execution names; says how many.
/// Thread and errors: those of the database.
Result<std::int64_t> drop_contents(Database &db);

/// Thread and errors: those of the database; cancelled.
Result<GcReport> gc(Database &db, const GcPolicy &policy);

} // namespace chronus::patterns
