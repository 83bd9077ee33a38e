#include "patterns/history/retain.h"

#include "patterns/history/gc.h"

#include <array>
#include <string_view>
#include <vector>

namespace chronus::patterns {

namespace {

/// Not the newest session, which may go on.
constexpr std::string_view kToDrop =
    "SELECT id FROM sessions s WHERE id < (SELECT max(id) FROM sessions)"
    " AND NOT EXISTS (SELECT 1 FROM executions e WHERE e.session = s.id"
    " AND (e.pinned <> 0 OR e.status = 'running'"
    " OR ifnull(e.end_ms, e.start_ms) >= ?1"
    " OR (e.kind <> 'pause' AND e.id > ifnull((SELECT id FROM executions WHERE kind <> 'pause'"
    " ORDER BY id DESC LIMIT 1 OFFSET ?2), 0))"
    " OR (e.snapshot <> '' AND EXISTS (SELECT 1 FROM snapshots p JOIN names n ON n.snapshot = p.id"
    " WHERE p.hash = e.snapshot AND n.kind = 'tag'))))";

/// In the order in which nothing is left that needs what is gone; each says how many it drops.
constexpr std::array<std::string_view, 5> kDrop{
    "DELETE FROM items WHERE execution IN (SELECT id FROM executions WHERE session = ?)",
    "DELETE FROM item_counts WHERE execution IN (SELECT id FROM executions WHERE session = ?)",
    "DELETE FROM executions WHERE session = ?",
    "DELETE FROM session_contents WHERE session = ?",
    "DELETE FROM sessions WHERE id = ?",
};

Result<std::vector<std::int64_t>> to_drop(Database &db, const RetentionPolicy &policy) {
    auto asked = db.prepare(kToDrop);
    if (!asked) return asked.error();
    asked->with(policy.now_ms - policy.keep_ms, policy.keep_newest);
    return asked->all([](const Statement &row) { return row.whole(0); });
}

Result<std::int64_t> changes(Database &db) {
    auto asked = db.prepare("SELECT changes()");
    if (!asked) return asked.error();
    if (const auto row = asked->next(); !row) return row.error();
    return asked->whole(0);
}

Outcome drop(Database &db, std::int64_t session, Retained &report) {
    auto all = Transaction::begin(db);
    if (!all) return all.error();
    std::array<std::int64_t, kDrop.size()> dropped{};
    for (std::size_t i = 0; i < kDrop.size(); ++i) {
        auto step = db.prepare(kDrop[i]);
        if (!step) return step.error();
        if (auto done = step->with(session).run(); !done) return done;
        const auto rows = changes(db);
        if (!rows) return rows.error();
        dropped[i] = *rows;
    }
    if (auto done = all->commit(); !done) return done;
    report.items += dropped[0];
    report.executions += dropped[2];
    ++report.sessions;
    return Done{};
}

} // namespace

Result<Retained> retain(Database &db, const RetentionPolicy &policy) {
    const auto sessions = to_drop(db, policy);
    if (!sessions) return sessions.error();
    Retained report;
    if (sessions->empty()) return report;
    const auto all = static_cast<std::int64_t>(sessions->size());
    for (const std::int64_t session : *sessions) {
        if (policy.told && !policy.told(report.sessions, all)) break;
        if (const auto done = drop(db, session, report); !done) return done.error();
    }
    const auto contents = drop_contents(db);
    if (!contents) return contents.error();
    report.contents = *contents;
    if (report.sessions < all) return Error{Errc::cancelled, "the sessions that are left stay"};
    return report;
}

} // namespace chronus::patterns
