#pragma once

#include "engine/result.h"
#include "patterns/history/executions.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>

namespace chronus::patterns {

/// The executions that were last asked for, so that those are not read again. One that still runs
/// always is.
///
/// Thread and errors: those of the database.
class RecentExecutions {
public:
    static constexpr std::size_t kMost = 32;

    /// As `execution()`.
    Result<std::optional<Execution>> find(Database &db, std::int64_t id);
    /// It was changed, as by `pin`.
    void forget(std::int64_t id);
    /// Some were dropped.
    void forget_all() { last_.clear(); }

private:
    std::list<Execution> last_; // the last one first
};

} // namespace chronus::patterns
