#pragma once

#include "engine/result.h"
#include "patterns/history/database.h"
#include "patterns/history/executions.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chronus::patterns {

/// Of which executions, and of whose items. What is empty does not matter.
struct StatisticsFilter {
    std::optional<std::int64_t> execution = {}, slot = {};
    std::string setlist = {}, song = {};
    std::string author = {};                                  ///< of the items
    std::optional<std::int64_t> since_ms = {}, until_ms = {}; ///< of their starts, both included
};

struct CountOfType {
    ItemType type{};
    std::int64_t items = 0;
};
struct CountOfName {
    std::string name = {};
    std::int64_t items = 0;
};

/// Counts alone: they are kept while items are, so that none is read.
struct Statistics {
    std::int64_t executions = 0; ///< pauses not counted, though their items are
    std::int64_t duration_ms = 0;
    std::int64_t items = 0, lost = 0;
    std::vector<CountOfType> types = {}; ///< that there are, in the order of the table
    std::int64_t outputs = 0;
    /// Of what gave most, 100 at most; a name is an id or a number too.
    std::vector<CountOfName> by_execution = {}, by_slot = {}, by_song = {}, by_author = {};
};

std::int64_t count_of(const Statistics &statistics, Stage stage);

/// Thread and errors: as in executions.h.
Result<Statistics> statistics(Database &db, const StatisticsFilter &filter);

} // namespace chronus::patterns
