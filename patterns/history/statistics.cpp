#include "patterns/history/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace chronus::patterns {

namespace {

constexpr std::size_t kMostNames = 100;
/// Of so many executions the counts are looked up one by one; of more, all are read.
constexpr std::size_t kFew = 500;

constexpr std::string_view kExecutions =
    "SELECT id, slot, song, kind = 'pause', ifnull(end_ms, start_ms) - start_ms, lost"
    " FROM executions WHERE {} AND slot = ifnull(?2, slot) AND setlist = ifnull(?3, setlist)"
    " AND song = ifnull(?4, song) AND start_ms >= ifnull(?5, start_ms)"
    " AND start_ms <= ifnull(?6, start_ms) ORDER BY id";
/// ?1: of that author alone.
constexpr std::string_view kByAuthor =
    "(?1 IS NULL OR author = (SELECT id FROM authors WHERE name = ?1))";

class Counter {
public:
    Counter(Database &db, const StatisticsFilter &filter) : db_(db), filter_(filter) {}

    Result<Statistics> run() {
        if (const auto done = executions(); !done) return done.error();
        if (const auto done = counts(); !done) return done.error();
        if (const auto done = name(); !done) return done.error();
        return std::move(out_);
    }

private:
    struct Wanted {
        std::int64_t id, slot;
        std::string song;
        std::int64_t outputs = 0;
    };

    Outcome executions() {
        auto asked =
            db_.prepare(fmt::format(kExecutions, filter_.execution ? "id = ?1" : "?1 IS NULL"));
        if (!asked) return asked.error();
        asked->with(filter_.execution, filter_.slot, if_any(filter_.setlist), if_any(filter_.song),
                    filter_.since_ms, filter_.until_ms);
        return asked->each([&](const Statement &row) {
            wanted_.push_back({row.whole(0), row.whole(1), std::string{row.text(2)}});
            out_.lost += row.whole(5);
            if (row.whole(3) != 0) return;
            ++out_.executions;
            out_.duration_ms += row.whole(4);
        });
    }

    bool wants_all() const {
        return !filter_.execution && !filter_.slot && filter_.setlist.empty() &&
               filter_.song.empty() && !filter_.since_ms && !filter_.until_ms;
    }

    Outcome counts() {
        if (wants_all()) return all_counts();
        if (wanted_.size() > kFew) return counts_where("", {});
        for (const Wanted &execution : wanted_)
            if (auto done = counts_where(" AND execution = ?2", execution.id); !done) return done;
        return Done{};
    }

    /// Types are added up without a look at each, which is for outputs alone.
    Outcome all_counts() {
        auto types = db_.prepare(fmt::format(
            "SELECT type, sum(items) FROM item_counts WHERE {} GROUP BY type", kByAuthor));
        if (!types) return types.error();
        types->with(if_any(filter_.author));
        if (auto done =
                types->each([&](const Statement &row) { types_[row.whole(0)] = row.whole(1); });
            !done)
            return done;
        auto asked =
            db_.prepare(fmt::format("SELECT execution, type, author, items"
                                    " FROM item_counts WHERE {} AND type BETWEEN {} AND {}",
                                    kByAuthor, static_cast<int>(ItemType::output_audio),
                                    static_cast<int>(ItemType::output_image)));
        if (!asked) return asked.error();
        asked->with(if_any(filter_.author));
        return asked->each([&](const Statement &row) { add_output(row); });
    }

    Outcome counts_where(std::string_view more, std::optional<std::int64_t> execution) {
        auto asked = db_.prepare(fmt::format(
            "SELECT execution, type, author, items FROM item_counts WHERE {}{}", kByAuthor, more));
        if (!asked) return asked.error();
        asked->with(if_any(filter_.author), execution);
        return asked->each([&](const Statement &row) {
            if (find(row.whole(0)) == wanted_.end()) return;
            types_[row.whole(1)] += row.whole(3);
            add_output(row);
        });
    }

    std::vector<Wanted>::iterator find(std::int64_t id) {
        const auto at = std::ranges::lower_bound(wanted_, id, {}, &Wanted::id);
        return at != wanted_.end() && at->id == id ? at : wanted_.end();
    }

    void add_output(const Statement &row) {
        const auto execution = find(row.whole(0));
        const ItemRow *type = find_item_row(row.whole(1));
        if (execution == wanted_.end() || type == nullptr || type->stage != Stage::output) return;
        execution->outputs += row.whole(3);
        authors_[row.whole(2)] += row.whole(3);
    }

    /// Of what there is most; what has no name is left out.
    static std::vector<CountOfName> named(std::vector<CountOfName> all) {
        std::erase_if(all, [](const CountOfName &one) { return one.name.empty() || !one.items; });
        std::ranges::stable_sort(all, std::ranges::greater{}, &CountOfName::items);
        if (all.size() > kMostNames) all.resize(kMostNames);
        return all;
    }
    static std::vector<CountOfName> named(const std::map<std::string, std::int64_t> &counts) {
        std::vector<CountOfName> all;
        for (const auto &[name, items] : counts) all.push_back({name, items});
        return named(std::move(all));
    }

    Outcome name() {
        for (const auto &[type, items] : types_) {
            if (find_item_row(type) == nullptr) continue; // of a later chronus
            out_.types.push_back({static_cast<ItemType>(type), items});
            out_.items += items;
        }
        out_.outputs = count_of(out_, Stage::output);
        std::map<std::string, std::int64_t> slots, songs, authors;
        std::vector<CountOfName> executions;
        for (const Wanted &execution : wanted_) {
            if (execution.outputs == 0) continue;
            executions.push_back({fmt::to_string(execution.id), execution.outputs});
            if (execution.slot != 0) slots[fmt::to_string(execution.slot)] += execution.outputs;
            songs[execution.song] += execution.outputs;
        }
        auto asked = db_.prepare("SELECT name FROM authors WHERE id = ?");
        if (!asked) return asked.error();
        for (const auto &[author, items] : authors_) {
            if (const auto row = asked->with(author).next(); !row) return row.error();
            authors[std::string{asked->text(0)}] += items;
        }
        out_.by_execution = named(std::move(executions));
        out_.by_slot = named(slots);
        out_.by_song = named(songs);
        out_.by_author = named(authors);
        return Done{};
    }

    Database &db_;
    const StatisticsFilter &filter_;
    Statistics out_;
    std::vector<Wanted> wanted_; // by id
    std::map<std::int64_t, std::int64_t> types_, authors_;
};

} // namespace

std::int64_t count_of(const Statistics &statistics, Stage stage) {
    std::int64_t out = 0;
    for (const CountOfType &type : statistics.types)
        if (row_of(type.type).stage == stage) out += type.items;
    return out;
}

Result<Statistics> statistics(Database &db, const StatisticsFilter &filter) {
    return Counter{db, filter}.run();
}

} // namespace chronus::patterns
