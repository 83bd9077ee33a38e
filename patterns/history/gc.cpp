#include "patterns/history/gc.h"

#include "patterns/history/snapshots.h"

#include <array>
#include <vector>

namespace chronus::patterns {

namespace {

constexpr std::string_view kToDrop =
    "SELECT id FROM snapshots s"
    " WHERE id <= (SELECT id FROM snapshots ORDER BY id DESC LIMIT 1 OFFSET ?)"
    " AND time_ms < ? AND asked = 0"
    " AND NOT EXISTS (SELECT 1 FROM names WHERE snapshot = s.id)"
    " AND NOT EXISTS (SELECT 1 FROM annotations WHERE snapshot = s.id)"
    " AND hash NOT IN (SELECT snapshot FROM executions)";

/// Those after it follow those before it, and have changed what it had.
constexpr std::array<std::string_view, 4> kDrop{
    "INSERT OR IGNORE INTO touched (node, snapshot) SELECT t.node, s.id FROM touched t"
    " JOIN snapshots s ON s.parent = t.snapshot WHERE t.snapshot = ?",
    "DELETE FROM touched WHERE snapshot = ?",
    "UPDATE snapshots SET parent = (SELECT o.parent FROM snapshots o WHERE o.id = ?1)"
    " WHERE parent = ?1",
    "DELETE FROM snapshots WHERE id = ?",
};

/// Others may be packed against it, so that what is left over goes from the outside in.
constexpr std::string_view kDropContents =
    "DELETE FROM contents WHERE NOT EXISTS (SELECT 1 FROM snapshots WHERE content = contents.id)"
    " AND NOT EXISTS (SELECT 1 FROM session_contents WHERE content = contents.id)"
    " AND NOT EXISTS (SELECT 1 FROM contents o WHERE o.base = contents.id)";

Result<std::int64_t> one_number(Database &db, std::string_view sql) {
    auto asked = db.prepare(sql);
    if (!asked) return asked.error();
    if (const auto row = asked->next(); !row) return row.error();
    return asked->whole(0);
}

Result<std::vector<std::int64_t>> to_drop(Database &db, const GcPolicy &policy) {
    auto asked = db.prepare(kToDrop);
    if (!asked) return asked.error();
    asked->with(policy.keep_newest, policy.now_ms - policy.keep_ms);
    return asked->all([](const Statement &row) { return row.whole(0); });
}

Outcome drop(Database &db, const std::vector<std::int64_t> &ids, const GcPolicy &policy) {
    std::vector<Statement> steps;
    for (const std::string_view sql : kDrop) {
        auto step = db.prepare(sql);
        if (!step) return step.error();
        steps.push_back(*std::move(step));
    }
    const auto all = static_cast<std::int64_t>(ids.size());
    for (std::int64_t dropped = 0; dropped < all; ++dropped) {
        if (policy.told && !policy.told(dropped, all))
            return Error{Errc::cancelled, "every snapshot stays"};
        for (Statement &step : steps)
            if (auto done = step.with(ids[static_cast<std::size_t>(dropped)]).run(); !done)
                return done;
    }
    return Done{};
}

} // namespace

Result<std::int64_t> drop_contents(Database &db) {
    for (std::int64_t dropped = 0;;) {
        if (const auto done = db.run(kDropContents); !done) return done.error();
        const auto changed = one_number(db, "SELECT changes()");
        if (!changed) return changed.error();
        if (*changed == 0) return dropped;
        dropped += *changed;
    }
}

Result<GcReport> gc(Database &db, const GcPolicy &policy) {
    auto all = Transaction::begin(db);
    if (!all) return all.error();
    const auto ids = to_drop(db, policy);
    if (!ids) return ids.error();
    GcReport report{.dropped = static_cast<std::int64_t>(ids->size())};
    if (!ids->empty()) {
        if (const auto done = drop(db, *ids, policy); !done) return done.error();
        const auto contents = drop_contents(db);
        if (!contents) return contents.error();
        report.contents = *contents;
    }
    const auto kept = count(db);
    if (!kept) return kept.error();
    report.kept = *kept;
    if (const auto done = all->commit(); !done) return done.error();
    return report;
}

} // namespace chronus::patterns
