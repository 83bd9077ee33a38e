#pragma once

#include "engine/result.h"
#include "patterns/history/database.h"
#include "patterns/history/journal.h"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace chronus::patterns {

/// Carries what waits in a journal into the database.
///
/// Thread: that of the database. Nothing else may write sessions, executions and items.
class ItemKeeper {
public:
    explicit ItemKeeper(Journal &journal);
    ~ItemKeeper();

    /// Keeps all that is there now, on the disk when it is back. What a killed process had not yet
    /// kept comes first; that process's executions end as killed where the next session begins.
    ///
    /// Errors: those of the database: what was not kept still waits, and none is kept twice. A
    ///         record that no database takes is counted as lost.
    Outcome drain(Database &db);

private:
    struct State;
    /// What is kept in one transaction.
    struct Batch {
        std::uint64_t end = 0;
        std::size_t most = 0; ///< records
        bool skip = false;    ///< the first is refused for good
    };
    Outcome load(Database &db);
    Result<bool> drain_some(Database &db, const Batch &batch);
    Result<std::uint64_t> keep_some(Database &db, const Batch &batch, std::uint64_t from);

    JournalRing &ring_;
    std::unique_ptr<State> state_; // as the database has it; empty: to be read from there
};

} // namespace chronus::patterns
