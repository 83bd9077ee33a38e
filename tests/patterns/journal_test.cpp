#include "patterns/history/item_keeper.h"
#include "patterns/history/items.h"
#include "patterns/history/journal.h"
#include "patterns/history/performance.h"
#include "patterns/history/statistics.h"
#include "patterns/history/versions.h"
#include "tests/crash/temp_folder.h"

#include <catch2/catch.hpp>

using namespace chronus;
using namespace chronus::patterns;
using namespace chronus::test;

namespace {

struct Rig : TempFolder {
    std::filesystem::path file = path / "history.db";
    Database db = *Database::open(file, kHistoryVersions);
    Journal journal{path / "history.journal"};
    ItemKeeper keeper{journal};
};

} // namespace

TEST_CASE("history items: what was put is kept in order", "[history]") {
    Rig rig;
    CHECK(rig.journal.status().empty());
    REQUIRE(rig.journal.put(
        SessionBegin{.version = "1", .rate = 48000, .voices = 8, .seed = 7, .time_ms = 1000}));
    REQUIRE(
        rig.journal.put(ExecutionBegin{.slot = 3, .time_ms = 2000, .frame = 48000, .name = "x"}));
    REQUIRE(rig.journal.put(ItemView{.type = ItemType::user_input_osc,
                                     .time_ms = 2100,
                                     .frame = 48100,
                                     .author = "me",
                                     .content = "/a 1"}));
    REQUIRE(
        rig.journal.put(SentMessage{.n = 4,
                                    .frame = 48101,
                                    .time_ms = 2101,
                                    .message = {.what = SetParam{param("voice1/amp"), 0.25f}}}));
    REQUIRE(rig.journal.put(ExecutionEnd{.time_ms = 3000, .frame = 96000}));
    const auto done = rig.keeper.drain(rig.db);
    if (!done) FAIL(done.error().what);
    const auto all = *executions(rig.db, {});
    REQUIRE(all.size() == 1);
    CHECK(all[0].items == 4);
    CHECK(all[0].status == ExecutionStatus::complete);
    const auto items_ = *items(rig.db, all[0].id, View::researcher);
    REQUIRE(items_.size() == 4);
    const auto p = *performance(rig.db, all[0].id, "1");
    REQUIRE(p.messages.size() == 1);
    CHECK(p.messages[0].sent.n == 4);
    const auto s = *statistics(rig.db, {});
    CHECK(s.items == 4);
    const auto found = find_items(rig.db, {.text = "amp"});
    REQUIRE(found);
    CHECK(found->items.size() == 1);
}
