#include "patterns/history/operations.h"

#include <utility>

namespace chronus::patterns {

namespace {

/// In the order of the columns below.
Operation operation_of(const Statement &row) {
    Operation out{.id = row.whole(0),
                  .type = std::string{row.text(1)},
                  .name = std::string{row.text(2)},
                  .status = std::string{row.text(3)}};
    if (!row.is_null(4)) out.start_ms = row.whole(4);
    out.end_ms = row.whole(5);
    out.units = row.number(6);
    out.seconds = row.number(7);
    return out;
}

} // namespace

Outcome keep(Database &db, const Operation &operation) {
    auto all = Transaction::begin(db);
    if (!all) return all.error();
    auto put = db.prepare("INSERT OR REPLACE INTO operations"
                          " (id, type, name, status, start_ms, end_ms, units, seconds, document)"
                          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!put) return put.error();
    put->with(operation.id, operation.type, operation.name, operation.status, operation.start_ms,
              operation.end_ms, operation.units, operation.seconds, operation.document);
    if (auto done = put->run(); !done) return done;
    auto drop = db.prepare("DELETE FROM operations WHERE place <= (SELECT place FROM operations"
                           " ORDER BY place DESC LIMIT 1 OFFSET ?)");
    if (!drop) return drop.error();
    if (auto done = drop->with(std::int64_t{kOperationsKept}).run(); !done) return done;
    return all->commit();
}

Result<std::vector<Operation>> operations(Database &db, const OperationFilter &filter) {
    auto asked = db.prepare("SELECT id, type, name, status, start_ms, end_ms, units, seconds"
                            " FROM operations"
                            " WHERE type = ifnull(?, type) AND status = ifnull(?, status)"
                            " AND end_ms >= ifnull(?, end_ms) AND end_ms <= ifnull(?, end_ms)"
                            " ORDER BY place DESC LIMIT ?");
    if (!asked) return asked.error();
    asked->with(if_any(filter.type), if_any(filter.status), filter.since_ms, filter.until_ms,
                static_cast<std::int64_t>(filter.most));
    return asked->all(operation_of);
}

Result<std::optional<Operation>> operation(Database &db, std::int64_t id) {
    auto asked = db.prepare("SELECT id, type, name, status, start_ms, end_ms, units, seconds,"
                            " document FROM operations WHERE id = ?");
    if (!asked) return asked.error();
    const auto row = asked->with(id).next();
    if (!row) return row.error();
    if (!*row) return std::optional<Operation>{};
    Operation out = operation_of(*asked);
    out.document = asked->text(8);
    return std::optional{std::move(out)};
}

/// Documents have a level's members as they are asked for here, and those of its parts within.
Result<std::vector<Run>> runs(Database &db, std::size_t operations) {
    auto asked =
        db.prepare("SELECT level.value ->> 'type', ifnull(level.value ->> 'total', 1),"
                   " level.value ->> 'elapsed'"
                   " FROM (SELECT place, document FROM operations WHERE json_valid(document)"
                   " ORDER BY place DESC LIMIT ?) operation, json_tree(operation.document) level"
                   " WHERE level.type = 'object' AND level.value ->> 'status' = 'completed'"
                   " ORDER BY operation.place, level.id DESC");
    if (!asked) return asked.error();
    return asked->with(static_cast<std::int64_t>(operations)).all([](const Statement &row) {
        return Run{std::string{row.text(0)}, row.number(1), row.number(2)};
    });
}

Result<std::int64_t> last_operation(Database &db) {
    auto asked = db.prepare("SELECT ifnull(max(id), 0) FROM operations");
    if (!asked) return asked.error();
    if (const auto row = asked->next(); !row) return row.error();
    return asked->whole(0);
}

} // namespace chronus::patterns
