#include "patterns/history/items.h"

#include "patterns/history/item_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

namespace chronus::patterns {

namespace {

constexpr std::array<std::string_view, 3> kViews{"performer", "advanced", "researcher"};

/// Types are numbered by their stages.
constexpr std::int64_t kOfStage = 10;
static_assert(std::ranges::all_of(kItemRows, [](const ItemRow &row) {
    return static_cast<std::int64_t>(row.type) / kOfStage == static_cast<std::int64_t>(row.stage);
}));

using Numbers = std::vector<std::int64_t>;

constexpr std::int64_t first_of(Stage stage) { return static_cast<std::int64_t>(stage) * kOfStage; }

/// Of the first column.
Result<Numbers> numbers_of(Statement &asked) {
    Numbers out;
    for (;;) {
        const auto row = asked.next();
        if (!row) return row.error();
        if (!*row) return out;
        out.push_back(asked.whole(0));
    }
}

/// Those with these numbers, in their order.
Result<std::vector<Item>> items_at(Database &db, std::int64_t execution, const Numbers &seqs) {
    auto asked = db.prepare(fmt::format("{} WHERE i.execution = ? AND i.seq = ?", kItemColumns));
    if (!asked) return asked.error();
    std::vector<Item> out;
    for (const std::int64_t seq : seqs) {
        const auto row = asked->with(execution, seq).next();
        if (!row) return row.error();
        if (*row) out.push_back(item_of(*asked));
    }
    return out;
}

/// The types of a stage that an execution has, and how many items.
struct Present {
    Numbers types = {};
    std::size_t items = 0;
};
Outcome add(Present &to, Database &db, std::int64_t execution, Stage stage) {
    auto asked = db.prepare("SELECT type, sum(items) FROM item_counts"
                            " WHERE execution = ? AND type BETWEEN ? AND ? GROUP BY type");
    if (!asked) return asked.error();
    asked->with(execution, first_of(stage), first_of(stage) + kOfStage - 1);
    for (;;) {
        const auto row = asked->next();
        if (!row) return row.error();
        if (!*row) return Done{};
        to.types.push_back(asked->whole(0));
        to.items += static_cast<std::size_t>(asked->whole(1));
    }
}

/// A place in the midst of an execution, and how many items of some types come up to there.
struct Mark {
    std::int64_t seq = 0, items = 0;
};
/// The last one that has not more before it than that.
Result<Mark> mark_before(Database &db, std::int64_t execution, const Numbers &types,
                         std::size_t most) {
    auto asked = db.prepare(
        fmt::format("SELECT seq, sum(items) AS before FROM item_marks WHERE execution = ?"
                    " AND type IN ({}) GROUP BY seq HAVING before <= ? ORDER BY seq DESC LIMIT 1",
                    fmt::join(types, ", ")));
    if (!asked) return asked.error();
    const auto row = asked->with(execution, static_cast<std::int64_t>(most)).next();
    if (!row) return row.error();
    return *row ? Mark{asked->whole(0), asked->whole(1)} : Mark{};
}

/// Those of some types, as they came: from a mark on, along the index of each.
Result<std::vector<Item>> in_order(Database &db, std::int64_t execution, const Numbers &types,
                                   Page page) {
    if (types.empty()) return std::vector<Item>{};
    const auto mark = mark_before(db, execution, types, page.from);
    if (!mark) return mark.error();
    std::string sql;
    for (const std::int64_t type : types)
        sql += fmt::format("{}SELECT seq FROM items WHERE execution = ?1 AND type = {}"
                           " AND seq > ?2",
                           sql.empty() ? "" : " UNION ALL ", type);
    auto asked = db.prepare(sql + " ORDER BY seq LIMIT ?3 OFFSET ?4");
    if (!asked) return asked.error();
    asked->with(execution, mark->seq, static_cast<std::int64_t>(page.most),
                static_cast<std::int64_t>(page.from) - mark->items);
    const auto seqs = numbers_of(*asked);
    if (!seqs) return seqs.error();
    return items_at(db, execution, *seqs);
}

/// Those of a stage, output by output: there are few of them.
Result<std::vector<Item>> by_output(Database &db, std::int64_t execution, Stage stage, Page page) {
    auto asked = db.prepare("SELECT seq FROM items WHERE execution = ? AND type BETWEEN ? AND ?"
                            " ORDER BY output, seq LIMIT ? OFFSET ?");
    if (!asked) return asked.error();
    asked->with(execution, first_of(stage), first_of(stage) + kOfStage - 1,
                static_cast<std::int64_t>(page.most), static_cast<std::int64_t>(page.from));
    const auto seqs = numbers_of(*asked);
    if (!seqs) return seqs.error();
    return items_at(db, execution, *seqs);
}

Result<std::vector<Item>> of_acting_and_output(Database &db, std::int64_t execution, Page page) {
    Present there;
    for (const Stage stage : {Stage::acting, Stage::output})
        if (const auto done = add(there, db, execution, stage); !done) return done.error();
    return in_order(db, execution, there.types, page);
}

Result<std::vector<Item>> stage_by_stage(Database &db, std::int64_t execution, Page page) {
    std::vector<Item> out;
    for (auto stage = Stage::input; stage <= Stage::system && out.size() < page.most;
         stage = static_cast<Stage>(static_cast<int>(stage) + 1)) {
        Present there;
        if (const auto done = add(there, db, execution, stage); !done) return done.error();
        if (there.items > page.from) {
            const bool has_outputs = stage == Stage::checking || stage == Stage::output;
            const Page rest{page.most - out.size(), page.from};
            auto some = has_outputs ? by_output(db, execution, stage, rest)
                                    : in_order(db, execution, there.types, rest);
            if (!some) return some.error();
            std::ranges::move(*some, std::back_inserter(out));
        }
        page.from -= std::min(page.from, there.items);
    }
    return out;
}

} // namespace

std::optional<View> find_view(std::string_view name) {
    const auto found = std::ranges::find(kViews, name);
    if (found == kViews.end()) return std::nullopt;
    return static_cast<View>(found - kViews.begin());
}

Result<std::vector<Item>> items(Database &db, std::int64_t execution, View view, Page page) {
    switch (view) {
    case View::performer:
        return by_output(db, execution, Stage::output, page);
    case View::advanced:
        return of_acting_and_output(db, execution, page);
    case View::researcher:
        break;
    }
    return stage_by_stage(db, execution, page);
}

} // namespace chronus::patterns
