#include "patterns/history/items.h"

#include "patterns/history/item_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace chronus::patterns {

namespace {

constexpr std::array<std::string_view, 3> kViews{"performer", "advanced", "researcher"};

/// Types are numbered by their stages.
constexpr std::int64_t kOfStage = 10;
static_assert(std::ranges::all_of(kItemRows, [](const ItemRow &row) {
    return static_cast<std::int64_t>(row.type) / kOfStage == static_cast<std::int64_t>(row.stage);
}));

Result<std::vector<Item>> items_of(Statement &asked) {
    std::vector<Item> out;
    for (;;) {
        const auto row = asked.next();
        if (!row) return row.error();
        if (!*row) return out;
        out.push_back(item_of(asked));
    }
}

/// Those of two stages, as they came.
Result<std::vector<Item>> in_order(Database &db, std::int64_t execution, Stage one, Stage other,
                                   Page page) {
    auto asked = db.prepare(fmt::format(
        "{} WHERE i.execution = ? AND i.type / {} IN (?, ?) ORDER BY i.seq LIMIT ? OFFSET ?",
        kItemColumns, kOfStage));
    if (!asked) return asked.error();
    asked->with(execution, static_cast<std::int64_t>(one), static_cast<std::int64_t>(other),
                static_cast<std::int64_t>(page.most), static_cast<std::int64_t>(page.from));
    return items_of(*asked);
}

/// Those of a stage, output by output.
Result<std::vector<Item>> of_stage(Database &db, std::int64_t execution, Stage stage, Page page) {
    auto asked = db.prepare(
        fmt::format("{} WHERE i.execution = ? AND i.type BETWEEN ? AND ? ORDER BY i.output, i.seq"
                    " LIMIT ? OFFSET ?",
                    kItemColumns));
    if (!asked) return asked.error();
    const auto first = static_cast<std::int64_t>(stage) * kOfStage;
    asked->with(execution, first, first + kOfStage - 1, static_cast<std::int64_t>(page.most),
                static_cast<std::int64_t>(page.from));
    return items_of(*asked);
}

Result<std::size_t> count_of_stage(Database &db, std::int64_t execution, Stage stage) {
    auto asked = db.prepare("SELECT ifnull(sum(items), 0) FROM item_counts"
                            " WHERE execution = ? AND type BETWEEN ? AND ?");
    if (!asked) return asked.error();
    const auto first = static_cast<std::int64_t>(stage) * kOfStage;
    if (const auto row = asked->with(execution, first, first + kOfStage - 1).next(); !row)
        return row.error();
    return static_cast<std::size_t>(asked->whole(0));
}

Result<std::vector<Item>> stage_by_stage(Database &db, std::int64_t execution, Page page) {
    std::vector<Item> out;
    for (auto stage = Stage::input; stage <= Stage::system && out.size() < page.most;
         stage = static_cast<Stage>(static_cast<int>(stage) + 1)) {
        const auto count = count_of_stage(db, execution, stage);
        if (!count) return count.error();
        if (*count > page.from) {
            auto some = of_stage(db, execution, stage, {page.most - out.size(), page.from});
            if (!some) return some.error();
            std::ranges::move(*some, std::back_inserter(out));
        }
        page.from -= std::min(page.from, *count);
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
        return of_stage(db, execution, Stage::output, page);
    case View::advanced:
        return in_order(db, execution, Stage::acting, Stage::output, page);
    case View::researcher:
        break;
    }
    return stage_by_stage(db, execution, page);
}

} // namespace chronus::patterns
