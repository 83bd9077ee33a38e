#pragma once

#include "engine/model/time.h"
#include "engine/result.h"
#include "patterns/history/database.h"

#include <cstdint>
#include <string>
#include <vector>

namespace chronus::patterns {

/// Something that was done to the engine in a performance, and whose word it was.
struct Change {
    std::uint64_t seq = 0;    ///< of its item, in the execution
    std::uint64_t before = 0; ///< messages of its session before it
    bool is_alarm = false;    ///< a panic, right before the message of that number; else that one
    bool starts = false;      ///< the sequencer
    std::int64_t time_ms = 0;
    Frame frame = 0;          ///< to which the engine had come
    std::string applied;      ///< it, as JSON
    std::string command = {}; ///< what was said, that it came of; empty: it came by itself
    std::string author = {};  ///< who said it
};

/// All of an execution, in the order in which they acted. Thread and errors: as executions.h.
Result<std::vector<Change>> changes(Database &db, std::int64_t execution);

} // namespace chronus::patterns
