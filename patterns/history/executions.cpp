#include "patterns/history/executions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace chronus::patterns {

namespace {

constexpr std::array<std::string_view, 3> kKinds{"performance", "render", "pause"};
constexpr std::array<std::string_view, 5> kStatuses{"running", "complete", "stopped", "failed",
                                                    "killed"};

template <class E, std::size_t N>
std::optional<E> find_in(const std::array<std::string_view, N> &names, std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<E>(found - names.begin());
}

constexpr std::string_view kColumns =
    "SELECT id, session, kind, status, name, slot, setlist, song, author, snapshot, start_ms,"
    " end_ms, start_frame, end_frame, items, lost, pinned FROM executions e";

/// In the order of the columns above.
Execution execution_of(const Statement &row) {
    Execution out{.id = row.whole(0),
                  .session = row.whole(1),
                  .kind = find_kind(row.text(2)).value_or(ExecutionKind::performance),
                  .status = find_status(row.text(3)).value_or(ExecutionStatus::failed),
                  .name = std::string{row.text(4)},
                  .slot = row.whole(5),
                  .setlist = std::string{row.text(6)},
                  .song = std::string{row.text(7)},
                  .author = std::string{row.text(8)},
                  .snapshot = std::string{row.text(9)},
                  .start_ms = row.whole(10),
                  .start_frame = static_cast<Frame>(row.whole(12)),
                  .items = row.whole(14),
                  .lost = row.whole(15),
                  .pinned = row.whole(16) != 0};
    if (!row.is_null(11)) out.end_ms = row.whole(11);
    if (!row.is_null(13)) out.end_frame = static_cast<Frame>(row.whole(13));
    return out;
}

} // namespace

std::string_view name_of(ExecutionKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::string_view name_of(ExecutionStatus status) {
    return kStatuses[static_cast<std::size_t>(status)];
}
std::optional<ExecutionKind> find_kind(std::string_view name) {
    return find_in<ExecutionKind>(kKinds, name);
}
std::optional<ExecutionStatus> find_status(std::string_view name) {
    return find_in<ExecutionStatus>(kStatuses, name);
}

Result<std::vector<Execution>> executions(Database &db, const ExecutionFilter &filter) {
    auto asked = db.prepare(fmt::format(
        "{} WHERE kind IS ifnull(?, nullif(kind, 'pause')) AND status = ifnull(?, status)"
        " AND slot = ifnull(?, slot) AND name = ifnull(?, name) AND setlist = ifnull(?, setlist)"
        " AND song = ifnull(?, song) AND author = ifnull(?, author)"
        " AND start_ms >= ifnull(?, start_ms) AND start_ms <= ifnull(?, start_ms)"
        " AND id < ifnull(?, id + 1) AND (?11 IS NULL OR EXISTS (SELECT 1 FROM item_counts c"
        " WHERE c.execution = e.id AND c.type = ?11)) ORDER BY id DESC LIMIT ?12",
        kColumns));
    if (!asked) return asked.error();
    using MaybeName = std::optional<std::string_view>;
    const auto type =
        filter.has ? std::optional{static_cast<std::int64_t>(*filter.has)} : std::nullopt;
    asked->with(filter.kind ? MaybeName{name_of(*filter.kind)} : MaybeName{},
                filter.status ? MaybeName{name_of(*filter.status)} : MaybeName{}, filter.slot,
                if_any(filter.name), if_any(filter.setlist), if_any(filter.song),
                if_any(filter.author), filter.since_ms, filter.until_ms, filter.before, type,
                static_cast<std::int64_t>(filter.most));
    return asked->all(execution_of);
}

Result<std::optional<Execution>> execution(Database &db, std::int64_t id) {
    auto asked = db.prepare(fmt::format("{} WHERE id = ?", kColumns));
    if (!asked) return asked.error();
    const auto row = asked->with(id).next();
    if (!row) return row.error();
    if (!*row) return std::optional<Execution>{};
    return std::optional{execution_of(*asked)};
}

Outcome pin(Database &db, std::int64_t id, bool on) {
    const auto there = execution(db, id);
    if (!there) return there.error();
    if (!*there)
        return Error{Errc::not_found, fmt::format("execution {}: there is none", id),
                     "/history/list"};
    auto put = db.prepare("UPDATE executions SET pinned = ? WHERE id = ?");
    if (!put) return put.error();
    return put->with(std::int64_t{on}, id).run();
}

} // namespace chronus::patterns
