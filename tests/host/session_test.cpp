#include "engine/host/session.h"
#include "tests/support/random_player.h"
#include "tests/support/rig.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <thread>
#include <variant>

using namespace chronus;
using test::Rig;
using test::scene;
using test::track;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr std::size_t kBar = 96000; // at 120 BPM

template <class R>
void refused(const R &result, Errc code, std::string_view of) {
    REQUIRE_FALSE(result);
    CHECK(result.error().code == code);
    INFO(result.error().what);
    CHECK(result.error().what.starts_with(of));
}

std::string names(Session &session) {
    std::string all;
    for (const Track &t : session.scene().playing()) all += std::string{t.name.view()} + " ";
    return all;
}

/// The engine's queue filled to the brim by turning a knob that no test looks at.
void fill_queue(Session &session) {
    for (int n = 0; n < 100000; ++n)
        if (!session.set(param("voice64/pan"), 0)) return;
    FAIL("it takes everything");
}

} // namespace

TEST_CASE("session: a parameter clips and answers what was applied") {
    Rig rig;
    CHECK(*rig.session.set(param("voice1/amp"), 5) == 1);
    CHECK(rig.session.get(param("voice1/amp")) == 1);
    CHECK(*rig.session.set(param("voice1/filter/freq"), -3) == 20);
}

TEST_CASE("session: what is no number or no choice is refused, and changes nothing") {
    Rig rig;
    const auto before = rig.session.revision();
    for (const float bad : {kNan, kInf, -kInf})
        refused(rig.session.set(param("voice1/amp"), bad), Errc::out_of_range, "voice1/amp");
    const float past = spec_of(param("voice1/osc/type")).max + 1;
    for (const float bad : {past, 1.5f, -1.0f})
        refused(rig.session.set(param("voice1/osc/type"), bad), Errc::out_of_range,
                "voice1/osc/type");
    CHECK(rig.session.revision() == before);
    CHECK(rig.session.get(param("voice1/osc/type")) == 0);
}

TEST_CASE("session: voices are counted from 1 to those the engine has") {
    Rig rig;
    CHECK(rig.session.gate(1, true));
    CHECK(rig.session.gate(8, false));
    for (const int voice : {0, 9, -1, 1 << 20})
        refused(rig.session.gate(voice, true), Errc::out_of_range, "voice");
}

TEST_CASE("session: every change has a revision of its own") {
    Rig rig;
    std::uint64_t last = rig.session.revision();
    const auto moved = [&] { return std::exchange(last, rig.session.revision()) < last; };
    REQUIRE(rig.session.set(param("master/level"), 0.5f));
    CHECK(moved());
    REQUIRE(rig.session.put_track(track("a", 1, "x")));
    CHECK(moved());
    REQUIRE(rig.session.start());
    CHECK(moved());
    REQUIRE(rig.session.start()); // it runs already
    CHECK_FALSE(moved());
    REQUIRE(rig.session.stop());
    CHECK(moved());
    REQUIRE(rig.session.switch_to(scene({}), Boundary::bar));
    CHECK(moved());
    (void)rig.session.scene();
    CHECK_FALSE(moved());
}

TEST_CASE("session: tracks keep their order; one of the same name takes the other's place") {
    Rig rig;
    for (const char *name : {"a", "b", "c"}) REQUIRE(rig.session.put_track(track(name, 1, "x")));
    const std::uint32_t uid = rig.session.find_track("b")->uid;
    REQUIRE(rig.session.put_track(track("b", 2, "xx")));
    CHECK(names(rig.session) == "a b c ");
    CHECK(rig.session.find_track("b")->voice == 2);
    CHECK(rig.session.find_track("b")->uid != uid); // it starts its notes anew
    REQUIRE(rig.session.remove_track("a"));
    CHECK(names(rig.session) == "b c ");
    REQUIRE(rig.session.clear_tracks());
    CHECK(names(rig.session).empty());
}

TEST_CASE("session: an edited track keeps its number; a refused edit leaves it as it was") {
    Rig rig(scene({track("a", 1, "x")}));
    const std::uint32_t uid = rig.session.find_track("a")->uid;
    const auto revision = rig.session.revision();
    refused(rig.session.edit_track("a",
                                   [](Track &t) -> Outcome {
                                       t.voice = 7;
                                       return Error{Errc::bad_type, "no"};
                                   }),
            Errc::bad_type, "no");
    CHECK(rig.session.find_track("a")->voice == 1);
    CHECK(rig.session.revision() == revision);
    REQUIRE(rig.session.edit_track("a", [](Track &t) -> Outcome {
        t.voice = 7;
        return Done{};
    }));
    CHECK(rig.session.find_track("a")->voice == 7);
    CHECK(rig.session.find_track("a")->uid == uid);
}

TEST_CASE("session: notes that are set get another number, and start anew by it") {
    Rig rig(scene({track("a", 1, "x", {100, 200})}));
    const auto numbered_anew = [&](void (*change)(Track &)) {
        const std::uint32_t before = rig.session.find_track("a")->notes_uid;
        REQUIRE(rig.session.edit_track("a", [&](Track &t) -> Outcome {
            change(t);
            return Done{};
        }));
        return rig.session.find_track("a")->notes_uid != before;
    };
    CHECK(numbered_anew([](Track &t) { t.notes_uid = 0; }));
    CHECK(numbered_anew([](Track &t) { t.note_start = 1; }));
    CHECK_FALSE(numbered_anew([](Track &t) { t.gate = 0.25f; }));
}

TEST_CASE("session: a track that is not there is refused by name, with those that are") {
    Rig rig(scene({track("kick", 1, "x"), track("hat", 2, "x")}));
    refused(rig.session.remove_track("snare"), Errc::not_found, "track \"snare\"");
    const auto done = rig.session.remove_track("snare");
    CHECK(done.error().what.find("kick, hat") != std::string::npos);
}

TEST_CASE("session: 64 tracks fit, the next is refused and one in place of another is not") {
    Rig rig;
    for (int n = 0; n < 64; ++n)
        REQUIRE(rig.session.put_track(track("t" + std::to_string(n), 1, "x")));
    refused(rig.session.put_track(track("one too many", 1, "x")), Errc::out_of_range, "track");
    CHECK(rig.session.put_track(track("t7", 2, "x")));
}

TEST_CASE("session: what a full queue does not take is not done") {
    Rig rig(scene({track("a", 1, "x")}));
    fill_queue(rig.session);
    const Scene before = rig.session.scene();
    const auto revision = rig.session.revision();
    refused(rig.session.set(param("voice1/amp"), 0.9f), Errc::queue_full, "");
    refused(rig.session.gate(1, true), Errc::queue_full, "");
    refused(rig.session.put_track(track("b", 1, "x")), Errc::queue_full, "");
    refused(rig.session.remove_track("a"), Errc::queue_full, "");
    refused(rig.session.clear_tracks(), Errc::queue_full, "");
    refused(rig.session.start(), Errc::queue_full, "");
    refused(rig.session.stop(), Errc::queue_full, "");
    refused(rig.session.switch_to(scene({}), Boundary::now), Errc::queue_full, "");
    refused(rig.session.tape(true), Errc::queue_full, "");
    CHECK(rig.session.scene() == before);
    CHECK(rig.session.revision() == revision);
    CHECK_FALSE(rig.session.running());
    rig.render(64);
    CHECK(rig.session.set(param("voice1/amp"), 0.9f));
}

TEST_CASE("session: a switch at the bar shows the old scene until the bar line, then the new one") {
    Rig rig(scene({track("old", 1, "x")}));
    REQUIRE(rig.session.start());
    rig.render(1000);
    REQUIRE(rig.session.switch_to(scene({track("new", 1, "x")}), Boundary::bar));
    CHECK(names(rig.session) == "old ");
    CHECK(rig.session.switch_waits());
    rig.render(kBar - 1024);
    CHECK(names(rig.session) == "old ");
    rig.render(256);
    CHECK(names(rig.session) == "new ");
    CHECK_FALSE(rig.session.switch_waits());
}

TEST_CASE("session: a stop or a panic lets a switch that waits take place") {
    for (const auto halt : {&Session::stop, &Session::panic}) {
        Rig rig(scene({track("old", 1, "x")}));
        REQUIRE(rig.session.start());
        rig.render(1000);
        REQUIRE(rig.session.switch_to(scene({track("new", 1, "x")}), Boundary::bar));
        REQUIRE((rig.session.*halt)());
        CHECK(names(rig.session) == "new ");
        REQUIRE(rig.session.set(param("voice1/amp"), 0.25f)); // about the new one
        rig.render(64);
        CHECK(rig.session.telemetry().outdated == 0);
        CHECK(rig.session.get(param("voice1/amp")) == 0.25f);
    }
}

TEST_CASE("session: what is put in the scene is what the engine plays") {
    Rig edited, made(scene({track("a", 1, "x")}));
    REQUIRE(edited.session.put_track(track("a", 1, "x")));
    REQUIRE(edited.session.set(param("voice1/adsr/decay"), 0.3f));
    REQUIRE(made.session.set(param("voice1/adsr/decay"), 0.3f));
    REQUIRE(edited.session.start());
    REQUIRE(made.session.start());
    CHECK(edited.render(24000) == made.render(24000));
}

TEST_CASE("session: a thousand edits keep no more scenes than the engine holds") {
    Rig rig;
    std::uint64_t playing = 0;
    for (int n = 0; n < 1000; ++n) {
        REQUIRE(rig.session.put_track(track("a", 1 + n % 8, "x")));
        rig.render(32);
        CHECK(rig.session.telemetry().needed == rig.session.telemetry().playing);
        CHECK(rig.session.telemetry().playing > playing);
        playing = rig.session.telemetry().playing;
    }
}

namespace {

/// The part of a session that a rollback brings back.
void same(Session &a, Session &b) {
    REQUIRE(a.scene() == b.scene());
    REQUIRE(a.revision() == b.revision());
    REQUIRE(a.running() == b.running());
    REQUIRE(a.switch_waits() == b.switch_waits());
}

/// How many messages the engine's queue holds.
int room() {
    Rig rig;
    int most = 0;
    while (rig.session.set(param("voice64/pan"), 0)) ++most;
    return most;
}

constexpr std::size_t kSilenceFrames = 480; // 10 ms

} // namespace

TEST_CASE("session: what is rolled back leaves no trace and is never heard") {
    const auto seed = GENERATE(range<std::uint64_t>(1, 7));
    Rig touched, other;
    test::RandomPlayer touching(touched.session, seed), playing(other.session, seed);
    test::Chance chance{seed};
    touching.make_noise();
    playing.make_noise();
    for (int round = 0; round < 25; ++round) {
        for (std::uint64_t n = chance.below(4); n > 0; --n) {
            touching.act();
            playing.act();
        }
        if (chance.one_in(3))
            for (Rig *rig : {&touched, &other})
                (void)rig->session.switch_to(scene({track("waits", 1, "x.x.")}), Boundary::bar);
        test::RandomPlayer undone(touched.session, chance.next());
        touched.session.begin();
        for (std::uint64_t n = 1 + chance.below(12); n > 0; --n) undone.act();
        touched.session.rollback();
        same(touched.session, other.session);
        const std::size_t frames = 1 + chance.below(4000);
        REQUIRE(touched.render(frames) == other.render(frames));
        same(touched.session, other.session);
    }
}

TEST_CASE("session: what is committed sounds as if each had been done by itself") {
    const auto seed = GENERATE(range<std::uint64_t>(1, 5));
    Rig together, alone;
    test::RandomPlayer one(together.session, seed), each(alone.session, seed);
    test::Chance chance{seed};
    one.make_noise();
    each.make_noise();
    for (int round = 0; round < 20; ++round) {
        together.session.begin();
        for (std::uint64_t n = 1 + chance.below(10); n > 0; --n) {
            one.act();
            each.act();
        }
        REQUIRE(together.session.commit());
        REQUIRE(together.session.scene() == alone.session.scene());
        REQUIRE(together.session.running() == alone.session.running());
        const std::size_t frames = 1 + chance.below(4000);
        REQUIRE(together.render(frames) == alone.render(frames));
    }
}

TEST_CASE("session: a transaction reaches a playing engine on one frame") {
    Rig rig;
    REQUIRE(rig.session.set(param("acid1/source"), 0)); // it would ring on
    for (const char *voice : {"voice1", "voice2"}) {
        const std::string path{voice};
        REQUIRE(rig.session.set(*find_param(path + "/adsr/attack"), 0.001f));
        REQUIRE(rig.session.set(*find_param(path + "/adsr/release"), 0.001f));
        REQUIRE(rig.session.set(*find_param(path + "/pan"), path == "voice1" ? -1.0f : 1.0f));
    }
    rig.render(4800);
    std::atomic<bool> done{false};
    std::atomic<int> blocks{0};
    test::Stereo heard;
    std::thread audio([&] {
        for (; !done; ++blocks) {
            const test::Stereo block = rig.render(32, 32);
            heard.left.insert(heard.left.end(), block.left.begin(), block.left.end());
            heard.right.insert(heard.right.end(), block.right.begin(), block.right.end());
        }
    });
    for (int n = 0; n < 200; ++n) {
        rig.session.begin();
        for (int voice = 1; voice <= 2; ++voice) REQUIRE(rig.session.gate(voice, n % 2 == 0));
        for (int knob = 0; knob < 200; ++knob) // takes time between the two gates and the commit
            REQUIRE(rig.session.set(param("voice5/amp"), 0.5f));
        REQUIRE(rig.session.commit());
        for (const int then = blocks + 60; blocks < then;) std::this_thread::yield();
    }
    done = true;
    audio.join();
    const auto left = test::onsets(heard.left), right = test::onsets(heard.right);
    REQUIRE(left.size() > 90);
    REQUIRE(left.size() == right.size());
    std::size_t apart = 0; // the two differ in phase, but not by a tick of 32 frames
    for (std::size_t i = 0; i < left.size(); ++i)
        apart = std::max(apart, std::max(left[i], right[i]) - std::min(left[i], right[i]));
    CHECK(apart < 16);
}

TEST_CASE("session: where a transaction finds no room for all of it, none of it is done") {
    const int most = room();
    for (const int left : {0, 1, 3}) {
        Rig rig(scene({track("a", 1, "x")})), other(scene({track("a", 1, "x")}));
        for (Rig *each : {&rig, &other})
            for (int n = 0; n < most - left; ++n)
                REQUIRE(each->session.set(param("voice64/pan"), 0));
        rig.session.begin();
        REQUIRE(rig.session.set(param("voice1/amp"), 0.9f));
        REQUIRE(rig.session.put_track(track("b", 2, "xxxx")));
        REQUIRE(rig.session.gate(3, true));
        REQUIRE(rig.session.start());
        REQUIRE(rig.session.switch_to(scene({track("c", 1, "x")}), Boundary::now));
        refused(rig.session.commit(), Errc::queue_full, "");
        same(rig.session, other.session);
        CHECK(rig.render(4800) == other.render(4800));
        rig.session.begin();
        REQUIRE(rig.session.put_track(track("b", 2, "xxxx")));
        CHECK(rig.session.commit());
    }
}

TEST_CASE("session: a transaction's edits are lent once, and before what stops or switches") {
    Rig rig;
    rig.session.begin();
    for (int n = 0; n < 60; ++n)
        REQUIRE(rig.session.put_track(track("t" + std::to_string(n), 1, "x")));
    REQUIRE(rig.session.clear_tracks());
    REQUIRE(rig.session.put_track(track("last", 1, "x")));
    REQUIRE(rig.session.commit());
    rig.render(64);
    CHECK(rig.session.telemetry().playing == 2); // epochs count from 1: the first scene
    rig.session.begin();
    REQUIRE(rig.session.put_track(track("more", 1, "x")));
    REQUIRE(rig.session.switch_to(scene({track("else", 1, "x")}), Boundary::now));
    REQUIRE(rig.session.put_track(track("and", 1, "x")));
    REQUIRE(rig.session.commit());
    rig.render(64);
    CHECK(rig.session.telemetry().playing == 5);
    CHECK(names(rig.session) == "else and ");
    CHECK(rig.session.telemetry().outdated == 0);
}

TEST_CASE("session: an empty transaction does nothing, and so does a rollback without one") {
    Rig rig, other;
    for (Rig *each : {&rig, &other}) REQUIRE(each->session.start());
    rig.session.begin();
    REQUIRE(rig.session.commit());
    rig.session.begin();
    rig.session.rollback();
    rig.session.rollback();
    REQUIRE(rig.session.commit());
    same(rig.session, other.session);
    CHECK(rig.render(9600) == other.render(9600));
}

TEST_CASE("session: a panic in a transaction silences all that came before it") {
    Rig rig(scene({track("a", 1, "xxxx")}));
    REQUIRE(rig.session.start());
    REQUIRE(rig.session.gate(2, true));
    CHECK(rig.render(9600).peak() > 0.01f);
    rig.session.begin();
    REQUIRE(rig.session.gate(3, true));
    REQUIRE(rig.session.set(param("master/level"), 0.9f));
    REQUIRE(rig.session.panic());
    REQUIRE(rig.session.commit());
    CHECK(rig.render(9600).peak(kSilenceFrames) < 1e-4f);
    CHECK_FALSE(rig.session.running());
    CHECK_FALSE(rig.session.telemetry().running);
    CHECK(rig.session.get(param("master/level")) == 0.9f);
}

TEST_CASE("session: what follows a panic in its transaction happens after it") {
    Rig rig(scene({track("a", 1, "xxxx")}));
    REQUIRE(rig.session.start());
    rig.render(9600);
    rig.session.begin();
    REQUIRE(rig.session.panic());
    REQUIRE(rig.session.start());
    REQUIRE(rig.session.commit());
    CHECK(rig.session.running());
    CHECK(rig.render(9600).peak(kSilenceFrames) > 0.01f);
    CHECK(rig.session.telemetry().running);
}

TEST_CASE("session: a panic that is rolled back silences nothing") {
    Rig rig(scene({track("a", 1, "xxxx")})), other(scene({track("a", 1, "xxxx")}));
    for (Rig *each : {&rig, &other}) {
        REQUIRE(each->session.start());
        each->render(9600);
    }
    rig.session.begin();
    REQUIRE(rig.session.panic());
    rig.session.rollback();
    same(rig.session, other.session);
    REQUIRE(rig.session.set(param("voice1/amp"), 0.5f));
    REQUIRE(other.session.set(param("voice1/amp"), 0.5f));
    CHECK(rig.render(9600) == other.render(9600));
}

TEST_CASE("session: a transaction has its time, to the frame") {
    std::optional<Frame> delay; // of the limiter, which looks ahead
    for (const Frame at : {Frame{1000}, Frame{1001}, Frame{1023}, Frame{1024}}) {
        Rig rig;
        REQUIRE(rig.session.set(param("voice1/adsr/attack"), 0.001f));
        rig.render(512);
        rig.session.stamp(When::frame(at));
        rig.session.begin();
        REQUIRE(rig.session.gate(1, true));
        REQUIRE(rig.session.mark(7));
        REQUIRE(rig.session.commit());
        std::optional<Marked> marked;
        const auto sound = rig.render(4800, 37);
        rig.session.drain_reports([&](const Report &report) {
            if (const auto *mark = std::get_if<Marked>(&report)) marked = *mark;
        });
        REQUIRE(marked);
        CHECK(marked->frame == at);
        const auto starts = std::ranges::find_if(sound.left, [](float x) { return x != 0; });
        const Frame heard = static_cast<Frame>(starts - sound.left.begin()) + 512;
        if (!delay) delay = heard - at;
        CHECK(heard == at + *delay);
        CHECK(*delay < 128);
    }
}

TEST_CASE("session: going on in the scene that plays changes no sample") {
    const auto seed = GENERATE(range<std::uint64_t>(1, 5));
    Rig rig, other;
    test::Chance chance{seed};
    for (Rig *each : {&rig, &other}) {
        test::RandomPlayer player(each->session, seed);
        for (int n = 0; n < 30; ++n) player.act();
        player.make_noise();
    }
    for (int n = 0; n < 10; ++n) {
        const std::size_t frames = 1 + chance.below(9000);
        REQUIRE(rig.render(frames) == other.render(frames));
        REQUIRE(rig.session.go_on_in(rig.session.scene()));
    }
}

TEST_CASE("session: an edit that is gone back on before a tick is never heard") {
    Rig rig(scene({track("a", 1, "xoX.", {110, 220, 330}), track("b", 2, "x_.o")}));
    Rig other(rig.session.scene());
    for (Rig *each : {&rig, &other}) {
        REQUIRE(each->session.start());
        each->render(20000);
    }
    const Scene before = rig.session.scene();
    REQUIRE(rig.session.edit_track("a", [](Track &t) -> Outcome {
        t.mute = true;
        t.length = 1;
        return Done{};
    }));
    REQUIRE(rig.session.put_track(track("c", 3, "xxxx")));
    REQUIRE(rig.session.set(param("seq/bpm"), 200));
    REQUIRE(rig.session.set(param("voice1/amp"), 0));
    REQUIRE(rig.session.go_on_in(before));
    CHECK(rig.session.scene() == before);
    CHECK(rig.session.running());
    CHECK(rig.render(96000) == other.render(96000));
}

TEST_CASE("session: a scene that waits aside stays lent, whatever passes it", "[host]") {
    Rig rig(scene({track("a", 1, "X...")}));
    (void)rig.session.start();
    (void)rig.render(2048);
    const std::uint64_t before = rig.session.telemetry().playing;
    rig.session.stamp(When::frame(20000), Wait::aside);
    REQUIRE(rig.session.switch_to(scene({track("b", 2, "X...")}), Boundary::bar));
    rig.session.stamp({});
    REQUIRE(rig.session.put_track(track("c", 3, "x...")));
    (void)rig.render(4096);
    CHECK(rig.session.telemetry().playing == before + 2); // the edit, which passed the switch
    CHECK(rig.session.telemetry().needed == before + 1);
    (void)rig.render(100000);
    CHECK(rig.session.telemetry().playing == before + 1);
    CHECK(rig.session.telemetry().needed == before + 1);
}
