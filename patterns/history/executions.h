#pragma once

#include "engine/result.h"
#include "patterns/history/database.h"
#include "patterns/history/records.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What was performed: one row for each performance, render, and pause between. Thread, here and in
/// the other files over them: that of the database. Errors: its own, besides those told.
namespace chronus::patterns {

/// "performance", "running" ... and back; nothing for what is none.
std::string_view name_of(ExecutionKind kind);
std::string_view name_of(ExecutionStatus status);
std::optional<ExecutionKind> find_kind(std::string_view name);
std::optional<ExecutionStatus> find_status(std::string_view name);

/// Units: Unix ms; frames of its engine.
struct Execution {
    std::int64_t id = 0, session = 0; ///< from 1, in the order in which they began
    ExecutionKind kind = ExecutionKind::performance;
    ExecutionStatus status = ExecutionStatus::running;
    std::string name = {};
    std::int64_t slot = 0; ///< 0 none
    std::string setlist = {}, song = {}, author = {};
    std::string snapshot = {}; ///< hash of what it began with
    std::int64_t start_ms = 0;
    std::optional<std::int64_t> end_ms = {};
    Frame start_frame = 0;
    std::optional<Frame> end_frame = {};
    std::int64_t items = 0;
    std::int64_t lost = 0; ///< as many more should be there
    bool pinned = false;   ///< it is kept for ever
};

/// Which of them. What is empty does not matter; times are of their starts, both included.
struct ExecutionFilter {
    std::optional<ExecutionKind> kind = {}; ///< empty: all but pauses
    std::optional<ExecutionStatus> status = {};
    std::optional<std::int64_t> slot = {};
    std::string name = {}, setlist = {}, song = {}, author = {};
    std::optional<ItemType> has = {}; ///< an item of this type
    std::optional<std::int64_t> since_ms = {}, until_ms = {};
    std::optional<std::int64_t> before = {}; ///< ids below it: the next page
    std::size_t most = 100;
};

/// The last one first.
Result<std::vector<Execution>> executions(Database &db, const ExecutionFilter &filter);
/// Nothing when there is none of this id.
Result<std::optional<Execution>> execution(Database &db, std::int64_t id);
/// Kept for ever, or no longer. Errors: not_found.
Outcome pin(Database &db, std::int64_t id, bool on);

} // namespace chronus::patterns
