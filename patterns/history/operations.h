#pragma once

#include "engine/result.h"
#include "patterns/history/database.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chronus::patterns {

/// Something long that is over. Units: Unix ms.
struct Operation {
    std::int64_t id = 0;
    std::string type, name, status;
    std::optional<std::int64_t> start_ms = {}; ///< empty: cancelled before it began
    std::int64_t end_ms = 0;
    double units = 1; ///< what it counted, in all
    double seconds = 0;
    std::string document = {}; ///< all that is known of it, as JSON
};

/// Which of them. What is empty does not matter.
struct OperationFilter {
    std::string type = {}, status = {};
    std::optional<std::int64_t> since_ms = {}, until_ms = {}; ///< of their ends, both included
    std::size_t most = 1000;
};

/// How many are kept.
inline constexpr std::size_t kOperationsKept = 1000;

/// Keeps one, in the place of one with the same id, and drops the oldest beyond the last 1,000.
/// Thread and errors: those of the database.
Outcome keep(Database &db, const Operation &operation);

/// Those that ended last, the last one first, without their documents.
Result<std::vector<Operation>> operations(Database &db, const OperationFilter &filter);

/// Nothing when there is none of this id.
Result<std::optional<Operation>> operation(Database &db, std::int64_t id);

/// What something of one type took, which was completed: an operation, or a part of one.
struct Run {
    std::string type;
    double units = 1, seconds = 0;
};
/// Those in so many operations, of those that ended last; the last one last, parts before the
/// whole.
Result<std::vector<Run>> runs(Database &db, std::size_t operations);

/// The highest there is, or 0.
Result<std::int64_t> last_operation(Database &db);

} // namespace chronus::patterns
