#include "engine/host/progress.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace chronus;
using Status = ProgressStatus;

namespace {

constexpr std::int64_t kMorning = 1'700'000'000'000; // Unix ms

/// A store whose time stands still until it is told otherwise.
struct Rig {
    std::int64_t ms = 0;
    std::vector<ProgressLevel> over;
    ProgressStore store{{[this] { return kMorning + ms; }, [this] { return ms * 1'000'000; }},
                        [this](const ProgressLevel &level) { over.push_back(level); }};

    ProgressLevel at(std::string_view id) const {
        const auto level = store.find(id);
        REQUIRE(level);
        return *level;
    }
};

} // namespace

TEST_CASE("progress: a level tells what was told of it, and the clock's part", "[host]") {
    Rig rig;
    auto render = rig.store.begin("render", "demo", 200);
    rig.ms = 500;
    render.at(50, "playing");
    render.metric("lufs", -20);
    render.metric("lufs", -16.5);
    render.output({"demo.wav", 48000, 2, 96000});
    const ProgressLevel seen = rig.at("1");
    CHECK(seen.type == "render");
    CHECK(seen.name == "demo");
    CHECK(seen.status == Status::running);
    CHECK(seen.fraction == 0.25);
    CHECK(seen.message == "playing");
    CHECK(seen.start_ms == kMorning);
    CHECK_FALSE(seen.end_ms);
    CHECK(seen.elapsed_s == 0.5);
    CHECK(seen.left_s == Approx(1.5)); // three times what the first quarter took
    REQUIRE(seen.metrics.size() == 1);
    CHECK(seen.metrics[0].value == -16.5);
    REQUIRE(seen.outputs.size() == 1);
    CHECK(seen.outputs[0].frames == 96000);
    rig.ms = 2000;
    render.complete("in demo.wav");
    const ProgressLevel last = rig.at("1");
    CHECK(last.status == Status::completed);
    CHECK(last.fraction == 1);
    CHECK(last.end_ms == kMorning + 2000);
    CHECK(last.elapsed_s == 2);
    CHECK_FALSE(last.left_s);
    CHECK_FALSE(last.error);
}

TEST_CASE("progress: what is over no longer changes, and is told once, whole", "[host]") {
    Rig rig;
    {
        auto render = rig.store.begin("render", "demo", 10);
        render.complete();
        render.at(3, "late");
        render.fail({Errc::failed, "late"});
        render.phase("late", 0.5);
    }
    REQUIRE(rig.over.size() == 1);
    CHECK(rig.over[0].id == "1");
    CHECK(rig.over[0].status == Status::completed);
    CHECK(rig.store.active().empty());
    REQUIRE(rig.store.recent().size() == 1);
    CHECK(rig.store.recent()[0].current == 10);
    CHECK(rig.store.recent()[0].parts.empty());
}

TEST_CASE("progress: a level left before its end has failed, and says how", "[host]") {
    Rig rig;
    { auto forgotten = rig.store.begin("render", "a"); }
    CHECK(rig.at("1").status == Status::failed);
    CHECK(rig.at("1").error->what == "it was left before its end");
    try {
        auto thrown = rig.store.begin("render", "b");
        auto part = thrown.part("output", "wav");
        throw std::runtime_error{"no more"};
    } catch (const std::runtime_error &) {
    }
    CHECK(rig.at("2").error->what == "an exception ended it");
    CHECK(rig.at("2.1").status == Status::failed);
}

TEST_CASE("progress: what `run` throws is the reason, and goes on its way", "[host]") {
    Rig rig;
    auto render = rig.store.begin("render", "a");
    CHECK_THROWS_AS(render.run([]() -> Outcome { throw std::runtime_error{"disk on fire"}; }),
                    std::runtime_error);
    CHECK(rig.at("1").error->what == "disk on fire");
    auto other = rig.store.begin("render", "b");
    CHECK_FALSE(other.run([]() -> Outcome { return Error{Errc::io, "no room"}; }));
    CHECK(rig.at("2").error->code == Errc::io);
    auto third = rig.store.begin("render", "c");
    CHECK(*third.run([]() -> Result<int> { return 7; }) == 7);
    CHECK(rig.at("3").status == Status::completed);
}

TEST_CASE("progress: a level without a count of its own is as far as its parts", "[host]") {
    Rig rig;
    auto set = rig.store.begin("setlist", "tonight");
    for (const auto *song : {"one", "two", "three", "four"}) set.plan("song", song, 8);
    CHECK(rig.at("1").fraction == 0);
    CHECK(rig.at("1.3").status == Status::pending);
    set.part("song", "one").complete();
    set.part("song", "two").fail({Errc::corrupt, "slot 3 is damaged"}); // done with all the same
    auto three = set.part("song", "three", 16);
    CHECK(three.id() == "1.3"); // the planned one
    three.at(4);
    CHECK(rig.at("1").fraction == Approx((1 + 1 + 0.25) / 4));
    auto fifth = set.part("song", "an encore");
    CHECK(fifth.id() == "1.5");
}

TEST_CASE("progress: a total counts parts still to be listed", "[host]") {
    Rig rig;
    auto render = rig.store.begin("render", "demo", 4);
    render.part("output", "wav").complete();
    CHECK(rig.at("1").fraction == 0.25);
}

TEST_CASE("progress: an end ends what is below, begun or not", "[host]") {
    Rig rig;
    auto set = rig.store.begin("setlist", "tonight");
    auto one = set.part("song", "one");
    set.plan("song", "two");
    set.fail({Errc::io, "no room"});
    CHECK(rig.at("1.1").status == Status::failed);
    CHECK(rig.at("1.1").error->what == "no room");
    CHECK(rig.at("1.2").status == Status::cancelled); // it never began
    CHECK_FALSE(rig.at("1.2").start_ms);
    CHECK(rig.at("1").fraction == 0); // as far as it got
}

TEST_CASE("progress: a phase ends with the next, the same again, or all", "[host]") {
    Rig rig;
    auto render = rig.store.begin("render", "demo");
    render.phase("playing", 0.2);
    render.phase("playing", 0.7);
    render.phase("stems", 0);
    render.phase("playing", 0.4);
    render.phase("playing", 0.1); // from its beginning: the next track
    render.phase("stems", 1);     // told when all is done: no new one
    render.phase("flac", 0);
    render.phase("flac", 1);
    render.phase("flac", 1);
    render.phase("plot", 0.3);
    const ProgressLevel seen = rig.at("1");
    std::string names;
    for (const ProgressLevel &part : seen.parts) names += part.name + " ";
    CHECK(names == "playing stems playing playing flac plot ");
    CHECK(seen.parts[3].status == Status::completed);
    CHECK(seen.parts[5].status == Status::running);
    render.fail({Errc::io, "no room"});
    CHECK(rig.at("1.5").status == Status::completed);
    CHECK(rig.at("1.6").status == Status::failed);
}

TEST_CASE("progress: cancelling stops the work and says by whom", "[host]") {
    Rig rig;
    auto render = rig.store.begin("render", "demo");
    auto output = render.part("output", "wav");
    CHECK_FALSE(output.stop().stop_requested());
    CHECK(rig.store.cancel("1", "ann"));
    CHECK(rig.store.cancel("1", "bob")); // the first one counts
    CHECK(output.stop().stop_requested());
    CHECK(rig.at("1").status == Status::running); // until its work has heard
    CHECK(rig.at("1").message == "being cancelled by ann");
    output.fail({Errc::cancelled, "stopped"});
    render.end(Outcome{Error{Errc::cancelled, "stopped"}});
    CHECK(rig.at("1").status == Status::cancelled);
    CHECK(rig.at("1").error->what == "cancelled by ann");
    CHECK(rig.at("1.1").error->what == "cancelled by ann");
}

TEST_CASE("progress: one that waits for its turn is cancelled at once", "[host]") {
    Rig rig;
    auto render = rig.store.queue("render", "demo");
    CHECK(rig.at("1").status == Status::pending);
    CHECK(rig.store.cancel("1", "ann"));
    CHECK(rig.at("1").status == Status::cancelled);
    REQUIRE(rig.over.size() == 1);
    const auto turn = render.start();
    REQUIRE_FALSE(turn);
    CHECK(turn.error().code == Errc::cancelled);
    auto next = rig.store.queue("render", "demo");
    CHECK(next.start());
    CHECK(rig.at("2").status == Status::running);
}

TEST_CASE("progress: a cancel of what cannot be cancelled says why", "[host]") {
    Rig rig;
    auto render = rig.store.begin("render", "demo");
    auto part = render.part("output", "wav");
    CHECK(rig.store.cancel("1.1", "ann").error().code == Errc::not_now);
    CHECK(rig.store.cancel("7", "ann").error().code == Errc::not_found);
    CHECK(rig.store.cancel("", "ann").error().code == Errc::not_found);
    CHECK_FALSE(render.stop().stop_requested());
    render.complete();
    CHECK(rig.store.cancel("1", "ann").error().code == Errc::not_now);
}

TEST_CASE("progress: a finished job stays finished though its cancel came", "[host]") {
    Rig rig;
    auto render = rig.store.begin("render", "demo");
    rig.store.cancel_all("the daemon, which ends");
    render.complete();
    CHECK(rig.at("1").status == Status::completed);
}

TEST_CASE("progress: an estimate starts as earlier runs were and becomes this run's", "[host]") {
    Rig rig;
    rig.store.learn("render", 100, 10); // 0.1 s a unit
    auto render = rig.store.begin("render", "demo", 50);
    CHECK(rig.at("1").left_s == Approx(5));
    rig.ms = 2000; // twice as slow
    render.at(10);
    const double left = *rig.at("1").left_s;
    CHECK(left > 4.0); // as earlier: 40 units of 0.1 s
    CHECK(left < 8.0); // as this: 40 units of 0.2 s
    rig.ms = 9800;
    render.at(49);
    CHECK(*rig.at("1").left_s == Approx(0.2).epsilon(0.05));
    render.complete();
    auto next = rig.store.begin("render", "demo", 50);
    CHECK(*rig.at("2").left_s > 5); // it has learnt
    auto other = rig.store.begin("preflight", "demo");
    CHECK_FALSE(rig.at("3").left_s); // nothing is known
}

TEST_CASE("progress: failed runs teach nothing", "[host]") {
    Rig rig;
    rig.store.begin("render", "demo").fail({Errc::io, "no room"});
    auto render = rig.store.begin("render", "demo");
    CHECK_FALSE(rig.at("2").left_s);
}

TEST_CASE("progress: ids go on where they were, and never back", "[host]") {
    Rig rig;
    rig.store.count_from(41);
    CHECK(rig.store.begin("render", "a").id() == "41");
    rig.store.count_from(7);
    CHECK(rig.store.begin("render", "b").id() == "42");
}

TEST_CASE("progress: only the last ones that are over are kept in memory", "[host]") {
    Rig rig;
    for (std::size_t i = 0; i < ProgressStore::kRecent + 3; ++i)
        rig.store.begin("render", "a").complete();
    CHECK(rig.store.recent().size() == ProgressStore::kRecent);
    CHECK(rig.store.recent().front().id == "4");
    CHECK_FALSE(rig.store.find("3"));
    CHECK(rig.over.size() == ProgressStore::kRecent + 3);
}

TEST_CASE("progress: every change is another version, and a look is none", "[host]") {
    Rig rig;
    std::uint64_t last = rig.store.version();
    const auto changed = [&] {
        const std::uint64_t before = std::exchange(last, rig.store.version());
        return last != before;
    };
    auto render = rig.store.begin("render", "a");
    CHECK(changed());
    render.at(1);
    CHECK(changed());
    (void)rig.store.active();
    (void)rig.store.find("1");
    CHECK_FALSE(changed());
    (void)rig.store.cancel("1", "ann");
    CHECK(changed());
    render.complete();
    CHECK(changed());
    render.at(2);
    CHECK_FALSE(changed());
}

TEST_CASE("progress: many threads report, look and cancel at once", "[host]") {
    std::atomic<int> told{0}, unfinished{0};
    std::atomic<std::int64_t> ns{0};
    ProgressStore store{{[&] { return ns.load() / 1'000'000; }, [&] { return ns += 1000; }},
                        [&](const ProgressLevel &level) {
                            if (!is_over(level.status)) ++unfinished;
                            ++told;
                        }};
    constexpr int kRuns = 200;
    const auto work = [&](int worker) {
        for (int i = 0; i < kRuns; ++i) {
            auto job = store.queue("job", std::to_string(worker), 4);
            if (!job.start()) continue;
            for (int k = 1; k <= 4 && !job.stop().stop_requested(); ++k) {
                auto part = job.part("part", "p", 10);
                part.at(k, "some message that is longer than a short string");
                part.metric("cpu", k);
                part.complete();
            }
            job.end(job.stop().stop_requested() ? Outcome{Error{Errc::cancelled, "stopped"}}
                                                : Outcome{Done{}});
        }
    };
    std::atomic<bool> done{false};
    std::thread watcher{[&] {
        while (!done) {
            for (const ProgressLevel &level : store.active())
                if (level.id.back() == '7') (void)store.cancel(level.id, "ann");
            (void)store.recent();
        }
    }};
    std::thread one{work, 1}, two{work, 2};
    one.join();
    two.join();
    done = true;
    watcher.join();
    CHECK(told == 2 * kRuns);
    CHECK(unfinished == 0);
    CHECK(store.active().empty());
}
