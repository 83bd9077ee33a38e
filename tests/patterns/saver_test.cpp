#include "patterns/store/saver.h"
#include "patterns/store/slots.h"
#include "tests/crash/temp_folder.h"
#include "tests/crash/toy_format.h"
#include "tests/support/model_disk.h"

#include <catch2/catch.hpp>

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <random>

namespace chronus::test {
namespace {

using namespace patterns;

constexpr std::int64_t kNow = 1'700'000'000'000;

Job save(int slot, std::string_view content, std::int64_t now_ms = kNow) {
    return {SaveSlot{slot, toy(content)}, now_ms};
}

bool readable(int fd, int timeout_ms) {
    pollfd waiting{fd, POLLIN, 0};
    return ::poll(&waiting, 1, timeout_ms) == 1;
}

/// Polls and drains as the control loop does, until as many reports are there.
std::vector<JobReport> wait_for(Saver &saver, std::size_t count) {
    std::vector<JobReport> reports;
    while (reports.size() < count && readable(saver.fd(), 10'000))
        saver.drain([&](const JobReport &r) { reports.push_back(r); });
    REQUIRE(reports.size() == count);
    return reports;
}

/// A disk thread that stands still until it is let go.
struct Stalled {
    std::promise<void> gate;
    std::shared_future<void> open{gate.get_future()};
    std::unique_ptr<Saver> saver = *Saver::start([held = open](const Job &) -> Result<Saved> {
        held.wait();
        return Saved{};
    });
};

} // namespace

TEST_CASE("saver: jobs of one slot are done and reported in the order given", "[store]") {
    ModelDisk disk;
    JobRunner runner(disk, inspect_toy, 1);
    REQUIRE(runner.start());
    const auto saver = *Saver::start([&](const Job &job) { return runner.run(job); });
    for (int i = 0; i < 60; ++i)
        REQUIRE(*saver->submit(save(1 + i % 3, fmt::to_string(i), kNow + i)) ==
                static_cast<Ticket>(i) + 1);
    const auto reports = wait_for(*saver, 60);
    for (std::size_t i = 0; i < 60; ++i) {
        CHECK(reports[i].ticket == i + 1);
        CHECK(reports[i].result);
    }
    Slots slots(disk, inspect_toy);
    for (int slot = 1; slot <= 3; ++slot)
        CHECK(content_of(*slots.load(slot)) == fmt::to_string(56 + slot));
}

TEST_CASE("saver: with 64 jobs waiting the next is refused as busy, and taken once one is reported",
          "[store]") {
    Stalled stalled;
    for (std::size_t i = 0; i < Saver::kMostWaiting; ++i)
        REQUIRE(stalled.saver->submit(save(1, "x")));
    const auto refused = stalled.saver->submit(save(1, "one too many"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::busy);
    CHECK_FALSE(readable(stalled.saver->fd(), 0));
    stalled.gate.set_value();
    wait_for(*stalled.saver, Saver::kMostWaiting);
    CHECK(stalled.saver->waiting() == 0);
    CHECK(stalled.saver->submit(save(1, "again")));
}

TEST_CASE("saver: what a slot is about to hold is known while its save waits", "[store]") {
    Stalled stalled;
    REQUIRE(stalled.saver->submit(save(1, "first")));
    REQUIRE(stalled.saver->submit(save(2, "other")));
    REQUIRE(stalled.saver->submit(save(1, "second")));
    const auto job = stalled.saver->waiting_for(1);
    REQUIRE(job);
    CHECK(content_of(std::get<SaveSlot>(job->work).bytes) == "second");
    CHECK(stalled.saver->waiting_for(3) == nullptr);
    stalled.gate.set_value();
    wait_for(*stalled.saver, 3);
    CHECK(stalled.saver->waiting_for(1) == nullptr);
}

TEST_CASE("saver: its descriptor is readable exactly while reports wait", "[store]") {
    const auto saver = *Saver::start([](const Job &) -> Result<Saved> { return Saved{}; });
    CHECK_FALSE(readable(saver->fd(), 0));
    REQUIRE(saver->submit(save(1, "x")));
    CHECK(readable(saver->fd(), 10'000));
    CHECK(readable(saver->fd(), 0)); // polling takes nothing away
    wait_for(*saver, 1);
    CHECK_FALSE(readable(saver->fd(), 0));
}

TEST_CASE("saver: reports are handed over on the thread that drains, which may submit", "[store]") {
    std::thread::id disk_thread;
    const auto saver = *Saver::start([&](const Job &) -> Result<Saved> {
        disk_thread = std::this_thread::get_id();
        return Saved{};
    });
    REQUIRE(saver->submit(save(1, "x")));
    std::size_t seen = 0;
    while (seen < 3 && readable(saver->fd(), 10'000))
        saver->drain([&](const JobReport &) {
            CHECK(std::this_thread::get_id() != disk_thread);
            if (++seen < 3) CHECK(saver->submit(save(1, "y")));
        });
    CHECK(seen == 3);
}

TEST_CASE("saver: all that was taken is done before it ends", "[store]") {
    ModelDisk disk;
    JobRunner runner(disk, inspect_toy, 1);
    {
        const auto saver = *Saver::start([&](const Job &job) { return runner.run(job); });
        for (int slot = 1; slot <= 50; ++slot) REQUIRE(saver->submit(save(slot, "last")));
    }
    disk.crash();
    CHECK(Slots(disk, inspect_toy).list()->size() == 50);
}

TEST_CASE("saver: two refusals of the disk in a row are counted, one success clears them",
          "[store]") {
    int calls = 0;
    const auto saver = *Saver::start([&](const Job &) -> Result<Saved> {
        if (++calls <= 2) return Error{Errc::io, "no"};
        if (calls == 3) return Error{Errc::too_new, "not the disk's fault"};
        return Saved{};
    });
    for (const unsigned expected : {1U, 2U, 2U, 0U}) {
        REQUIRE(saver->submit(save(1, "x")));
        wait_for(*saver, 1);
        CHECK(saver->failures_in_row() == expected);
    }
}

TEST_CASE("jobs: a written file is whole or old, and its folder is made if it must be", "[store]") {
    bool went_through = false;
    for (std::size_t k = 1; !went_through; ++k) {
        ModelDisk disk;
        JobRunner runner(disk, inspect_toy, 1);
        REQUIRE(runner.run({WriteFile{"setlists/gig.json", "old"}, kNow}));
        disk.lose_power_at(k);
        const bool acked =
            static_cast<bool>(runner.run({WriteFile{"setlists/gig.json", "new"}, kNow}));
        went_through = !disk.struck();
        disk.crash();
        const auto now = disk.read("setlists/gig.json", 100);
        REQUIRE(now);
        REQUIRE((*now == "new" || (*now == "old" && !acked)));
        JobRunner next(disk, inspect_toy, 2);
        REQUIRE(next.start());
        REQUIRE(*disk.list("setlists") == std::vector<std::string>{"backups", "gig.json"});
    }
}

TEST_CASE("jobs: a file outside the state folder is never written", "[store]") {
    RealDisk real;
    JobRunner runner(real.disk, inspect_toy, 1);
    for (const auto *path : {"../x", "/tmp/x", "setlists/../../x", "", "setlists/", "a/b/../c"})
        CHECK_FALSE(runner.run({WriteFile{path, "bytes"}, kNow}));
}

TEST_CASE("saver: the control thread loads and lists while the disk thread saves", "[store]") {
    RealDisk real;
    JobRunner runner(real.disk, inspect_toy, 1);
    REQUIRE(runner.start());
    const auto saver = *Saver::start([&](const Job &job) { return runner.run(job); });
    Slots slots(real.disk, inspect_toy);
    std::size_t reported = 0;
    for (int i = 0; reported < 100;) {
        if (i < 100 && saver->submit(save(1 + i % 4, fmt::to_string(i), kNow + i))) ++i;
        saver->drain([&](const JobReport &r) {
            ++reported;
            CHECK(r.result);
        });
        const auto list = slots.list();
        REQUIRE(list);
        for (const auto &entry : *list) REQUIRE(entry.state == SlotState::sound);
        const auto bytes = slots.load(1);
        if (bytes) REQUIRE(content_of(*bytes) != "(damaged)");
    }
}

} // namespace chronus::test
