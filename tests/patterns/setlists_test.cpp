#include "patterns/store/setlists.h"

#include "patterns/store/jobs.h"
#include "patterns/store/setlist_files.h"
#include "tests/crash/toy_format.h"
#include "tests/support/model_disk.h"

#include <catch2/catch.hpp>

#include <cerrno>
#include <memory>
#include <string>
#include <vector>

using namespace chronus;
using namespace chronus::patterns;
using test::ModelDisk;

namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

std::shared_ptr<const Setlist> a_set(std::string notes) {
    Document document;
    document.metadata.name = "deep";
    const Song song{.name = "intro", .source = {KeptPattern{document}, 3}, .notes = notes};
    return std::make_shared<const Setlist>(Setlist{.name = "gig", .songs = {song}});
}

std::string notes_of(const Setlist &set) { return set.songs.at(0).notes; }

/// A store with the set as "old".
struct Store {
    ModelDisk disk;
    JobRunner runner{disk, test::inspect_toy, 1};

    Store() {
        REQUIRE(runner.start());
        REQUIRE(runner.run({SaveSet{a_set("old")}, kNow}));
    }
    std::string notes() {
        const auto set = Setlists{disk}.load("gig");
        return set ? notes_of(**set) : set.error().what;
    }
    std::size_t backups() { return Setlists{disk}.backups("gig")->size(); }
};

} // namespace

TEST_CASE("setlists: what was saved is what is loaded, and the one before is kept", "[store]") {
    Store store;
    CHECK(store.notes() == "old");
    CHECK(store.backups() == 0);
    const auto saved = store.runner.run({SaveSet{a_set("new")}, kNow + 5});
    REQUIRE(saved);
    CHECK(saved->how == Saved::How::replaced);
    CHECK(saved->backup == "setlists/backups/gig_1700000000005.json");
    CHECK(store.notes() == "new");
    CHECK(notes_of(**Setlists{store.disk}.load_backup("gig", 0)) == "old");
    CHECK(notes_of(**Setlists{store.disk}.load_backup("gig", kNow + 5)) == "old");
}

TEST_CASE("setlists: saving what is there already makes no backup", "[store]") {
    Store store;
    CHECK(store.runner.run({SaveSet{a_set("old")}, kNow + 5})->how == Saved::How::unchanged);
    JobRunner next{store.disk, test::inspect_toy, 2};
    CHECK(next.run({SaveSet{a_set("old")}, kNow + 6})->how == Saved::How::unchanged);
    CHECK(store.backups() == 0);
}

TEST_CASE("setlists: a deleted set is gone, and one backup away", "[store]") {
    Store store;
    CHECK(store.runner.run({RemoveSet{"gig"}, kNow + 1})->how == Saved::How::removed);
    CHECK(Setlists{store.disk}.load("gig").error().code == Errc::not_found);
    CHECK(notes_of(**Setlists{store.disk}.load_backup("gig", 0)) == "old");
    CHECK(store.runner.run({RemoveSet{"gig"}, kNow + 2}).error().code == Errc::not_found);
}

TEST_CASE("setlists: a list shows the sound, the damaged and the too new, and nothing else",
          "[store]") {
    Store store;
    store.disk.plant("setlists/broken.json", "{\n\"setlist_version\": 1,\n\"songs\": 3}");
    store.disk.plant("setlists/later.json", "{\"setlist_version\": 9}");
    store.disk.plant("setlists/no name.json", "x");
    store.disk.plant("setlists/notes.txt", "x");
    Setlists sets{store.disk};
    const auto list = sets.list();
    REQUIRE(list);
    REQUIRE(list->size() == 3);
    CHECK((*list)[0].name == "broken");
    CHECK((*list)[0].state == SlotState::damaged);
    CHECK((*list)[0].problem == "line 3: songs is a number, not a list");
    CHECK((*list)[1].name == "gig");
    CHECK((*list)[1].state == SlotState::sound);
    CHECK((*list)[1].songs == 1);
    CHECK((*list)[2].state == SlotState::too_new);
}

TEST_CASE("setlists: a list reads only what changed", "[store]") {
    Store store;
    Setlists sets{store.disk};
    REQUIRE(sets.list());
    const auto reads = [&] {
        std::size_t count = 0;
        for (const std::string &call : store.disk.log()) count += call.starts_with("read") ? 1 : 0;
        return count;
    };
    const std::size_t before = reads();
    CHECK(before > 0);
    REQUIRE(sets.list());
    CHECK(reads() == before);
    REQUIRE(store.runner.run({SaveSet{a_set("new")}, kNow + 5}));
    CHECK(notes_of(**sets.load("gig")) == "new");
}

TEST_CASE("setlists: what a save replaces is kept byte for byte, damaged or not", "[store]") {
    Store store;
    store.disk.plant("setlists/gig.json", "half a se");
    REQUIRE(store.runner.run({SaveSet{a_set("new")}, kNow + 5}));
    CHECK(store.notes() == "new");
    CHECK(*store.disk.read("setlists/backups/gig_1700000000005.json", 100) == "half a se");
}

TEST_CASE("setlists: a set of a later version is not loaded, replaced or deleted", "[store]") {
    Store store;
    const std::string later = "{\"setlist_version\": 9}";
    store.disk.plant("setlists/gig.json", later);
    CHECK(store.runner.run({SaveSet{a_set("new")}, kNow + 5}).error().code == Errc::too_new);
    CHECK(store.runner.run({RemoveSet{"gig"}, kNow + 5}).error().code == Errc::too_new);
    CHECK(*store.disk.read("setlists/gig.json", 100) == later);
}

TEST_CASE("setlists: a save of an empty folder makes it again", "[store]") {
    ModelDisk disk;
    JobRunner runner{disk, test::inspect_toy, 1};
    REQUIRE(runner.run({SaveSet{a_set("new")}, kNow}));
    CHECK(notes_of(**Setlists{disk}.load("gig")) == "new");
}

TEST_CASE("setlists: the newest eight backups stay, then one an hour", "[store]") {
    Store store;
    for (int n = 0; n < 20; ++n)
        REQUIRE(store.runner.run({SaveSet{a_set(std::to_string(n))}, kNow + n}));
    CHECK(store.backups() >= kNewestKept);
    CHECK(store.backups() <= kNewestKept + 2); // the last of an hour and of a day
    CHECK(notes_of(**Setlists{store.disk}.load_backup("gig", 0)) == "18");
}

TEST_CASE("setlists: backups of a set are not those of another whose name begins the same",
          "[store]") {
    CHECK(parse_set_backup("gig_1_1700.json")->name == "gig_1");
    CHECK(parse_set_backup("gig_1700.json")->name == "gig");
    for (const char *none : {"gig.json", "gig_.json", "gig_x.json", "_1.json", "gig_-1.json"})
        CHECK_FALSE(parse_set_backup(none));
}

TEST_CASE("setlists: a loss of power at any call leaves the old set or the new, and what was "
          "acknowledged",
          "[store]") {
    bool went_through = false;
    for (std::size_t k = 1; !went_through; ++k) {
        Store store;
        store.disk.lose_power_at(k);
        const bool acked = static_cast<bool>(store.runner.run({SaveSet{a_set("new")}, kNow + 1}));
        went_through = !store.disk.struck();
        store.disk.crash();
        INFO(k << ": " << store.notes());
        CHECK((store.notes() == "new" || (store.notes() == "old" && !acked)));
        if (acked) CHECK(store.backups() == 1);
        JobRunner next{store.disk, test::inspect_toy, 2};
        REQUIRE(next.start());
        REQUIRE(store.disk.list("setlists")->size() == 2);
        REQUIRE(next.run({SaveSet{a_set("newer")}, kNow + 2}));
        CHECK(store.notes() == "newer");
    }
}

TEST_CASE("setlists: any refusal of any call leaves the old set or the new, and is told",
          "[store]") {
    for (const auto times : {ModelDisk::Times::once, ModelDisk::Times::for_ever}) {
        bool went_through = false;
        for (std::size_t k = 1; !went_through; ++k) {
            Store store;
            store.disk.fail_at(k, ENOSPC, times);
            const auto saved = store.runner.run({SaveSet{a_set("new")}, kNow + 1});
            went_through = !store.disk.struck();
            store.disk.heal();
            INFO(k << ": " << (saved ? "acknowledged" : saved.error().what));
            CHECK((store.notes() == "new" || (store.notes() == "old" && !saved)));
            if (!saved) CHECK(saved.error().what.starts_with("set gig: "));
            REQUIRE(store.runner.run({SaveSet{a_set("newer")}, kNow + 2}));
            store.disk.crash();
            CHECK(store.notes() == "newer");
            CHECK(store.backups() >= 1);
        }
    }
}

TEST_CASE("setlists: a loss of power at any call of a delete loses nothing that is not kept",
          "[store]") {
    bool went_through = false;
    for (std::size_t k = 1; !went_through; ++k) {
        Store store;
        store.disk.lose_power_at(k);
        const bool acked = static_cast<bool>(store.runner.run({RemoveSet{"gig"}, kNow + 1}));
        went_through = !store.disk.struck();
        store.disk.crash();
        const bool there = store.notes() == "old";
        const auto kept = Setlists{store.disk}.load_backup("gig", 0);
        CHECK((there || (kept && notes_of(**kept) == "old")));
        if (acked) CHECK_FALSE(there);
    }
}
