#include "patterns/history/item_row.h"
#include "patterns/history/items.h"

#include <fmt/format.h>

#include <chrono>
#include <limits>
#include <utility>

namespace chronus::patterns {

namespace {

/// Between looks at the clock.
constexpr std::size_t kRows = 256;

std::optional<std::int64_t> number_of(const std::optional<ItemType> &type) {
    return type ? std::optional{static_cast<std::int64_t>(*type)} : std::nullopt;
}

/// Where there are such items at all, the last one first.
constexpr std::string_view kExecutions =
    "SELECT id, start_ms, (SELECT a.id FROM authors a WHERE a.name = ?9) FROM executions e"
    " WHERE id = ifnull(?1, id) AND id <= ifnull(?2, id)"
    " AND slot = ifnull(?3, slot) AND setlist = ifnull(?4, setlist) AND song = ifnull(?5, song)"
    " AND (end_ms IS NULL OR end_ms >= ifnull(?6, end_ms)) AND start_ms <= ifnull(?7, start_ms)"
    " AND ((?8 IS NULL AND ?9 IS NULL) OR EXISTS (SELECT 1 FROM item_counts c"
    " WHERE c.execution = e.id AND c.type = ifnull(?8, c.type)"
    " AND (?9 IS NULL OR c.author = (SELECT a.id FROM authors a WHERE a.name = ?9))))"
    " ORDER BY id DESC";

class Finder {
public:
    Finder(Database &db, const ItemFilter &filter)
        : db_(db), filter_(filter),
          enough_(Clock::now() + std::chrono::milliseconds(filter.enough_ms)) {}

    Result<FoundItems> run() {
        auto in = db_.prepare(kExecutions);
        if (!in) return in.error();
        in->with(filter_.execution, last_execution(), filter_.slot, if_any(filter_.setlist),
                 if_any(filter_.song), filter_.since_ms, filter_.until_ms, number_of(filter_.type),
                 if_any(filter_.author));
        auto asked =
            db_.prepare(fmt::format("SELECT seq, content, request, file, time, author FROM items"
                                    " WHERE execution = ? AND seq < ?{} ORDER BY seq DESC",
                                    filter_.type ? " AND type = ?" : ""));
        auto whole =
            db_.prepare(fmt::format("{} WHERE i.execution = ? AND i.seq = ?", kItemColumns));
        if (!asked || !whole) return asked ? whole.error() : asked.error();
        for (std::int64_t last = 0; !found_.more;) {
            const auto row = in->next();
            if (!row) return row.error();
            if (!*row) break;
            const Execution execution{in->whole(0), in->whole(1), in->whole(2)};
            if (last != 0 && Clock::now() >= enough_)
                found_.more = ItemPlace{last, 0}; // before its first there is none
            else if (const auto done = look_in(execution, *asked, *whole); !done)
                return done.error();
            last = execution.id;
        }
        return std::move(found_);
    }

private:
    using Clock = std::chrono::steady_clock;

    struct Execution {
        std::int64_t id, start_ms;
        std::int64_t author; ///< who is wanted, if anybody
    };

    /// Only what is wanted is looked up whole.
    Outcome look_in(const Execution &execution, Statement &asked, Statement &whole) {
        asked.with(execution.id, first_seq(execution.id), number_of(filter_.type));
        for (;;) {
            const auto row = asked.next();
            if (!row) return row.error();
            if (!*row) break;
            const std::int64_t seq = asked.whole(0);
            if (is_wanted(execution, asked)) {
                if (const auto there = whole.with(execution.id, seq).next(); !there)
                    return there.error();
                found_.items.push_back({execution.id, item_of(whole)});
            }
            if (!is_enough()) continue;
            found_.more = ItemPlace{execution.id, static_cast<std::uint64_t>(seq)};
            return Done{};
        }
        return Done{};
    }

    /// Before an item 0 there is none: it goes on with the execution before.
    std::optional<std::int64_t> last_execution() const {
        if (!filter_.before) return std::nullopt;
        return filter_.before->execution - (filter_.before->seq == 0 ? 1 : 0);
    }
    std::int64_t first_seq(std::int64_t execution) const {
        const bool goes_on = filter_.before && filter_.before->execution == execution;
        return goes_on ? static_cast<std::int64_t>(filter_.before->seq)
                       : std::numeric_limits<std::int64_t>::max();
    }
    bool is_wanted(const Execution &execution, const Statement &row) const {
        const std::int64_t time_ms = execution.start_ms + row.whole(4);
        return time_ms >= filter_.since_ms.value_or(time_ms) &&
               time_ms <= filter_.until_ms.value_or(time_ms) &&
               (filter_.author.empty() || row.whole(5) == execution.author) && has_text(row);
    }
    bool has_text(const Statement &row) const {
        if (filter_.text.empty()) return true;
        for (const int column : {1, 2, 3})
            if (row.text(column).find(filter_.text) != std::string_view::npos) return true;
        return false;
    }
    bool is_enough() {
        if (found_.items.size() >= filter_.most) return true;
        return ++looked_at_ % kRows == 0 && Clock::now() >= enough_;
    }

    Database &db_;
    const ItemFilter &filter_;
    const Clock::time_point enough_;
    FoundItems found_;
    std::size_t looked_at_ = 0;
};

} // namespace

Result<FoundItems> find_items(Database &db, const ItemFilter &filter) {
    return Finder{db, filter}.run();
}

} // namespace chronus::patterns
