#pragma once

#include "engine/result.h"
#include "patterns/history/database.h"
#include "patterns/history/executions.h"
#include "patterns/history/item.h"
#include "patterns/history/records.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace chronus::patterns {

/// The rows of sessions, executions and items as they are written: what is open, and how far it
/// has come. It is as the database has it at the end of each transaction, after `flush`; when one
/// fails, make it anew.
///
/// Thread and errors: those of the database.
class ExecutionRows {
public:
    /// What is open in there.
    static Result<ExecutionRows> load(Database &db);

    /// Ends all that is open, as killed when its session has no end.
    Outcome begin(Database &db, const SessionBegin &session);
    Outcome end(Database &db, const SessionEnd &session);
    Outcome begin(Database &db, const ExecutionBegin &execution);
    Outcome end(Database &db, const ExecutionEnd &execution);
    /// To what has that number; else to the performance, or to the pause there is without one.
    Outcome add(Database &db, const ItemView &item, std::uint64_t run = 0);
    /// So many were lost, about now.
    Outcome add_gap(Database &db, std::uint64_t lost, std::string_view why);
    /// An item of this session names it.
    Outcome name_content(Database &db, std::int64_t content);

    /// Writes what is counted.
    Outcome flush(Database &db);

private:
    struct Open {
        std::int64_t id = 0, start_ms = 0;
        Frame start_frame = 0;
        std::int64_t items = 0, lost = 0;
        bool changed = false;
        std::map<std::pair<ItemType, std::int64_t>, std::int64_t> counts = {}; ///< not yet written
    };
    /// Executions by their number, the performance at 0.
    using OpenOnes = std::map<std::uint64_t, Open>;

    Result<std::int64_t> session(Database &db);
    Result<Open> opened(Database &db, const ExecutionBegin &begin);
    Result<Open *> stage(Database &db, std::int64_t time_ms, Frame frame);
    Result<Open *> place(Database &db, const ItemView &item, std::uint64_t run);
    Result<std::optional<Open>> last_performance(Database &db);
    Outcome close(Database &db, Open &open, const ExecutionEnd &end);
    Outcome close_pause(Database &db, std::int64_t time_ms, Frame frame);
    Outcome close_all(Database &db, ExecutionStatus status, std::int64_t time_ms, Frame frame);
    Outcome insert(Database &db, Open &open, const ItemView &item);
    Result<std::int64_t> author(Database &db, std::string_view name);
    Outcome flush(Database &db, Open &open);
    Outcome load_open(Database &db);

    std::optional<std::int64_t> session_;
    OpenOnes open_;
    std::optional<Open> pause_;
    std::map<std::string, std::int64_t, std::less<>> authors_;
    std::optional<std::int64_t> last_ms_; ///< of what was last kept
    Frame last_frame_ = 0;
    std::optional<Statement> insert_;
};

} // namespace chronus::patterns
