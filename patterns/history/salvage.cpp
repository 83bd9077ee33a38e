#include "patterns/history/salvage.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

namespace {

/// A table, and the number by which its rows are walked: where there is none, as far as it goes.
/// Those of items begin anew in every execution.
struct Table {
    std::string_view name, order = "1", fixed = {};
};

/// Those that others need come first. What is counted is counted anew.
constexpr std::array kTables{
    Table{"operations", "place"},
    Table{"contents", "id"},
    Table{"snapshots", "id"},
    Table{"names"},
    Table{"head"},
    Table{"annotations", "id"},
    Table{"touched"},
    Table{"sessions", "id"},
    Table{"executions", "id"},
    Table{"authors", "id"},
    Table{"items", "seq", "execution"},
    Table{"session_contents"},
    Table{"journal"},
};

/// Again and again until nothing is left that needs what is gone.
constexpr std::array<std::string_view, 14> kRepairs{
    "DELETE FROM contents WHERE base IS NOT NULL AND base NOT IN (SELECT id FROM contents)",
    "DELETE FROM snapshots WHERE content NOT IN (SELECT id FROM contents)",
    "UPDATE snapshots SET parent = NULL WHERE parent IS NOT NULL"
    " AND parent NOT IN (SELECT id FROM snapshots)",
    "DELETE FROM names WHERE snapshot NOT IN (SELECT id FROM snapshots)",
    "DELETE FROM annotations WHERE snapshot NOT IN (SELECT id FROM snapshots)",
    "DELETE FROM touched WHERE snapshot NOT IN (SELECT id FROM snapshots)",
    "UPDATE sessions SET content = NULL WHERE content IS NOT NULL"
    " AND content NOT IN (SELECT id FROM contents)",
    "DELETE FROM executions WHERE session NOT IN (SELECT id FROM sessions)",
    "DELETE FROM items WHERE execution NOT IN (SELECT id FROM executions)",
    "DELETE FROM item_marks WHERE execution NOT IN (SELECT id FROM executions)",
    "UPDATE items SET author = NULL WHERE author IS NOT NULL"
    " AND author NOT IN (SELECT id FROM authors)",
    "DELETE FROM session_contents WHERE content NOT IN (SELECT id FROM contents)",
    "DELETE FROM session_contents WHERE session NOT IN (SELECT id FROM sessions)",
    "UPDATE executions SET status = 'killed' WHERE status = 'running'"
    " AND session <> (SELECT max(id) FROM sessions)",
};

constexpr std::string_view kCountAnew =
    "INSERT INTO item_counts SELECT execution, type, ifnull(author, 0), count(*) FROM items"
    " GROUP BY 1, 2, 3";

/// Steps over damage double each time; more have never led anywhere.
constexpr int kMostSteps = 40;

class Salvage {
public:
    Salvage(Database &into, Database &from, std::chrono::milliseconds enough)
        : into_(into), from_(from), enough_(Clock::now() + enough) {}

    Result<Salvaged> run() {
        auto all = Transaction::begin(into_);
        if (!all) return all.error();
        for (const Table &table : kTables)
            if (const auto done = take(table); !done) return done.error();
        if (const auto done = repair(); !done) return done.error();
        if (const auto done = into_.run(kCountAnew); !done) return done.error();
        if (const auto done = all->commit(); !done) return done.error();
        return out_;
    }

private:
    using Clock = std::chrono::steady_clock;

    Outcome take(const Table &table) {
        const auto columns = columns_of(table.name);
        if (!columns) return columns.error();
        auto put = into_.prepare(put_sql(table.name, *columns));
        if (!put) return put.error();
        if (table.fixed.empty()) {
            walk(table, *columns, {}, *put);
            return Done{};
        }
        const auto fixed = ids("SELECT id FROM executions ORDER BY id DESC");
        if (!fixed) return fixed.error();
        for (const std::int64_t id : *fixed)
            if (Clock::now() < enough_)
                walk(table, *columns, id, *put);
            else
                ++out_.left;
        return Done{};
    }

    Result<std::vector<std::string>> columns_of(std::string_view table) {
        auto asked = into_.prepare("SELECT name FROM pragma_table_info(?)");
        if (!asked) return asked.error();
        asked->with(table);
        return asked->all([](const Statement &row) { return std::string{row.text(0)}; });
    }

    static std::string put_sql(std::string_view table, const std::vector<std::string> &columns) {
        std::string places;
        for (std::size_t i = 0; i < columns.size(); ++i) places += i == 0 ? "?" : ", ?";
        return fmt::format("INSERT OR REPLACE INTO {} ({}) VALUES ({})", table,
                           fmt::join(columns, ", "), places);
    }

    Result<std::vector<std::int64_t>> ids(std::string_view sql) {
        auto asked = into_.prepare(sql);
        if (!asked) return asked.error();
        return asked->all([](const Statement &row) { return row.whole(0); });
    }

    /// As far as it goes, and behind what is damaged again, where rows are numbered.
    void walk(const Table &table, const std::vector<std::string> &columns,
              std::optional<std::int64_t> fixed, Statement &put) {
        std::optional<std::int64_t> last;
        int steps = 0;
        while (steps < kMostSteps) {
            auto asked = from_.prepare(fmt::format(
                "SELECT {0}, {1} FROM {2} WHERE (?1 IS NULL OR {1} > ?1){3} ORDER BY {1}",
                fmt::join(columns, ", "), table.order, table.name,
                fixed ? fmt::format(" AND {} = ?2", table.fixed) : ""));
            if (!asked) return; // no such table, as in an older one, or not to be found
            asked->with(last, fixed);
            const std::optional<std::int64_t> before = last;
            if (take_rows(*asked, static_cast<int>(columns.size()), put, last)) return;
            if (table.order == "1") return;
            steps = last == before ? steps + 1 : 1;
            last = last.value_or(0) + (std::int64_t{1} << steps >> 1);
        }
    }

    /// False: it came to something damaged.
    bool take_rows(Statement &asked, int order, Statement &put, std::optional<std::int64_t> &last) {
        for (;;) {
            const auto row = asked.next();
            if (!row) return false;
            if (!*row) return true;
            last = asked.whole(order);
            if (put.with_row(asked).run()) ++out_.rows; // what no table takes is damaged too
        }
    }

    Outcome repair() {
        for (std::int64_t changed = 1; changed != 0;) {
            changed = 0;
            for (const std::string_view sql : kRepairs) {
                if (auto done = into_.run(sql); !done) return done;
                const auto changes = ids("SELECT changes()");
                if (!changes) return changes.error();
                changed += changes->front();
            }
        }
        return Done{};
    }

    Database &into_, &from_;
    const Clock::time_point enough_;
    Salvaged out_;
};

} // namespace

Result<Salvaged> salvage(Database &into, const std::filesystem::path &damaged,
                         std::chrono::milliseconds enough) {
    auto from = Database::open_to_read(damaged);
    if (!from) return from.error();
    if (const auto off = into.run("PRAGMA foreign_keys=OFF"); !off) return off.error();
    auto done = Salvage{into, *from, enough}.run();
    if (const auto on = into.run("PRAGMA foreign_keys=ON"); !on) return on.error();
    return done;
}

} // namespace chronus::patterns
