#include "patterns/history/statistics.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

namespace chronus::patterns {

namespace {

std::optional<std::string_view> if_any(const std::string &text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>{text};
}

/// Of executions; ?7 is for those that ask for an author.
constexpr std::string_view kWanted =
    " WHERE e.id = ifnull(?1, e.id) AND e.slot = ifnull(?2, e.slot)"
    " AND e.setlist = ifnull(?3, e.setlist) AND e.song = ifnull(?4, e.song)"
    " AND e.start_ms >= ifnull(?5, e.start_ms) AND e.start_ms <= ifnull(?6, e.start_ms)";
constexpr std::string_view kByAuthor =
    " AND (?7 IS NULL OR c.author = (SELECT id FROM authors WHERE name = ?7))";
constexpr std::string_view kCounts = "item_counts c JOIN executions e ON e.id = c.execution";

class Counter {
public:
    Counter(Database &db, const StatisticsFilter &filter) : db_(db), filter_(filter) {}

    Result<Statement> ask(const std::string &sql) {
        auto asked = db_.prepare(sql);
        if (!asked) return asked;
        asked->with(filter_.execution, filter_.slot, if_any(filter_.setlist), if_any(filter_.song),
                    filter_.since_ms, filter_.until_ms, if_any(filter_.author));
        return asked;
    }

    Outcome executions(Statistics &out) {
        auto asked = ask(fmt::format("SELECT ifnull(sum(kind <> 'pause'), 0), ifnull(sum(CASE WHEN"
                                     " kind = 'pause' THEN 0 ELSE ifnull(end_ms, start_ms) -"
                                     " start_ms END), 0), ifnull(sum(lost), 0) FROM executions e{}",
                                     kWanted));
        if (!asked) return asked.error();
        if (const auto row = asked->next(); !row) return row.error();
        out.executions = asked->whole(0);
        out.duration_ms = asked->whole(1);
        out.lost = asked->whole(2);
        return Done{};
    }

    Outcome types(Statistics &out) {
        auto asked = ask(fmt::format("SELECT c.type, sum(c.items) FROM {}{}{} GROUP BY c.type"
                                     " ORDER BY c.type",
                                     kCounts, kWanted, kByAuthor));
        if (!asked) return asked.error();
        for (;;) {
            const auto row = asked->next();
            if (!row) return row.error();
            if (!*row) return Done{};
            if (find_item_row(asked->whole(0)) == nullptr) continue; // of a later chronus
            out.types.push_back({static_cast<ItemType>(asked->whole(0)), asked->whole(1)});
            out.items += asked->whole(1);
        }
    }

    Outcome outputs(std::string_view by, std::vector<CountOfName> &into) {
        auto asked = ask(fmt::format("SELECT {0} AS what, sum(c.items) AS n FROM {1}"
                                     " LEFT JOIN authors a ON a.id = c.author{2}{3}"
                                     " AND c.type BETWEEN {4} AND {5} GROUP BY what"
                                     " HAVING what NOT IN ('', 0) ORDER BY n DESC, what LIMIT 100",
                                     by, kCounts, kWanted, kByAuthor,
                                     static_cast<int>(ItemType::output_audio),
                                     static_cast<int>(ItemType::output_image)));
        if (!asked) return asked.error();
        for (;;) {
            const auto row = asked->next();
            if (!row) return row.error();
            if (!*row) return Done{};
            into.push_back({std::string{asked->text(0)}, asked->whole(1)});
        }
    }

private:
    Database &db_;
    const StatisticsFilter &filter_;
};

} // namespace

std::int64_t count_of(const Statistics &statistics, Stage stage) {
    std::int64_t out = 0;
    for (const CountOfType &type : statistics.types)
        if (row_of(type.type).stage == stage) out += type.items;
    return out;
}

Result<Statistics> statistics(Database &db, const StatisticsFilter &filter) {
    Statistics out;
    Counter count{db, filter};
    if (const auto done = count.executions(out); !done) return done.error();
    if (const auto done = count.types(out); !done) return done.error();
    for (auto [by, into] :
         {std::pair{"e.id", &out.by_execution}, std::pair{"e.slot", &out.by_slot},
          std::pair{"e.song", &out.by_song}, std::pair{"ifnull(a.name, '')", &out.by_author}})
        if (const auto done = count.outputs(by, *into); !done) return done.error();
    out.outputs = count_of(out, Stage::output);
    return out;
}

} // namespace chronus::patterns
