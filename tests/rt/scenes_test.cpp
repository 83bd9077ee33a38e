#include "engine/host/loans.h"
#include "tests/rt/bench.h"
#include "tests/support/random_scene.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace chronus;
using test::Bench;
using test::scene;
using test::Stereo;
using test::track;

namespace {

constexpr Frame kStep = 6000, kBar = 16 * kStep; // at 120 BPM and 48 kHz

/// A scene that is `like` but for the level of voice 1.
Scene quieter(const Scene &like) {
    Scene s = like;
    s.params.set(param("voice1/amp"), 0.1f);
    return s;
}

bool equal_from(const Stereo &a, const Stereo &b, std::size_t begin) {
    return std::equal(a.left.begin() + static_cast<std::ptrdiff_t>(begin), a.left.end(),
                      b.left.begin() + static_cast<std::ptrdiff_t>(begin));
}

} // namespace

TEST_CASE("engine: a switch that goes on sounds as an edit to the same scene does") {
    const Scene first = scene({track("a", 1, "x__x.X~.", {110, 165, 220}), track("b", 2, "x.o")});
    Scene second = quieter(first);
    second.tracks[1].steps[2].hit = Hit::accent;
    for (const Boundary boundary : {Boundary::now, Boundary::bar})
        for (const bool running : {true, false}) {
            INFO((boundary == Boundary::bar ? "bar" : "now") << (running ? ", running" : ""));
            constexpr Frame kStart = 17; // so that no bar line is the start of a tick, where an
                                         // edit comes before the controls' and a switch after
            const Frame asked = kBar + 7 * kStep + 1000;
            const Frame lands = boundary == Boundary::bar && running ? kStart + 2 * kBar : asked;
            const auto played = [&](decltype(Message::what) what, Frame frame) {
                Bench bench{first};
                bench.send(SetGate{4, true});
                if (running) bench.send(Transport::start, When::frame(kStart));
                bench.send(what, When::frame(frame));
                Stereo out = bench.render(3 * kBar);
                CHECK(bench.reported<SceneApplied>().at(0).frame == lands);
                return out;
            };
            const Switch change{&second, 2, boundary, Entry::goes_on};
            const Stereo switched = played(change, asked);
            CHECK(switched == played(Edit{&second, 2}, lands));
            CHECK(switched != played(Switch{&second, 2, boundary, Entry::from_start}, asked));
        }
}

TEST_CASE("engine: a switch that goes on ends the lineage before it") {
    Bench bench{scene({track("a", 1, "x")})};
    const Scene second = scene({track("b", 2, "x")});
    bench.send(Switch{&second, 2, Boundary::now, Entry::goes_on}, When::frame(40), 1);
    bench.send(SetParam{param("voice1/amp"), 0.7f}, When::frame(41), 0);
    bench.render(64);
    CHECK(bench.telemetry.lineage == 1);
    CHECK(bench.telemetry.outdated == 1);
    CHECK(bench.reported<SceneApplied>().at(0).switched);
}

TEST_CASE("engine: a step that is played early is not left out where a switch goes on") {
    Scene first = scene({track("a", 1, "x...............", {110})});
    first.tracks[0].steps[0].shift = -40; // but for the first of all, just before each bar line
    first.params.set(param("voice1/adsr/release"), 0.01f);
    const Scene second = quieter(first);
    const auto onsets = [&](Entry entry) {
        Bench bench{first};
        bench.send(Transport::start);
        bench.send(Switch{&second, 2, Boundary::bar, entry}, When::frame(kStep));
        return test::onsets(bench.render(2 * kBar + kStep).left);
    };
    const auto gone_on = onsets(Entry::goes_on);
    REQUIRE(gone_on.size() == 3);
    CHECK(gone_on[1] - gone_on[0] == Approx(kBar - 40.0 / 96 * kStep).margin(20));
    CHECK(gone_on[2] - gone_on[1] == Approx(kBar).margin(20));
    CHECK(onsets(Entry::from_start)[1] - gone_on[0] == Approx(kBar).margin(20));
}

TEST_CASE("engine: what was set by hand goes where a scene wants it, also if the last agreed") {
    const Scene first = scene({track("a", 1, "X_______________", {110})}), second = first;
    const auto played = [&](bool set, decltype(Message::what) what) {
        Bench bench{first};
        bench.send(SetGate{0, true});
        if (set) bench.send(SetParam{param("voice1/amp"), 1}, When::frame(4800));
        bench.send(what, When::frame(24000));
        return bench.render(96000);
    };
    for (const decltype(Message::what) what :
         {decltype(Message::what){Edit{&second, 2}},
          decltype(Message::what){Switch{&second, 2, Boundary::now, Entry::goes_on}}}) {
        const Stereo set = played(true, what), left = played(false, what);
        CHECK_FALSE(equal_from(set, left, 12000));
        CHECK(set.peak(72000) == Approx(left.peak(72000)).epsilon(1e-3));
    }
}

TEST_CASE("engine: an edit leaves the pitch of a note alone when only others set it before") {
    const Scene first = scene({track("a", 1, "X_______________", {880})});
    Scene second = first;
    second.params.set(param("voice1/freq"), 110); // as it was set by hand before the note
    const auto played = [&](bool edited) {
        Bench bench{first};
        bench.send(SetParam{param("voice1/freq"), 110});
        bench.send(Transport::start, When::frame(64));
        if (edited) bench.send(Edit{&second, 2}, When::frame(9600));
        return bench.render(24000);
    };
    CHECK(played(true) == played(false));
}

TEST_CASE("engine: an edit that is older than what plays is ignored") {
    const Scene first = scene({track("a", 1, "x")}), second = scene({track("b", 1, "x..")});
    Bench bench{first};
    bench.send(Edit{&second, 5});
    bench.send(Edit{&first, 4});
    bench.send(Edit{&second, 6});
    bench.render(64);
    std::vector<std::uint64_t> played;
    for (const SceneApplied &a : bench.reported<SceneApplied>()) played.push_back(a.epoch);
    CHECK(played == std::vector<std::uint64_t>{5, 6});
    CHECK(bench.telemetry.playing == 6);
}

TEST_CASE("engine: a lent scene is kept while it waits in the mail, in the lane, for a bar line") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        INFO("seed " << seed);
        test::Chance chance(seed);
        Bench bench{scene({track("a", 1, "x")})};
        Loans<Scene> loans(bench.telemetry.needed);
        (void)loans.lend(Scene{}); // the first epoch is the one the bench began with
        std::uint32_t lineage = 0;
        std::uint64_t needed = 0;
        bench.send(Transport::start);
        for (int n = 0; n < 200; ++n) {
            const auto loan = loans.lend(scene({track("t", 1 + n % 8, "x.x")}, 200));
            const When when = When::frame(bench.engine.now() + chance.below(20000));
            const auto boundary = chance.one_in(2) ? Boundary::bar : Boundary::now;
            if (chance.one_in(2))
                bench.send(Edit{loan.value, loan.epoch}, when,
                           lineage - static_cast<std::uint32_t>(chance.below(2)));
            else
                bench.send(Switch{loan.value, loan.epoch, boundary}, when, ++lineage);
            bench.render(chance.below(9000));
            const std::uint64_t now = bench.telemetry.needed;
            CHECK(now >= needed);
            needed = now;
        }
        const auto last = loans.lend(Scene{});
        bench.send(Switch{last.value, last.epoch, Boundary::now}, {}, ++lineage);
        bench.render(32000);
        (void)loans.lend(Scene{});
        CHECK(loans.live() == 2);
    }
}
