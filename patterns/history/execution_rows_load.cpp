#include "patterns/history/execution_rows.h"

namespace chronus::patterns {

Result<ExecutionRows> ExecutionRows::load(Database &db) {
    ExecutionRows rows;
    auto last = db.prepare("SELECT id, start_ms FROM sessions ORDER BY id DESC LIMIT 1");
    if (!last) return last.error();
    const auto row = last->next();
    if (!row) return row.error();
    if (*row) {
        rows.session_ = last->whole(0);
        rows.last_ms_ = last->whole(1);
    }
    if (const auto done = rows.load_open(db); !done) return done.error();
    return rows;
}

Outcome ExecutionRows::load_open(Database &db) {
    auto asked = db.prepare(
        "SELECT e.id, e.start_ms, e.start_frame, e.items, e.lost, e.run, e.kind = 'pause',"
        " i.time, i.frame FROM executions e"
        " LEFT JOIN items i ON i.execution = e.id AND i.seq = e.items"
        " WHERE e.status = 'running' ORDER BY e.id");
    if (!asked) return asked.error();
    for (;;) {
        const auto row = asked->next();
        if (!row) return row.error();
        if (!*row) return Done{};
        const Open open{.id = asked->whole(0),
                        .start_ms = asked->whole(1),
                        .start_frame = static_cast<Frame>(asked->whole(2)),
                        .items = asked->whole(3),
                        .lost = asked->whole(4)};
        const std::int64_t time = open.start_ms + asked->whole(7);
        if (!last_ms_ || time >= *last_ms_) {
            last_ms_ = time;
            last_frame_ = open.start_frame + static_cast<Frame>(asked->whole(8));
        }
        if (asked->whole(6) != 0)
            pause_ = open;
        else
            open_.insert_or_assign(static_cast<std::uint64_t>(asked->whole(5)), open);
    }
}

/// Of this session, though it is over.
Result<std::optional<ExecutionRows::Open>> ExecutionRows::last_performance(Database &db) {
    auto asked = db.prepare("SELECT id, start_ms, start_frame, items, lost FROM executions"
                            " WHERE session = ? AND kind = 'performance' AND status <> 'running'"
                            " ORDER BY id DESC LIMIT 1");
    if (!asked) return asked.error();
    const auto row = asked->with(session_).next();
    if (!row) return row.error();
    if (!*row) return std::optional<Open>{};
    return std::optional{Open{.id = asked->whole(0),
                              .start_ms = asked->whole(1),
                              .start_frame = static_cast<Frame>(asked->whole(2)),
                              .items = asked->whole(3),
                              .lost = asked->whole(4)}};
}

} // namespace chronus::patterns
