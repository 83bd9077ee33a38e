#pragma once

#include "engine/result.h"
#include "patterns/history/database.h"

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace chronus::patterns {

struct Salvaged {
    std::int64_t rows = 0; ///< that are there again
    std::int64_t left = 0; ///< executions whose items are in the damaged file alone
};

/// Takes over into a new `history.db` what can be read of a damaged one, table by table and row by
/// row: past a damaged page it goes on behind it. What needs a row that is gone goes as well, but
/// for a snapshot whose parent is gone: it begins a line. Items are many: those of the newest
/// executions come first, and after `enough` the rest is left where it is.
///
/// Thread: that of the database. Errors: those of the new one; then nothing was taken over.
Result<Salvaged> salvage(Database &into, const std::filesystem::path &damaged,
                         std::chrono::milliseconds enough = std::chrono::seconds{5});

} // namespace chronus::patterns
