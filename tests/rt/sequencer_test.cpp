#include "engine/rt/sequencer.h"

#include "tests/support/player.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <map>
#include <vector>

using namespace chronus;
using rt::Event;
using test::Player;
using test::scene;
using test::track;

namespace {

constexpr std::uint32_t kFs = 48000;
} // namespace

TEST_CASE("sequencer: step 0 falls on the first frame, and at 120 BPM each step 6000 later") {
    Player p{scene({track("k", 1, "x")})};
    p.run(60 * kFs);
    const auto onsets = p.onsets();
    REQUIRE(onsets.size() == 480);
    for (std::size_t n = 0; n < onsets.size(); ++n) REQUIRE(onsets[n] == n * 6000);
}

TEST_CASE("sequencer: after 24 hours at 174 BPM a step is where exact arithmetic puts it") {
    Player p{scene({track("k", 1, "x")}, 174)};
    p.run(Frame{24} * 3600 * kFs, 4000);
    const auto onsets = p.onsets();
    const Frame steps = Frame{24} * 60 * 174 * 4;
    REQUIRE(onsets.size() == steps);
    for (const std::size_t n : {std::size_t{1}, std::size_t{4177}, onsets.size() - 1})
        CHECK(onsets[n] == (n * 15 * kFs + 173) / 174); // ceil of n steps of 15 fs / bpm frames
}

TEST_CASE("sequencer: swing 0.6 makes odd steps 0.3 steps late and leaves the bar at 96000") {
    Player p{scene({track("k", 1, "x")}, 120, 0.6f)};
    p.run(4 * 96000);
    const auto onsets = p.onsets();
    for (std::size_t n = 0; n < onsets.size(); ++n)
        REQUIRE(onsets[n] == n * 6000 + (n % 2 == 1 ? 1800 : 0));
}

TEST_CASE("sequencer: a tempo change inside a step keeps the phase") {
    Player p{scene({track("k", 1, "x")})};
    p.run(3008); // 32-frame grid: 3008 of 6000 frames are over
    p.scene.params.set(param("seq/bpm"), 60);
    p.run(96000);
    CHECK(p.onsets()[1] == 3008 + 2 * (6000 - 3008)); // half the speed from here on
    CHECK(p.onsets()[2] - p.onsets()[1] == 12000);
}

TEST_CASE("sequencer: how time is cut into windows changes no event") {
    const Scene s =
        scene({track("a", 1, "X.x_x~..", {110, 220, 330}), track("b", 2, "x.o")}, 137.5f, 0.33f);
    Player by_one{s}, by_tick{s}, by_odd{s};
    by_one.run(200000, 1);
    by_tick.run(200000, 32);
    by_odd.run(200000, 29);
    for (const Player *p : {&by_one, &by_odd}) {
        REQUIRE(p->struck.size() == by_tick.struck.size());
        for (std::size_t i = 0; i < p->struck.size(); ++i) {
            CHECK(p->struck[i].frame == by_tick.struck[i].frame);
            CHECK(p->struck[i].event.hz == by_tick.struck[i].event.hz);
            CHECK(p->struck[i].event.kind == by_tick.struck[i].event.kind);
        }
    }
}

TEST_CASE("sequencer: a gate ends its fraction of a step after the hit") {
    Track t = track("k", 1, "x...");
    t.gate = GENERATE(0.1f, 0.5f, 0.95f, 2.2f);
    Player p{scene({t})};
    p.run(24000);
    REQUIRE(p.ends().size() == 1);
    CHECK(p.ends()[0] == Approx(6000 * t.gate).margin(1));
}

TEST_CASE("sequencer: ties hold a note through their steps, a slide until after its own onset") {
    Player p{scene({track("a", 1, "x__.x~..."), track("b", 2, "x.x~.")})};
    p.run(8 * 6000);
    CHECK(p.ends(1)[0] == 2 * 6000 + 3000);
    CHECK(p.onsets(2)[1] == 2 * 6000);
    Player q{scene({track("s", 1, "xx~..")})};
    q.run(4 * 6000);
    REQUIRE(q.ends().size() == 1); // the first note is still open when the second slides in
    CHECK(q.ends()[0] == 6000 + 3000);
}

TEST_CASE("sequencer: a note does not wait for a slide into a rest of the list") {
    Track t = track("a", 1, "xx~x.", {100, 200, 300});
    t.note_list[1].hz = 0;
    Player p{scene({t})};
    p.run(4 * 6000);
    CHECK(p.ends() == std::vector<Frame>{3000, 2 * 6000 + 3000});
}

TEST_CASE("sequencer: of two tracks on a voice, the end of one does not cut the other's note") {
    Track longer = track("long", 1, "x...............");
    longer.gate = 1.5f;
    Track second = track("second", 1, ".x..............");
    second.gate = 4;
    Player p{scene({longer, second})};
    p.run(96000);
    REQUIRE(p.ends(1).size() == 1);
    CHECK(p.ends(1)[0] == 5 * 6000);
}

TEST_CASE("sequencer: patterns of unlike length phase against each other") {
    Player p{scene({track("a", 1, "x.."), track("b", 2, "x....")})};
    p.run(15 * 6000);
    CHECK(p.onsets(1) == std::vector<Frame>{0, 18000, 36000, 54000, 72000});
    CHECK(p.onsets(2) == std::vector<Frame>{0, 30000, 60000});
}

TEST_CASE("sequencer: notes are taken in turn, one a hit, also when other tracks come and go") {
    Player p{scene({track("a", 1, "x.", {100, 200, 300})})};
    p.run(4 * 6000);
    const Track kept = p.scene.tracks[0];
    p.scene = scene({track("new", 2, "x"), kept});
    p.run(4 * 6000);
    CHECK(p.notes(1) == std::vector<float>{100, 200, 300, 100});
}

TEST_CASE("sequencer: a stop and a start, and another pattern, go on with the next note") {
    Player p{scene({track("a", 1, "x", {100, 200, 300})})};
    p.run(6000);
    p.sequencer.stop();
    p.sequencer.start();
    p.run(6000);
    p.scene.tracks[0].steps[0].hit = Hit::accent;
    p.run(6000);
    CHECK(p.notes() == std::vector<float>{100, 200, 300});
}

TEST_CASE("sequencer: another list of notes starts anew, an edit of anything else does not") {
    Player p{scene({track("a", 1, "x", {100, 200, 300})})};
    Track &edited = p.scene.tracks[0];
    p.run(2 * 6000);
    edited.gate = 0.25f;
    p.run(6000);
    edited.note_list[0].hz = 400;
    edited.notes_uid = 1;
    p.run(2 * 6000);
    edited.note_start = 2;
    edited.notes_uid = 2;
    p.run(2 * 6000);
    CHECK(p.notes() == std::vector<float>{100, 200, 300, 400, 200, 300, 400});
}

TEST_CASE("sequencer: a track that was not heard goes on where it would be") {
    Player p{scene({track("a", 1, "x", {100, 200, 300}), track("b", 2, "....")})};
    const auto silence = GENERATE(0, 1);
    p.run(6000);
    (silence == 0 ? p.scene.tracks[0].mute : p.scene.tracks[1].solo) = true;
    p.run(6000);
    p.scene.tracks[0].mute = p.scene.tracks[1].solo = false;
    p.run(2 * 6000);
    CHECK(p.notes() == std::vector<float>{100, 300, 100});
    CHECK(p.onsets() == std::vector<Frame>{0, 2 * 6000, 3 * 6000});
}

TEST_CASE("sequencer: a ratchet that is heard from its midst on has the note of its step") {
    Track t = track("a", 1, "x...x...", {100, 200});
    t.steps[4].ratchet = 4;
    t.mute = true;
    Player p{scene({t})};
    p.run(4 * 6000 + 1000);
    p.scene.tracks[0].mute = false;
    p.run(3 * 6000);
    CHECK(p.onsets() == std::vector<Frame>{25500, 27000, 28500});
    CHECK(p.notes() == std::vector<float>{200, 200, 200});
}

TEST_CASE("sequencer: a muted track is silent, and with a solo every other one is too") {
    Track a = track("a", 1, "x"), b = track("b", 2, "x");
    a.mute = true;
    Player muted{scene({a, b})};
    muted.run(48000);
    CHECK(muted.onsets(1).empty());
    CHECK(muted.onsets(2).size() == 8);
    a.mute = false;
    a.solo = true;
    Player soloed{scene({a, b})};
    soloed.run(48000);
    CHECK(soloed.onsets(1).size() == 8);
    CHECK(soloed.onsets(2).empty());
}

TEST_CASE("sequencer: a switch waits for the bar line and starts the new pattern at step 0") {
    const Scene next = scene({track("b", 2, "x...........")}, 60);
    Player p{scene({track("a", 1, "x......")})};
    p.run(10 * 6000).run(31 * 6000, kTick, &next);
    const auto switched = p.frames_of(Event::Kind::switch_scene);
    REQUIRE(switched == std::vector<Frame>{96000});
    CHECK(p.onsets(2)[0] == 96000);
    CHECK(p.onsets(2)[1] == 96000 + 12 * 12000); // at its own tempo, from its own step 0
    CHECK(p.onsets(1).back() < 96000);
}

TEST_CASE("sequencer: stopped it emits nothing, started again it is at step 0") {
    Player p{scene({track("a", 1, "x...")})};
    p.run(9000);
    p.sequencer.stop();
    p.run(48000);
    CHECK(p.onsets().size() == 1);
    const Frame restart = p.now;
    p.sequencer.start();
    p.run(6000);
    CHECK(p.onsets().back() == restart);
}
