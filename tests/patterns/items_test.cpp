#include "patterns/history/executions.h"
#include "patterns/history/gc.h"
#include "patterns/history/items.h"
#include "patterns/history/names.h"
#include "patterns/history/recent_executions.h"
#include "patterns/history/retain.h"
#include "patterns/history/salvage.h"
#include "patterns/history/statistics.h"
#include "tests/patterns/history_rig.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

using namespace chronus;
using namespace chronus::patterns;
using namespace chronus::test;

namespace {

constexpr std::array<std::string_view, 3> kPeople{"ann", "bob", ""};
constexpr std::array<std::string_view, 3> kSongs{"", "dawn", "dusk"};

/// Items by chance, and all of them as they should be found.
struct Crowd : HistoryRig {
    struct Each {
        std::int64_t execution, slot;
        std::string song;
        Item item;
    };
    std::vector<Each> all;
    std::vector<std::int64_t> performances;
    std::int64_t time_ms = kHistoryStart_ms;

    explicit Crowd(std::int64_t executions, std::uint64_t most = 60) {
        Chance chance{1};
        REQUIRE(journal->put(session_begin()));
        for (std::int64_t id = 1; id <= executions; ++id) perform(chance, id, most);
    }

    void perform(Chance &chance, std::int64_t id, std::uint64_t most) {
        const std::int64_t slot = static_cast<std::int64_t>(chance.below(4));
        const std::string song{kSongs[chance.below(3)]};
        performances.push_back(id);
        REQUIRE(journal->put(ExecutionBegin{.slot = slot,
                                            .time_ms = ++time_ms,
                                            .name = fmt::format("no {}", id),
                                            .song = song,
                                            .author = "ann"}));
        add({id, slot, song, {ItemType::start, time_ms, 0, "ann"}});
        for (std::uint64_t n = chance.below(most); n > 0; --n) {
            Item item{kItemRows[chance.below(kItemRows.size())].type, ++time_ms, chance.below(99),
                      std::string{kPeople[chance.below(3)]},
                      fmt::format("/voice{}/amp {}", chance.below(9), chance.below(30))};
            if (row_of(item.type).stage == Stage::output ||
                row_of(item.type).stage == Stage::checking)
                item.output = static_cast<std::uint32_t>(1 + chance.below(3));
            if (chance.one_in(5)) item.request = fmt::format("r{}", chance.below(9));
            REQUIRE(journal->put(ItemView{item.type, item.time_ms, item.frame, item.author,
                                          item.content, item.file, item.request, item.output,
                                          item.metadata}));
            add({id, slot, song, item});
        }
        REQUIRE(journal->put(ExecutionEnd{.time_ms = ++time_ms}));
        add({id,
             slot,
             song,
             {.type = ItemType::complete,
              .time_ms = time_ms,
              .content = R"({"status":"complete"})"}});
        keep();
    }
    void add(Each each) {
        const bool first = all.empty() || all.back().execution != each.execution;
        each.item.seq = first ? 1 : all.back().item.seq + 1;
        all.push_back(std::move(each));
    }

    /// Those that are wanted, the last one first.
    std::vector<Item> wanted(const std::function<bool(const Each &)> &want) const {
        std::vector<Item> out;
        for (auto each = all.rbegin(); each != all.rend(); ++each)
            if (want(*each)) out.push_back(each->item);
        return out;
    }
    /// The same as they are found, so many at a time.
    std::vector<Item> found(ItemFilter filter, std::size_t most) {
        std::vector<Item> out;
        filter.most = most;
        do {
            const auto some = *find_items(*db, filter);
            for (const FoundItem &each : some.items) out.push_back(each.item);
            filter.before = some.more;
        } while (filter.before);
        return out;
    }
};

bool is_output(const Item &item) { return row_of(item.type).stage == Stage::output; }

} // namespace

TEST_CASE("items: what is found is what is wanted, all of it and in order, page by page",
          "[history]") {
    Crowd crowd{40};
    const std::size_t most = GENERATE(1, 7, 1000);
    const std::int64_t middle = (kHistoryStart_ms + crowd.time_ms) / 2;
    using Each = Crowd::Each;
    const std::vector<std::pair<ItemFilter, std::function<bool(const Each &)>>> cases{
        {{}, [](const Each &) { return true; }},
        {{.execution = 7}, [](const Each &e) { return e.execution == 7; }},
        {{.type = ItemType::late}, [](const Each &e) { return e.item.type == ItemType::late; }},
        {{.author = "bob"}, [](const Each &e) { return e.item.author == "bob"; }},
        {{.author = "nobody"}, [](const Each &) { return false; }},
        {{.slot = 2}, [](const Each &e) { return e.slot == 2; }},
        {{.song = "dusk"}, [](const Each &e) { return e.song == "dusk"; }},
        {{.text = "voice3/amp 1"},
         [](const Each &e) { return e.item.content.find("voice3/amp 1") != std::string::npos; }},
        {{.text = "r7"}, [](const Each &e) { return e.item.request == "r7"; }},
        {{.since_ms = middle}, [=](const Each &e) { return e.item.time_ms >= middle; }},
        {{.type = ItemType::applied, .author = "ann", .until_ms = middle},
         [=](const Each &e) {
             return e.item.type == ItemType::applied && e.item.author == "ann" &&
                    e.item.time_ms <= middle;
         }},
    };
    for (std::size_t i = 0; i < cases.size(); ++i) {
        CAPTURE(i, most);
        CHECK(crowd.found(cases[i].first, most) == crowd.wanted(cases[i].second));
        ItemFilter hasty = cases[i].first;
        hasty.enough_ms = 0;
        CHECK(crowd.found(hasty, most) == crowd.wanted(cases[i].second));
    }
}

TEST_CASE("items: each view has what it should, and its pages are it", "[history]") {
    Crowd crowd{6, 300};
    for (const std::int64_t id : crowd.performances) {
        auto own = crowd.wanted([&](const auto &e) { return e.execution == id; });
        std::ranges::reverse(own);
        std::vector<Item> performer, advanced, researcher = own;
        std::ranges::copy_if(own, std::back_inserter(performer), is_output);
        std::ranges::stable_sort(performer, {}, &Item::output);
        std::ranges::copy_if(own, std::back_inserter(advanced), [](const Item &i) {
            return is_output(i) || row_of(i.type).stage == Stage::acting;
        });
        std::ranges::stable_sort(researcher, {}, [](const Item &i) {
            return std::pair{row_of(i.type).stage, i.output};
        });
        const std::vector<std::pair<View, std::vector<Item>>> views{{View::performer, performer},
                                                                    {View::advanced, advanced},
                                                                    {View::researcher, researcher}};
        for (const auto &view : views) {
            CHECK(*items(*crowd.db, id, view.first) == view.second);
            std::vector<Item> pages;
            for (std::size_t from = 0; from < view.second.size() + 11; from += 11)
                std::ranges::move(*items(*crowd.db, id, view.first, {11, from}),
                                  std::back_inserter(pages));
            CHECK(pages == view.second);
        }
    }
    CHECK(items(*crowd.db, 1000, View::researcher)->empty());
}

TEST_CASE("items: statistics count what is there", "[history]") {
    Crowd crowd{30};
    const auto count = [&](const auto &want) {
        return static_cast<std::int64_t>(crowd.wanted(want).size());
    };
    const auto everything = *statistics(*crowd.db, {});
    CHECK(everything.executions == 30);
    CHECK(everything.items == static_cast<std::int64_t>(crowd.all.size()));
    CHECK(everything.outputs == count([](const auto &e) { return is_output(e.item); }));
    for (const CountOfType &type : everything.types)
        CHECK(type.items == count([&](const auto &e) { return e.item.type == type.type; }));
    for (const CountOfName &by : everything.by_author)
        CHECK(by.items ==
              count([&](const auto &e) { return is_output(e.item) && e.item.author == by.name; }));
    CHECK(everything.by_author.size() == 2);
    for (const CountOfName &by : everything.by_slot)
        CHECK(by.items == count([&](const auto &e) {
                  return is_output(e.item) && std::to_string(e.slot) == by.name;
              }));
    CHECK(everything.by_song.size() == 2);
    const auto bobs = *statistics(*crowd.db, {.slot = 2, .author = "bob"});
    CHECK(bobs.items == count([](const auto &e) { return e.slot == 2 && e.item.author == "bob"; }));
    CHECK(statistics(*crowd.db, {.author = "nobody"})->items == 0);
}

TEST_CASE("executions: a list has those that are wanted, the last one first", "[history]") {
    Crowd crowd{25};
    const auto ids = [&](const ExecutionFilter &filter) {
        std::vector<std::int64_t> out;
        const auto found = *executions(*crowd.db, filter);
        for (const Execution &each : found) out.push_back(each.id);
        return out;
    };
    const auto wanted = [&](const auto &want) {
        std::vector<std::int64_t> out;
        for (auto e = crowd.all.rbegin(); e != crowd.all.rend(); ++e)
            if (want(*e) && (out.empty() || out.back() != e->execution))
                out.push_back(e->execution);
        return out;
    };
    CHECK(ids({}) == wanted([](const auto &) { return true; }));
    CHECK(ids({.slot = 3}) == wanted([](const auto &e) { return e.slot == 3; }));
    CHECK(ids({.song = "dawn"}) == wanted([](const auto &e) { return e.song == "dawn"; }));
    CHECK(ids({.has = ItemType::xrun}) ==
          wanted([](const auto &e) { return e.item.type == ItemType::xrun; }));
    CHECK(ids({.before = 4}) == std::vector<std::int64_t>{3, 2, 1});
    CHECK(ids({.before = 20, .most = 2}) == std::vector<std::int64_t>{19, 18});
    CHECK(ids({.kind = ExecutionKind::render}).empty());
    CHECK(ids({.status = ExecutionStatus::complete}).size() == 25);
    CHECK(ids({.author = "bob"}).empty());
    CHECK(ids({.name = "no 7"}) == std::vector<std::int64_t>{7});
    CHECK(ids({.until_ms = kHistoryStart_ms + 1}) == std::vector<std::int64_t>{1});
}

TEST_CASE("executions: names of kinds and statuses read back", "[history]") {
    for (const auto kind :
         {ExecutionKind::performance, ExecutionKind::render, ExecutionKind::pause})
        CHECK(find_kind(name_of(kind)) == kind);
    for (const auto status :
         {ExecutionStatus::running, ExecutionStatus::complete, ExecutionStatus::stopped,
          ExecutionStatus::failed, ExecutionStatus::killed})
        CHECK(find_status(name_of(status)) == status);
    for (const ItemRow &row : kItemRows) CHECK(find_item_row(row.name) == &row);
    CHECK_FALSE(find_kind("none"));
    CHECK_FALSE(find_view("none"));
    CHECK(find_item_row("none") == nullptr);
}

namespace {

/// Five sessions of one execution each, a day apart, each with a pattern of its own.
struct Days : HistoryRig {
    Days() {
        for (std::int64_t day = 0; day < 5; ++day) {
            const std::int64_t now = kHistoryStart_ms + day * 24 * 3'600'000;
            SessionBegin begin = session_begin();
            begin.time_ms = now;
            REQUIRE(journal->put(begin));
            REQUIRE(journal->put(ExecutionBegin{.time_ms = now}));
            REQUIRE(journal->put(LentScene{.epoch = 1, .content = fmt::format("scene {}", day)}));
            REQUIRE(
                journal->put(SentMessage{.time_ms = now, .message = {.what = Edit{nullptr, 1}}}));
            REQUIRE(journal->put(ExecutionEnd{.time_ms = now + 1000}));
            REQUIRE(journal->put(SessionEnd{.time_ms = now + 1000}));
            keep();
        }
    }
    std::vector<std::int64_t> left() {
        std::vector<std::int64_t> out;
        const auto all = *executions(*db, {});
        for (const Execution &each : all) out.push_back(each.id);
        return out;
    }
    /// Of what is older than so many days, measured from the last, or not among so many.
    Retained keep_days(std::int64_t days, std::int64_t newest) {
        return *retain(*db, {.now_ms = kHistoryStart_ms + 4 * 24 * 3'600'000 + 2000,
                             .keep_ms = days * 24 * 3'600'000 + 3000,
                             .keep_newest = newest});
    }
};

} // namespace

TEST_CASE("executions: whole sessions go when they are old and not among the newest", "[history]") {
    Days days;
    CHECK(days.keep_days(10, 0).sessions == 0);
    CHECK(days.keep_days(0, 10).sessions == 0);
    const Retained gone = days.keep_days(2, 1);
    CHECK(gone.sessions == 2);
    CHECK(gone.executions == 2);
    CHECK(gone.items == 6);
    CHECK(gone.contents == 2);
    CHECK(days.left() == std::vector<std::int64_t>{5, 4, 3});
    CHECK(days.number("SELECT count(*) FROM item_counts") == 9);
    CHECK(days.number("SELECT count(*) FROM contents") == 3);
    CHECK(days.keep_days(0, 2).sessions == 1);
    CHECK(days.keep_days(0, 0).sessions == 1); // the newest may go on
    CHECK(days.left() == std::vector<std::int64_t>{5});
}

TEST_CASE("executions: what is pinned, or began with a tagged snapshot, stays", "[history]") {
    Days days;
    REQUIRE(pin(*days.db, 2, true));
    CHECK(pin(*days.db, 99, true).error().code == Errc::not_found);
    const auto kept = *keep(*days.db, ToKeep{.document = random_document(1)});
    REQUIRE(tag(*days.db, "good", *kept));
    REQUIRE(days.db->run(
        fmt::format("UPDATE executions SET snapshot = '{}' WHERE id = 3", kept->snapshot.hash)));
    CHECK(days.keep_days(0, 0).sessions == 2);
    CHECK(days.left() == std::vector<std::int64_t>{5, 3, 2});
    REQUIRE(pin(*days.db, 2, false));
    CHECK(days.keep_days(0, 0).sessions == 1);
}

TEST_CASE("executions: snapshots that go leave the patterns that items name", "[history]") {
    Days days;
    const auto before = days.number("SELECT count(*) FROM contents");
    for (std::uint64_t i = 0; i < 3; ++i)
        REQUIRE(keep(*days.db, ToKeep{.document = random_document(i), .about = {.time_ms = 1}}));
    const auto report = *gc(*days.db, {.now_ms = kHistoryStart_ms, .keep_newest = 1});
    CHECK(report.dropped == 2);
    CHECK(days.number("SELECT count(*) FROM contents") == before + 1);
}

TEST_CASE("history: of a damaged file all is there again but what was damaged", "[history]") {
    Crowd crowd{60, 400};
    REQUIRE(keep(*crowd.db, ToKeep{.document = random_document(1)}));
    const std::int64_t items = crowd.number("SELECT count(*) FROM items");
    const std::int64_t contents = crowd.number("SELECT count(*) FROM contents");
    REQUIRE(crowd.db->run("PRAGMA wal_checkpoint(TRUNCATE)"));
    crowd.keeper.reset();
    crowd.journal.reset();
    crowd.db.reset();
    std::string bytes = get(crowd.file);
    const std::size_t pages = bytes.size() / 4096;
    const std::size_t bad = GENERATE(0u, 1u, 3u);
    for (std::size_t i = 0; i < bad; ++i)
        bytes.replace((pages / 2 + i * 7) * 4096, 4096, std::string(4096, '\x5a'));
    put(crowd.path / "damaged.db", bytes);
    std::filesystem::remove(crowd.file);
    crowd.begin();
    const auto done = salvage(*crowd.db, crowd.path / "damaged.db");
    REQUIRE(done);
    CHECK(done->left == 0);
    CHECK(crowd.db->check());
    const std::int64_t left = crowd.number("SELECT count(*) FROM items");
    CAPTURE(bad, pages, items, left);
    CHECK(left <= items);
    CHECK(left >= items - static_cast<std::int64_t>(bad) * items / 3);
    CHECK((bad != 0 || left == items));
    CHECK((bad != 0 || crowd.number("SELECT count(*) FROM contents") == contents));
    CHECK(crowd.number("SELECT ifnull(sum(items), 0) FROM item_counts") == left);
    REQUIRE(crowd.journal->put(session_begin())); // and it goes on
    REQUIRE(crowd.journal->put(ItemView{.type = ItemType::heal}));
    crowd.keep();
    CHECK(crowd.number("SELECT count(*) FROM items") >= left + 1);
    CHECK(get(crowd.path / "damaged.db") == bytes);
}

TEST_CASE("history: when it takes too long, items stay in the damaged file, and that is told",
          "[history]") {
    Crowd crowd{5};
    REQUIRE(crowd.db->run("PRAGMA wal_checkpoint(TRUNCATE)"));
    auto anew = *Database::open(crowd.path / "anew.db", kHistoryVersions);
    const auto done = salvage(anew, crowd.file, std::chrono::milliseconds{0});
    REQUIRE(done);
    CHECK(done->left == 5);
    CHECK(executions(anew, {})->size() == 5);
    CHECK(items(anew, 5, View::researcher)->empty());
}

TEST_CASE("executions: the last that were asked for are read once, those that run each time",
          "[history]") {
    Crowd crowd{static_cast<std::int64_t>(RecentExecutions::kMost) + 1, 2};
    RecentExecutions recent;
    const auto slot = [&](std::int64_t id) { return (**recent.find(*crowd.db, id)).slot; };
    for (const std::int64_t id : crowd.performances) (void)slot(id);
    REQUIRE(crowd.db->run("UPDATE executions SET slot = 99")); // behind its back
    CHECK(slot(2) != 99);
    CHECK(slot(1) == 99); // had been asked for longest ago
    CHECK(slot(2) != 99); // which took the place of 3
    CHECK(slot(3) == 99);
    recent.forget(2);
    CHECK(slot(2) == 99);
    CHECK_FALSE(*recent.find(*crowd.db, 1000));
    REQUIRE(crowd.db->run("UPDATE executions SET status = 'running', slot = 1"));
    recent.forget_all();
    CHECK(slot(5) == 1);
    REQUIRE(crowd.db->run("UPDATE executions SET slot = 2"));
    CHECK(slot(5) == 2);
}
