#include "patterns/history/items.h"
#include "tests/patterns/history_rig.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

using namespace chronus;
using namespace chronus::patterns;
using namespace chronus::test;

namespace {

/// An execution of so many items, of which a few are rare.
void play_long(HistoryRig &rig, std::uint64_t items) {
    Chance chance{3};
    for (std::uint64_t n = 0; n < items; ++n) {
        const auto type = chance.one_in(100)  ? kItemRows[chance.below(kItemRows.size())].type
                          : chance.one_in(10) ? ItemType::audio_hash
                          : chance.one_in(2)  ? ItemType::applied
                                              : ItemType::user_input_osc;
        const bool is_of_output = row_of(type).stage == Stage::output;
        REQUIRE(rig.journal->put(ItemView{
            .type = type,
            .time_ms = kHistoryStart_ms,
            .output = is_of_output ? static_cast<std::uint32_t>(1 + chance.below(3)) : 0}));
        if (n % 1000 == 999) rig.keep();
    }
    rig.keep();
}

/// Pages in the midst are those of the whole.
void check_pages(Database &db) {
    for (const View view : {View::performer, View::advanced, View::researcher}) {
        const auto all = *items(db, 1, view, {.most = 100'000});
        CAPTURE(all.size());
        for (std::size_t from = 0; from < all.size(); from += 509) {
            const auto page = *items(db, 1, view, {7, from});
            const std::size_t most = std::min<std::size_t>(7, all.size() - from);
            REQUIRE(page ==
                    std::vector<Item>(all.begin() + static_cast<std::ptrdiff_t>(from),
                                      all.begin() + static_cast<std::ptrdiff_t>(from + most)));
        }
    }
}

} // namespace

TEST_CASE("items: a page in the midst of many is that of the whole", "[history]") {
    HistoryRig rig;
    REQUIRE(rig.journal->put(session_begin()));
    REQUIRE(rig.journal->put(ExecutionBegin{.time_ms = kHistoryStart_ms}));
    play_long(rig, 20'000);
    CHECK(rig.number("SELECT count(DISTINCT seq) FROM item_marks") == 4);
    CHECK(rig.number(
              "SELECT count(*) FROM item_marks m WHERE items <> (SELECT count(*) FROM items i"
              " WHERE i.execution = m.execution AND i.type = m.type AND i.seq <= m.seq)") == 0);
    CHECK(items(*rig.db, 1, View::researcher, {.most = 100'000})->size() == 20'001);
    check_pages(*rig.db);
    REQUIRE(rig.db->run("DELETE FROM items; DELETE FROM item_counts; DELETE FROM executions"));
    CHECK(rig.number("SELECT count(*) FROM item_marks") == 0);
}

TEST_CASE("items: what an older version kept has the same pages, and goes on with marks",
          "[history]") {
    HistoryRig rig;
    const auto open = [&](std::size_t version) {
        rig.db.emplace(
            *Database::open(rig.path / "older.db", std::span{kHistoryVersions}.first(version)));
        rig.keeper.emplace(*rig.journal);
    };
    open(3);
    REQUIRE(rig.journal->put(session_begin()));
    REQUIRE(rig.journal->put(ExecutionBegin{.time_ms = kHistoryStart_ms}));
    play_long(rig, 9000);
    open(kHistoryVersions.size());
    CHECK(rig.db->version_before() == 3);
    check_pages(*rig.db);
    play_long(rig, 9000);
    CHECK(rig.number("SELECT count(DISTINCT seq) FROM item_marks") == 2);
    check_pages(*rig.db);
}
