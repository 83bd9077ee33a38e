#include "patterns/store/backups.h"
#include "tests/crash/toy_format.h"
#include "tests/support/model_disk.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cerrno>
#include <random>
#include <set>

namespace chronus::test {
namespace {

using namespace patterns;

constexpr std::int64_t kNow = 1'700'000'000'000;
constexpr std::int64_t kMinuteMs = 60'000;

std::size_t readable(const std::vector<Generation> &all) {
    return static_cast<std::size_t>(std::ranges::count(all, true, &Generation::readable));
}

std::vector<std::int64_t> every(std::int64_t gap_ms, std::size_t count) {
    std::vector<std::int64_t> times;
    for (std::size_t i = count; i > 0; --i)
        times.push_back(kNow - static_cast<std::int64_t>(i - 1) * gap_ms);
    return times;
}

/// Milliseconds between two saves: mostly seconds, sometimes weeks, as players have it.
std::int64_t random_gap(std::mt19937_64 &chance) {
    constexpr std::array<std::int64_t, 6> kUpTo{100,         10'000,     10 * kMinuteMs,
                                                3 * kHourMs, 2 * kDayMs, 20 * kDayMs};
    return 1 + static_cast<std::int64_t>(chance() % 1'000'000) * kUpTo[chance() % 6] / 1'000'000;
}

/// A disk with a slot that holds content "0", synced, and its backups.
struct Bench {
    Bench() {
        for (const auto folder : {std::string_view{"patterns"}, kSlotFolder, kBackupFolder})
            REQUIRE(ensure_folder(disk, folder));
        hold("0");
    }
    void hold(std::string_view content) {
        REQUIRE(replace_file(disk, names, slot_path(1), toy(content)));
    }
    std::vector<std::string> kept() {
        std::vector<std::string> contents;
        const auto times = stamps_of(disk, kBackupFolder, 1);
        for (const auto time_ms : *times)
            contents.push_back(
                content_of(*disk.read(stamped_path(kBackupFolder, 1, time_ms), kMaxSlotBytes)));
        return contents;
    }
    ModelDisk disk;
    TempNames names{1};
};

using Contents = std::vector<std::string>;

} // namespace

TEST_CASE("retention: the newest eight stay, however old", "[store]") {
    const auto times = every(100 * kDayMs, 20);
    const auto kept = worth_keeping(times, kNow + 1000 * kDayMs);
    CHECK(kept == std::vector(times.end() - 8, times.end()));
}

TEST_CASE("retention: a save a minute for two months leaves eight, one an hour, one a day",
          "[store]") {
    const auto kept = worth_keeping(every(kMinuteMs, 60 * 24 * 60), kNow);
    const auto within = [&](std::int64_t from_ms, std::int64_t to_ms) {
        return std::ranges::count_if(
            kept, [&](std::int64_t t) { return kNow - t > from_ms && kNow - t <= to_ms; });
    };
    CHECK(kept.size() <= kMostGenerations);
    CHECK(within(-1, 7 * kMinuteMs) == 8);
    CHECK(within(kHourMs, kDayMs) >= 23);
    CHECK(within(kHourMs, kDayMs) <= 24);
    CHECK(within(2 * kDayMs, 30 * kDayMs) == 28);
    CHECK(within(30 * kDayMs, 1000 * kDayMs) == 0);
}

TEST_CASE("retention: what is kept is a part of what there was, newest included", "[store]") {
    std::mt19937_64 chance(2);
    for (int round = 0; round < 300; ++round) {
        std::vector<std::int64_t> times{kNow};
        for (std::size_t i = chance() % 200; i > 0; --i)
            times.push_back(times.back() + random_gap(chance));
        const std::int64_t now_ms = times.back() + random_gap(chance) - 2 * kHourMs;
        const auto kept = worth_keeping(times, now_ms);
        REQUIRE(std::ranges::includes(times, kept));
        REQUIRE(std::ranges::is_sorted(kept));
        REQUIRE(kept.back() == times.back());
        REQUIRE(kept.size() >= std::min<std::size_t>(8, times.size()));
        REQUIRE(kept.size() <= kMostGenerations);
        REQUIRE(worth_keeping(kept, now_ms) == kept); // thinning again removes nothing
    }
}

TEST_CASE("retention: no rotation lowers how many can be read, or touches what cannot", "[store]") {
    std::mt19937_64 chance(3);
    for (int round = 0; round < 40; ++round) {
        std::vector<Generation> all;
        std::int64_t now_ms = kNow;
        for (int save = 0; save < 500; ++save) {
            const std::size_t before = readable(all);
            const std::size_t broken = all.size() - before;
            now_ms += random_gap(chance);
            all.push_back({now_ms, true});
            const auto drop = to_drop(all, now_ms);
            if (drop) std::erase_if(all, [&](const Generation &g) { return g.time_ms == *drop; });
            REQUIRE(readable(all) >= before);
            REQUIRE(all.size() - readable(all) == broken);
            REQUIRE(readable(all) <= kMostGenerations);
            REQUIRE(all.back().time_ms == now_ms);
            if (chance() % 50 == 0) all[chance() % all.size()].readable = false; // bit rot
        }
        REQUIRE(readable(all) >= kNewestKept);
    }
}

TEST_CASE("retention: a clock that stands still or runs back drops nothing early", "[store]") {
    const auto times = every(kMinuteMs, 9);
    CHECK(worth_keeping(times, kNow).size() >= 8);
    CHECK(worth_keeping(times, kNow - 400 * kDayMs) == worth_keeping(times, kNow));
}

TEST_CASE("backups: the copy outlives a loss of power before the slot is replaced", "[store]") {
    Bench bench;
    Backups backups(bench.disk, bench.names, inspect_toy);
    const auto origin = GENERATE(Origin::ours_and_synced, Origin::unknown);
    const auto kept = backups.keep(1, toy("0"), origin, kNow);
    REQUIRE(kept);
    CHECK(kept->path == "patterns/backups/slot_001_1700000000000.json");
    bench.disk.crash();
    CHECK(bench.kept() == Contents{"0"});
}

TEST_CASE("backups: a file system without hard links gets copies", "[store]") {
    Bench bench;
    bench.disk.without_links();
    Backups backups(bench.disk, bench.names, inspect_toy);
    REQUIRE(backups.keep(1, toy("0"), Origin::ours_and_synced, kNow));
    bench.disk.crash();
    CHECK(bench.kept() == Contents{"0"});
}

TEST_CASE("backups: the same bytes are not kept twice in a row", "[store]") {
    Bench bench;
    Backups backups(bench.disk, bench.names, inspect_toy);
    REQUIRE(backups.keep(1, toy("0"), Origin::ours_and_synced, kNow)->added);
    CHECK_FALSE(backups.keep(1, toy("0"), Origin::ours_and_synced, kNow + 1)->added);
    Backups after_restart(bench.disk, bench.names, inspect_toy);
    CHECK_FALSE(after_restart.keep(1, toy("0"), Origin::unknown, kNow + 2)->added);
    CHECK(bench.kept() == Contents{"0"});
}

TEST_CASE("backups: order of making is order of names, even if the clock runs back", "[store]") {
    Bench bench;
    Backups backups(bench.disk, bench.names, inspect_toy);
    Contents made;
    for (int i = 0; i < 6; ++i) {
        bench.hold(fmt::to_string(i));
        made.push_back(fmt::to_string(i));
        REQUIRE(backups.keep(1, toy(made.back()), Origin::ours_and_synced, kNow - i * kHourMs));
    }
    CHECK(bench.kept() == made);
}

TEST_CASE("backups: a name somebody else took is stepped over, and left as it is", "[store]") {
    Bench bench;
    Backups backups(bench.disk, bench.names, inspect_toy);
    bench.hold("1");
    REQUIRE(backups.keep(1, toy("1"), Origin::ours_and_synced, kNow)); // has listed the folder
    bench.disk.plant(stamped_path(kBackupFolder, 1, kNow + 5), toy("foreign"));
    bench.hold("2");
    const auto origin = GENERATE(Origin::ours_and_synced, Origin::unknown);
    REQUIRE(backups.keep(1, toy("2"), origin, kNow + 5));
    CHECK(bench.kept() == Contents{"1", "foreign", "2"});
}

TEST_CASE("backups: a refused call never leaves a copy that may not be safe", "[store]") {
    const auto origin = GENERATE(Origin::ours_and_synced, Origin::unknown);
    const auto times = GENERATE(ModelDisk::Times::once, ModelDisk::Times::for_ever);
    bool went_through = false;
    for (std::size_t k = 1; !went_through; ++k) {
        Bench bench;
        Backups backups(bench.disk, bench.names, inspect_toy);
        bench.disk.fail_at(k, EIO, times);
        const auto kept = backups.keep(1, toy("0"), origin, kNow);
        went_through = !bench.disk.struck();
        bench.disk.heal();
        CAPTURE(k);
        if (!kept && times == ModelDisk::Times::once) REQUIRE(bench.kept().empty());
        REQUIRE(backups.keep(1, toy("0"), origin, kNow + 1));
        bench.disk.crash();
        REQUIRE(bench.kept() == Contents{"0"});
    }
}

TEST_CASE("backups: names in the folder that are not ours are never listed", "[store]") {
    for (const auto *name : {"slot_001.json", "slot_000_1.json", "slot_129_1.json",
                             "slot_001_-5.json", "slot_1_5.json", "slot_001_.json",
                             "slot_001_5.backup", "slot_001_99999999999999999999.json",
                             "slot_001_5.json.json", "Slot_001_5.json", "slot_001_5 .json"})
        CHECK_FALSE(parse_stamped_name(name));
    const auto stamped = parse_stamped_name("slot_128_1700000000000.json");
    REQUIRE(stamped);
    CHECK(stamped->slot == 128);
    CHECK(stamped->time_ms == 1'700'000'000'000);
}

TEST_CASE("backups: damaged copies do not count as the newest good one", "[store]") {
    Bench bench;
    bench.disk.plant(stamped_path(kBackupFolder, 1, 10), toy("good"));
    bench.disk.plant(stamped_path(kBackupFolder, 1, 20), "rotten");
    CHECK(*newest_readable(bench.disk, inspect_toy, 1) == 10);
    CHECK(newest_readable(bench.disk, inspect_toy, 2).error().code == Errc::not_found);
}

} // namespace chronus::test
