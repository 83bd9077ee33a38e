#include "patterns/store/slot_writer.h"
#include "patterns/store/slots.h"
#include "tests/crash/temp_folder.h"
#include "tests/crash/toy_format.h"
#include "tests/support/model_disk.h"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <climits>
#include <random>

namespace chronus::test {
namespace {

using namespace patterns;
namespace fs = std::filesystem;
using How = Saved::How;

constexpr std::int64_t kNow = 1'700'000'000'000;
constexpr std::array kErrors{ENOSPC, EDQUOT, EIO, EROFS, EACCES, EMFILE};

struct Bench {
    ModelDisk disk;
    SlotWriter writer{disk, inspect_toy, 1};
    Slots slots{disk, inspect_toy};
};

std::string content(const Slots &slots, int slot) {
    const auto bytes = slots.load(slot);
    return bytes ? content_of(*bytes) : bytes.error().what;
}

std::vector<std::string> backups(Disk &disk, int slot) {
    Slots slots(disk, inspect_toy);
    std::vector<std::string> contents;
    const auto entries = slots.backups(slot);
    REQUIRE(entries);
    for (const auto &entry : *entries)
        contents.push_back(content_of(*slots.load_backup(slot, entry.time_ms)));
    return contents;
}

using Contents = std::vector<std::string>;

} // namespace

TEST_CASE("slots: what was saved is what is loaded, and the one before is kept", "[store]") {
    Bench b;
    CHECK(b.writer.save(7, toy("one"), kNow)->how == How::made);
    const auto saved = b.writer.save(7, toy("two"), kNow + 1000);
    REQUIRE(saved);
    CHECK(saved->how == How::replaced);
    CHECK(saved->backup == "patterns/backups/slot_007_1700000001000.json");
    CHECK(*b.slots.load(7) == toy("two"));
    CHECK(backups(b.disk, 7) == Contents{"one"});
    CHECK(content_of(*b.slots.load_backup(7, 0)) == "one");
}

TEST_CASE("slots: saving equal content makes no generation, whatever its time stamp", "[store]") {
    Bench b;
    REQUIRE(b.writer.save(1, toy("same", 1), kNow));
    const auto before = b.disk.calls();
    CHECK(b.writer.save(1, toy("same", 2), kNow + 1)->how == How::unchanged);
    CHECK(b.disk.calls() - before == 1); // one read
    SlotWriter restarted(b.disk, inspect_toy, 2);
    CHECK(restarted.save(1, toy("same", 3), kNow + 2)->how == How::unchanged);
    CHECK(*b.slots.load(1) == toy("same", 1)); // not a byte changed
    CHECK(backups(b.disk, 1).empty());
}

TEST_CASE("slots: equal content put there by hand is safe once it is acknowledged", "[store]") {
    Bench b;
    REQUIRE(b.writer.start());
    const auto file = b.disk.create(slot_path(1)); // neither bytes nor name synced
    REQUIRE(b.disk.write(*file, toy("hand")));
    REQUIRE(b.disk.close(*file));
    REQUIRE(b.writer.save(1, toy("hand"), kNow)->how == How::unchanged);
    b.disk.crash();
    CHECK(content(b.slots, 1) == "hand");
}

TEST_CASE("slots: the backup of a file put there by hand is safe once the save is acknowledged",
          "[store]") {
    Bench b;
    REQUIRE(b.writer.start());
    const auto file = b.disk.create(slot_path(1));
    REQUIRE(b.disk.write(*file, toy("hand")));
    REQUIRE(b.disk.close(*file));
    REQUIRE(b.writer.save(1, toy("new"), kNow));
    b.disk.crash(); // a second name alone would lead to the bytes that were never synced
    CHECK(backups(b.disk, 1) == Contents{"hand"});
}

TEST_CASE("slots: a slot out of range is refused with a hint that works", "[store]") {
    Bench b;
    for (const int slot : {0, -1, 129, INT_MAX, INT_MIN}) {
        const auto saved = b.writer.save(slot, toy("x"), kNow);
        REQUIRE_FALSE(saved);
        CHECK(saved.error().code == Errc::out_of_range);
        CHECK(saved.error().what == fmt::format("slot {}: not in 1..128", slot));
        CHECK(saved.error().hint == fmt::format("/pattern/save {}", slot > 0 ? 128 : 1));
        CHECK(b.writer.remove(slot, kNow).error().code == Errc::out_of_range);
        CHECK(b.slots.load_backup(slot, 0).error().code == Errc::out_of_range);
        CHECK(b.slots.backups(slot).error().code == Errc::out_of_range);
    }
    REQUIRE(b.writer.save(3, toy("x"), kNow));
    CHECK(b.slots.load(129).error().hint == "/pattern/load 3");
    REQUIRE(b.writer.save(128, toy("x"), kNow));
    CHECK(b.writer.save(129, toy("x"), kNow).error().hint == "/pattern/save 127"); // a free one
}

TEST_CASE("slots: loading an empty slot names the slots that hold something", "[store]") {
    Bench b;
    CHECK(b.slots.load(5).error().what == "slot 5: empty; no slot holds anything");
    CHECK(b.slots.load(5).error().hint == "/pattern/save 5");
    for (const int slot : {1, 2, 3, 10, 12, 13}) REQUIRE(b.writer.save(slot, toy("x"), kNow));
    const auto missing = b.slots.load(9).error();
    CHECK(missing.code == Errc::not_found);
    CHECK(missing.what == "slot 9: empty; these hold something: 1-3, 10, 12-13");
    CHECK(missing.hint == "/pattern/load 10");
}

TEST_CASE("slots: what does not read back is never written", "[store]") {
    Bench b;
    REQUIRE(b.writer.save(1, toy("good"), kNow));
    CHECK(b.writer.save(1, "no toy", kNow).error().code == Errc::corrupt);
    CHECK(b.writer.save(1, toy(std::string(kMaxSlotBytes, 'x')), kNow).error().code ==
          Errc::too_big);
    CHECK(content(b.slots, 1) == "good");
}

TEST_CASE("slots: a damaged slot names its newest good backup and is listed as damaged",
          "[store]") {
    Bench b;
    for (const auto *c : {"one", "two", "three"}) REQUIRE(b.writer.save(4, toy(c), kNow));
    const std::string damage = GENERATE(as<std::string>{}, "", "{", "toy 1 0 0 5\nwrong");
    b.disk.plant(slot_path(4), damage);
    const auto refused = b.slots.load(4).error();
    CHECK(refused.code == Errc::corrupt);
    CHECK_THAT(refused.what, Catch::Contains("slot 4: damaged") &&
                                 Catch::EndsWith("slot_004_1700000000001.json"));
    CHECK(refused.hint == "/pattern/restore 4");
    CHECK(content_of(*b.slots.load_backup(4, 0)) == "two");
    CHECK(b.slots.list()->front().state == SlotState::damaged);
    CHECK_FALSE(b.slots.list()->front().problem.empty());
}

TEST_CASE("slots: damaged bytes are set aside, byte for byte and once, before a save", "[store]") {
    const std::string damage = GENERATE(as<std::string>{}, "", "half a fi", "toy 1 0");
    bool went_through = false;
    for (std::size_t k = 1; !went_through; ++k) {
        Bench b;
        REQUIRE(b.writer.start());
        b.disk.plant(slot_path(4), damage);
        b.disk.fail_at(k, ENOSPC, ModelDisk::Times::for_ever); // before or after setting aside
        (void)b.writer.save(4, toy("new"), kNow);
        went_through = !b.disk.struck();
        b.disk.heal();
        REQUIRE(b.writer.save(4, toy("new"), kNow + 1));
        b.disk.crash();
        const auto aside = stamps_of(b.disk, kDamagedFolder, 4);
        REQUIRE(aside->size() == 1);
        REQUIRE(*b.disk.read(stamped_path(kDamagedFolder, 4, aside->front()), 100) == damage);
        REQUIRE(b.slots.set_aside() == 1);
        REQUIRE(content(b.slots, 4) == "new");
        REQUIRE(backups(b.disk, 4).empty()); // a damaged file is no generation
    }
}

TEST_CASE("slots: a file over the size limit is set aside whole", "[store]") {
    Bench b;
    REQUIRE(b.writer.start());
    const std::string huge(kMaxSlotBytes + 1, 'x');
    b.disk.plant(slot_path(1), huge);
    CHECK(b.slots.load(1).error().code == Errc::corrupt);
    const auto saved = b.writer.save(1, toy("new"), kNow);
    REQUIRE(saved);
    b.disk.crash();
    CHECK(*b.disk.read(saved->set_aside, huge.size()) == huge);
    CHECK(content(b.slots, 1) == "new");
}

TEST_CASE("slots: a file of a later version is not loaded, replaced or deleted", "[store]") {
    Bench b;
    REQUIRE(b.writer.start());
    b.disk.plant(slot_path(2), toy("future", 0, 2));
    CHECK(b.slots.load(2).error().code == Errc::too_new);
    CHECK(b.writer.save(2, toy("now"), kNow).error().code == Errc::too_new);
    CHECK(b.writer.save(2, toy("now"), kNow).error().hint == "/pattern/save 1");
    CHECK(b.writer.remove(2, kNow).error().code == Errc::too_new);
    CHECK(*b.disk.read(slot_path(2), 100) == toy("future", 0, 2));
    CHECK(b.slots.list()->front().state == SlotState::too_new);
}

TEST_CASE("slots: a file the disk refuses to read is not overwritten", "[store]") {
    Bench b;
    REQUIRE(b.writer.save(1, toy("good"), kNow));
    b.disk.fail_at(1, EIO, ModelDisk::Times::once);
    CHECK(b.writer.save(1, toy("new"), kNow).error().code == Errc::io);
    CHECK(content(b.slots, 1) == "good");
}

TEST_CASE("slots: a deleted slot is empty and its content is one backup away", "[store]") {
    Bench b;
    REQUIRE(b.writer.save(1, toy("gone"), kNow));
    CHECK(b.writer.remove(1, kNow)->how == How::removed);
    b.disk.crash();
    CHECK(b.slots.load(1).error().code == Errc::not_found);
    CHECK(backups(b.disk, 1) == Contents{"gone"});
    CHECK(b.writer.remove(1, kNow).error().code == Errc::not_found);
    REQUIRE(b.writer.save(1, *b.slots.load_backup(1, 0), kNow + 1));
    CHECK(content(b.slots, 1) == "gone");
}

TEST_CASE("slots: any old content of the last eight can be loaded again", "[store]") {
    Bench b;
    for (int i = 0; i < 12; ++i) REQUIRE(b.writer.save(1, toy(fmt::to_string(i)), kNow + i));
    const auto kept = backups(b.disk, 1);
    REQUIRE(kept.size() >= 8);
    for (std::size_t i = 0; i < 8; ++i) CHECK(kept[i] == fmt::to_string(10 - i));
}

TEST_CASE("slots: a list shows name, time and state, and reads only what changed", "[store]") {
    Bench b;
    for (int slot = 1; slot <= 5; ++slot)
        REQUIRE(b.writer.save(slot, toy(fmt::to_string(slot), kNow + slot), kNow));
    const auto list = b.slots.list();
    REQUIRE(list);
    REQUIRE(list->size() == 5);
    CHECK((*list)[2].slot == 3);
    CHECK((*list)[2].summary.saved_ms == kNow + 3);
    REQUIRE(b.writer.save(2, toy("new"), kNow + 9));
    const auto before = b.disk.log().size();
    CHECK((*b.slots.list())[1].summary.content == "new");
    const auto &log = b.disk.log();
    CHECK(std::count_if(log.begin() + static_cast<std::ptrdiff_t>(before), log.end(),
                        [](const auto &l) { return l.starts_with("read "); }) == 1);
}

TEST_CASE("slots: only the three-digit name of a slot is a slot", "[store]") {
    CHECK(parse_slot_name("slot_001.json") == 1);
    CHECK(parse_slot_name("slot_128.json") == 128);
    for (const auto *name : {"slot_000.json", "slot_129.json", "slot_1.json", "slot_0001.json",
                             "slot_+01.json", "slot_ 01.json", "slot_001.JSON", "slot_001.json~",
                             ".slot_001.json.1-1.tmp", "slot_.json", "slot_json", ""})
        CHECK_FALSE(parse_slot_name(name));
}

TEST_CASE("slots: the next start removes what unfinished saves left, and nothing else", "[store]") {
    Bench b;
    REQUIRE(b.writer.save(1, toy("kept"), kNow));
    b.disk.plant("patterns/slots/.slot_001.json.77-3.tmp", "half");
    b.disk.plant("patterns/backups/.slot_001_5.json.77-4.tmp", "half");
    b.disk.plant("patterns/slots/notes.txt", "the player's own");
    SlotWriter next(b.disk, inspect_toy, 2);
    CHECK(*next.start() == 2);
    CHECK(*next.start() == 0);
    CHECK(b.disk.read("patterns/slots/notes.txt", 100));
    CHECK(content(b.slots, 1) == "kept");
}

TEST_CASE("slots: folders removed while it runs are made again by the next save", "[store]") {
    RealDisk real;
    SlotWriter writer(real.disk, inspect_toy, 1);
    REQUIRE(writer.save(1, toy("one"), kNow));
    fs::remove_all(real.path / GENERATE("patterns", "patterns/backups", "patterns/slots"));
    REQUIRE(writer.save(1, toy("two"), kNow));
    CHECK(content(Slots(real.disk, inspect_toy), 1) == "two");
}

TEST_CASE("slots: folders, links and pipes in the place of a slot are moved aside by a save",
          "[store]") {
    RealDisk real;
    SlotWriter writer(real.disk, inspect_toy, 1);
    REQUIRE(writer.start());
    put(real.path / "precious", "precious");
    const auto place = real.path / slot_path(1);
    const int what = GENERATE(0, 1, 2);
    if (what == 0) fs::create_directories(place / "inside");
    if (what == 1) fs::create_symlink(real.path / "precious", place);
    if (what == 2) REQUIRE(::mkfifo(place.c_str(), 0600) == 0);
    Slots slots(real.disk, inspect_toy);
    CHECK_FALSE(slots.load(1));
    CHECK(slots.list()->front().state == SlotState::damaged);
    const auto saved = writer.save(1, toy("new"), kNow);
    REQUIRE(saved);
    CHECK(fs::exists(fs::symlink_status(real.path / saved->set_aside)));
    CHECK(content(slots, 1) == "new");
    CHECK(get(real.path / "precious") == "precious");
}

TEST_CASE("slots: any bytes in a slot file are sound, damaged or too new, never a crash",
          "[store]") {
    std::mt19937_64 chance(4);
    ModelDisk disk;
    SlotWriter writer(disk, inspect_toy, 1);
    REQUIRE(writer.start());
    const std::string good = toy("a pattern of some length", kNow);
    for (int i = 0; i < 3000; ++i) {
        std::string bytes = good.substr(0, chance() % (good.size() + 1));
        if (!bytes.empty()) bytes[chance() % bytes.size()] ^= static_cast<char>(1U << chance() % 8);
        disk.plant(slot_path(1), bytes);
        const bool loaded = static_cast<bool>(Slots(disk, inspect_toy).load(1));
        const auto saved = writer.save(1, toy(fmt::to_string(i)), kNow + i);
        CAPTURE(bytes);
        REQUIRE_FALSE(loaded);
        if (saved) REQUIRE(*disk.read(saved->set_aside, 1000) == bytes);
        if (!saved) REQUIRE(saved.error().code == Errc::too_new);
    }
}

namespace {

/// A store that holds "old" in slot 1, "other" in slot 2 and a damaged slot 3, all of it safe.
struct Scenario {
    explicit Scenario(bool links) {
        if (!links) disk.without_links();
        SlotWriter writer(disk, inspect_toy, 1);
        REQUIRE(writer.save(1, toy("older"), kNow));
        REQUIRE(writer.save(1, toy("old"), kNow + 1));
        REQUIRE(writer.save(2, toy("other"), kNow + 2));
        disk.plant(slot_path(3), "damaged");
    }
    ModelDisk disk;
};

/// One operation under fault, and what its slot may hold before and after.
struct Operation {
    const char *title;
    int slot;
    std::string before, after;
    Result<Saved> (*run)(SlotWriter &);
};

const std::array kOperations{
    Operation{"save", 1, "old", "new",
              [](SlotWriter &w) { return w.save(1, toy("new"), kNow + 9); }},
    Operation{"save of equal content", 1, "old", "old",
              [](SlotWriter &w) { return w.save(1, toy("old"), kNow + 9); }},
    Operation{"first save", 4, "", "new",
              [](SlotWriter &w) { return w.save(4, toy("new"), kNow + 9); }},
    Operation{"save over damage", 3, "", "new",
              [](SlotWriter &w) { return w.save(3, toy("new"), kNow + 9); }},
    Operation{"delete", 1, "old", "", [](SlotWriter &w) { return w.remove(1, kNow + 9); }},
};

std::string content_or_nothing(Disk &disk, int slot) {
    const auto bytes = Slots(disk, inspect_toy).load(slot);
    return bytes ? content_of(*bytes) : "";
}

/// What must hold after any fault in `op`, once the disk works again.
void check_survivors(ModelDisk &disk, const Operation &op, bool acked) {
    const std::string now = content_or_nothing(disk, op.slot);
    REQUIRE((now == op.after || (now == op.before && !acked)));
    if (op.slot != 1) REQUIRE(content_or_nothing(disk, 1) == "old");
    REQUIRE(content_or_nothing(disk, 2) == "other");
    const auto kept = backups(disk, 1);
    REQUIRE(std::ranges::count(kept, "older") == 1);
    if (op.slot == 1 && now != "old") REQUIRE(std::ranges::count(kept, "old") == 1);
    const bool aside = Slots(disk, inspect_toy).set_aside() == 1;
    const auto third = disk.read(slot_path(3), 100);
    REQUIRE(third);
    REQUIRE((*third == "damaged" || aside));
}

/// The next start is clean and the next saves succeed and last.
void check_next_start(ModelDisk &disk, const Operation &op) {
    SlotWriter next(disk, inspect_toy, 2);
    REQUIRE(next.start());
    REQUIRE(*next.start() == 0);
    REQUIRE(next.save(op.slot, toy("after"), kNow + 20));
    disk.crash();
    REQUIRE(content_or_nothing(disk, op.slot) == "after");
}

} // namespace

TEST_CASE("slots: a loss of power at any call leaves each slot old or new, and loses nothing "
          "acknowledged",
          "[store]") {
    const auto &op = GENERATE(from_range(kOperations));
    const bool links = GENERATE(true, false);
    const bool same_run = GENERATE(true, false);
    std::mt19937_64 chance(5);
    bool went_through = false;
    for (std::size_t k = 1; !went_through; ++k)
        for (int image = 0; image < 30; ++image) {
            Scenario scenario(links);
            ModelDisk &disk = scenario.disk;
            SlotWriter writer(disk, inspect_toy, 3);
            if (same_run) REQUIRE(writer.save(1, toy("old"), kNow + 5)); // now known to be synced
            disk.lose_power_at(k);
            const bool acked = static_cast<bool>(op.run(writer));
            went_through = !disk.struck();
            image == 0 ? disk.crash() : disk.crash(chance);
            CAPTURE(op.title, links, k, image, acked);
            check_survivors(disk, op, acked);
            check_next_start(disk, op);
        }
}

TEST_CASE("slots: a second loss of power while the next start cleans up loses nothing either",
          "[store]") {
    const auto &op = kOperations[0];
    std::mt19937_64 chance(6);
    for (std::size_t k = 1; k < 30; ++k)
        for (std::size_t again = 1; again < 30; ++again) {
            Scenario scenario(true);
            ModelDisk &disk = scenario.disk;
            SlotWriter writer(disk, inspect_toy, 3);
            disk.lose_power_at(k);
            const bool acked = static_cast<bool>(op.run(writer));
            disk.crash(chance);
            SlotWriter next(disk, inspect_toy, 4);
            disk.lose_power_at(again);
            (void)next.start();
            disk.crash(chance);
            CAPTURE(k, again, acked);
            check_survivors(disk, op, acked);
            check_next_start(disk, op);
        }
}

TEST_CASE("slots: any refusal of any call leaves each slot old or new and says so", "[store]") {
    const auto &op = GENERATE(from_range(kOperations));
    const int error = GENERATE(from_range(kErrors));
    const auto times = GENERATE(ModelDisk::Times::once, ModelDisk::Times::for_ever);
    bool went_through = false;
    for (std::size_t k = 1; !went_through; ++k) {
        Scenario scenario(true);
        ModelDisk &disk = scenario.disk;
        SlotWriter writer(disk, inspect_toy, 3);
        disk.fail_at(k, error, times);
        const auto answer = op.run(writer);
        went_through = !disk.struck();
        disk.heal();
        CAPTURE(op.title, error, k, answer ? "" : answer.error().what);
        check_survivors(disk, op, static_cast<bool>(answer));
        if (!answer) REQUIRE_FALSE(answer.error().what.empty());
        REQUIRE(writer.save(op.slot, toy("after"), kNow + 20)); // the first after the fault
        disk.crash();
        REQUIRE(content_or_nothing(disk, op.slot) == "after");
        check_next_start(disk, op);
    }
}

TEST_CASE("slots: saves that fail over and over push no good backup out", "[store]") {
    Bench b;
    for (int i = 0; i < 10; ++i) REQUIRE(b.writer.save(1, toy(fmt::to_string(i)), kNow + i));
    const auto before = backups(b.disk, 1);
    for (int i = 0; i < 200; ++i) {
        b.disk.fail_at(1 + static_cast<std::size_t>(i) % 20, ENOSPC, ModelDisk::Times::for_ever);
        const auto refused = b.writer.save(1, toy("never"), kNow + 100 + i);
        b.disk.heal();
        if (refused) break; // beyond the last call
    }
    const auto after = backups(b.disk, 1);
    for (const auto &content : before) CHECK(std::ranges::count(after, content) == 1);
}

TEST_CASE("slots: under random saves, deletes, faults and losses of power an oracle is never "
          "contradicted",
          "[store]") {
    std::mt19937_64 chance(7);
    for (int round = 0; round < 60; ++round) {
        ModelDisk disk;
        auto writer = std::make_unique<SlotWriter>(disk, inspect_toy, 1);
        std::array<std::vector<std::string>, 4> possible; // what slot 1..3 may hold
        possible.fill({""});
        for (int i = 0; i < 150; ++i) {
            const int slot = 1 + static_cast<int>(chance() % 3);
            auto &may = possible[static_cast<std::size_t>(slot)];
            const bool deletes = chance() % 8 == 0;
            const std::string wanted = deletes ? "" : fmt::format("{}-{}", slot, chance() % 40);
            const auto fault = chance() % 6;
            if (fault == 0) disk.fail_at(1 + chance() % 25, ENOSPC, ModelDisk::Times::once);
            if (fault == 1) disk.fail_at(1 + chance() % 25, EIO, ModelDisk::Times::for_ever);
            if (fault == 2) disk.lose_power_at(1 + chance() % 25);
            const auto done = deletes ? writer->remove(slot, kNow + i)
                                      : writer->save(slot, toy(wanted), kNow + i);
            if (done)
                may = {wanted};
            else
                may.push_back(wanted);
            if (fault == 2) {
                disk.crash(chance);
                writer = std::make_unique<SlotWriter>(disk, inspect_toy, 1);
                REQUIRE(writer->start());
            }
            disk.heal();
            const std::string now = content_or_nothing(disk, slot);
            CAPTURE(round, i, slot, now, wanted);
            REQUIRE(std::ranges::count(may, now) > 0);
        }
    }
}

} // namespace chronus::test
