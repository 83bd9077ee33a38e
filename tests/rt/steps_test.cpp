#include "engine/rt/chance.h"
#include "tests/support/player.h"
#include "tests/support/random_scene.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace chronus;
using rt::Event;
using test::Player;
using test::scene;
using test::Struck;
using test::track;

namespace {

constexpr Frame kStep = 6000; // at 120 BPM and 48 kHz

/// Changes one thing of the first step.
template <class T>
Track with(Track t, T Step::*field, T value) {
    t.steps[0].*field = value;
    return t;
}

Track with_notes(Track t, std::initializer_list<Note> notes) {
    for (const Note &note : notes) t.note_list[t.note_count++] = note;
    return t;
}

/// The first frame at or after a moment of `steps` sixteenths.
Frame frame_at(long double steps, int bpm) {
    return static_cast<Frame>(std::ceil(steps * 15.0L * 48000.0L / bpm - 1e-9L));
}

Track steps_of(std::uint8_t num, std::uint8_t den) {
    Track t = track("k", 1, "x");
    t.div = {num, den};
    return t;
}

} // namespace

TEST_CASE(
    "sequencer: a ratchet's strikes share out the step evenly, with their share of the gate") {
    const auto times = GENERATE(std::uint8_t{2}, std::uint8_t{3}, std::uint8_t{5}, std::uint8_t{8});
    Player p{scene({with(track("k", 1, "x...", {100, 200}), &Step::ratchet, times)})};
    p.run(4 * kStep);
    REQUIRE(p.onsets().size() == times);
    REQUIRE(p.ends().size() == times);
    for (Frame k = 0; k < times; ++k) {
        CHECK(p.onsets()[k] == (k * kStep + times - 1) / times);
        CHECK(p.ends()[k] == (k * 2 * kStep + kStep + 2u * times - 1) / (2u * times));
    }
    for (const Struck &s : p.struck) // of one note
        if (s.event.kind == Event::Kind::note_on) CHECK(s.event.hz == 100);
}

TEST_CASE("sequencer: a ratchet's last strike holds through ties") {
    Player p{scene({with(track("k", 1, "x_.."), &Step::ratchet, std::uint8_t{2})})};
    p.run(4 * kStep);
    CHECK(p.ends() == std::vector<Frame>{kStep / 4, kStep + kStep / 2});
}

TEST_CASE("sequencer: a ratchet ends where swing puts the next step") {
    Player p{scene({with(track("k", 1, "xx"), &Step::ratchet, std::uint8_t{2})}, 120, 0.5f)};
    p.run(2 * kStep);
    CHECK(p.onsets() == std::vector<Frame>{0, 3750, 7500});
}

TEST_CASE("sequencer: chance is met within three sigma, and the same for equal seeds") {
    Track t = with(track("k", 1, "x"), &Step::chance, std::uint8_t{40});
    const auto count = [](const Track &of, std::uint64_t seed) {
        int hits = 0;
        for (std::uint64_t n = 0; n < 10000; ++n) hits += rt::plays(of, n, seed, false);
        return hits;
    };
    const double sigma = std::sqrt(10000 * 0.4 * 0.6);
    for (std::uint64_t seed = 0; seed < 20; ++seed)
        CHECK(std::abs(count(t, seed) - 4000) < 3 * sigma);
    t.chance = 50; // of the track: both must fall
    CHECK(std::abs(count(t, 1) - 2000) < 3 * std::sqrt(10000 * 0.2 * 0.8));
    Scene s = scene({t});
    Player a{s}, b{s};
    s.seed = 2;
    Player other{s};
    s.seed = 1;
    s.tracks[0].seed = 9;
    Player reseeded{s};
    for (Player *p : {&a, &b, &other, &reseeded}) p->run(200 * kStep);
    CHECK(a.onsets() == b.onsets());
    CHECK(a.onsets() != other.onsets());
    CHECK(a.onsets() != reseeded.onsets());
}

TEST_CASE("sequencer: tracks of one pattern draw on their own, wherever they stand in the scene") {
    const Track a = with(track("a", 1, "x"), &Step::chance, std::uint8_t{50});
    const Track b = with(track("b", 2, "x"), &Step::chance, std::uint8_t{50});
    Player ab{scene({a, b})}, ba{scene({b, a})};
    ab.run(100 * kStep);
    ba.run(100 * kStep);
    CHECK(ab.onsets(1) == ba.onsets(1));
    CHECK(ab.onsets(1) != ab.onsets(2));
}

TEST_CASE("sequencer: a pass of a cycle is counted from the pattern's start") {
    Track t = track("k", 1, "x..");
    t.steps[0].nth = 2;
    t.steps[0].cycle = 3;
    Player p{scene({t})};
    p.run(18 * kStep);
    CHECK(p.onsets() == std::vector<Frame>{3 * kStep, 12 * kStep});
    Player switched{scene({track("old", 2, "x")})};
    const Scene next = scene({t});
    switched.run(10 * kStep).run(16 * kStep, kTick, &next);
    CHECK(switched.onsets(1) == std::vector<Frame>{19 * kStep});
}

TEST_CASE("sequencer: hits for fills play only while fills are on") {
    Player p{scene({with(track("k", 1, "x..."), &Step::fill, true)})};
    p.run(8 * kStep);
    CHECK(p.onsets().empty());
    p.sequencer.set_fill(true);
    p.run(8 * kStep);
    CHECK(p.onsets() == std::vector<Frame>{8 * kStep, 12 * kStep});
    p.sequencer.set_fill(false);
    p.run(8 * kStep);
    CHECK(p.onsets().size() == 2);
}

TEST_CASE("sequencer: a hit takes its note whether or not it is heard") {
    Track t = track("k", 1, "xx", {100, 200});
    t.steps[0].chance = 30;
    Player p{scene({t})};
    p.run(100 * kStep);
    for (const Struck &s : p.struck)
        if (s.event.kind == Event::Kind::note_on)
            CHECK(s.event.hz == (s.frame / kStep % 2 == 0 ? 100.0f : 200.0f));
    CHECK(p.onsets().size() < 100);
}

TEST_CASE("sequencer: late and early are exact in frames at any tempo") {
    const int bpm = GENERATE(60, 97, 120, 174, 299);
    const int shift = GENERATE(-47, -12, -1, 1, 12, 47);
    Track t = track("k", 1, ".x..");
    t.steps[1].shift = static_cast<std::int8_t>(shift);
    Player p{scene({t}, static_cast<float>(bpm))};
    p.run(frame_at(400, bpm));
    REQUIRE(p.onsets().size() == 100);
    for (std::size_t n = 0; n < 100; ++n)
        CHECK(p.onsets()[n] == frame_at(static_cast<long double>(4 * n + 1) + shift / 96.0L, bpm));
}

TEST_CASE("sequencer: an early step 0 comes in the pass before, the very first on the start") {
    Player p{scene({with(track("k", 1, "x..."), &Step::shift, std::int8_t{-24})})};
    p.run(12 * kStep);
    CHECK(p.onsets() == std::vector<Frame>{0, 4 * kStep - kStep / 4, 8 * kStep - kStep / 4,
                                           12 * kStep - kStep / 4});
}

TEST_CASE("sequencer: a scene that goes leaves out what was early for the bar it does not have") {
    const Scene next = scene({track("new", 2, "x")});
    Player p{scene({with(track("old", 1, "x..."), &Step::shift, std::int8_t{-24})})};
    p.run(14 * kStep).run(4 * kStep, kTick, &next);
    CHECK(p.onsets(1).back() == 12 * kStep - kStep / 4);
    CHECK(p.onsets(2)[0] == 16 * kStep);
}

TEST_CASE("sequencer: whatever swing and shifts there are, steps keep their order") {
    test::Chance chance{5};
    for (int round = 0; round < 50; ++round) {
        Track t = track("k", 1, "xxxxxxx");
        for (std::size_t i = 0; i < t.length; ++i)
            t.steps[i].shift = static_cast<std::int8_t>(static_cast<int>(chance.below(95)) - 47);
        const rt::TrackClock clock{t, 720000000, 216000000, 0}; // swing 0.6
        for (std::uint64_t n = 0; n < 100; ++n) REQUIRE(clock.onset(n) < clock.onset(n + 1));
    }
}

TEST_CASE("sequencer: a step's length is any fraction of a sixteenth, without drift in a day") {
    const auto [num, den] = GENERATE(values<std::pair<std::uint8_t, std::uint8_t>>(
        {{1, 2}, {2, 1}, {3, 4}, {1, 3}, {64, 63}, {5, 7}}));
    const Track t = steps_of(num, den);
    const rt::TrackClock clock{t, phases_per_step(48000), 0, 0};
    const std::uint64_t day = std::uint64_t{24} * 3600 * 299000 * 48000; // phases at 299 BPM
    const std::uint64_t n = clock.first_after(day);
    const Phase exact = n * num * phases_per_step(48000) / den;
    CHECK(clock.grid(n) == exact);
    CHECK(exact > day);
}

TEST_CASE("sequencer: tracks of unlike step lengths meet again exactly") {
    Track half = track("half", 2, "x");
    half.div = {1, 2};
    Track slow = track("slow", 3, "x.");
    slow.div = {3, 4};
    Player p{scene({track("k", 1, "x"), half, slow}, 120, 0.4f)};
    p.run(3000 * kStep);
    REQUIRE(p.onsets(2).size() == 6000);
    REQUIRE(p.onsets(3).size() == 2000);
    for (Frame n = 0; n < 6000; ++n)
        REQUIRE(p.onsets(2)[n] == n * kStep / 2); // swing is not theirs
    for (Frame n = 0; n < 2000; ++n) REQUIRE(p.onsets(3)[n] == n * kStep * 3 / 2);
}

TEST_CASE("sequencer: a track that is given another step length joins where it would be") {
    Player p{scene({track("k", 1, "x...")})};
    p.run(6 * kStep);
    p.scene.tracks[0].div = {1, 2};
    p.run(4 * kStep);
    CHECK(p.onsets() == std::vector<Frame>{0, 4 * kStep, 6 * kStep, 8 * kStep});
}

TEST_CASE("sequencer: a chord takes the voices no track uses, silent longest first, up to four") {
    const Track chords =
        with_notes(track("c", 1, "x."), {{100}, {200, true}, {300, true}, {}, {400}});
    Player p{scene({chords, track("b", 3, ".x..")})};
    p.run(6 * kStep);
    std::vector<std::pair<int, float>> played;
    for (const Struck &s : p.struck)
        if (s.event.kind == Event::Kind::note_on && s.event.track == 0)
            played.emplace_back(s.event.voice + 1, s.event.hz);
    // Voice 2 is the acid's and 3 a track's; the second hit rests.
    CHECK(played ==
          std::vector<std::pair<int, float>>{{1, 100.0f}, {4, 200.0f}, {5, 300.0f}, {1, 400.0f}});
    CHECK(p.ends(4) == std::vector<Frame>{kStep / 2});
}

TEST_CASE("sequencer: chords turn through the free voices, and miss notes when there are none") {
    const Track chords = with_notes(track("c", 1, "x."), {{100}, {200, true}});
    Player p{scene({chords})};
    p.run(6 * kStep);
    for (const int voice : {4, 5}) CHECK(p.onsets(voice).size() == 1);
    CHECK(p.onsets(3).size() == 1);
    Player few{scene({chords})};
    few.sequencer = rt::Sequencer{48000, 2};
    few.sequencer.start();
    few.run(2 * kStep);
    CHECK(few.onsets().size() == 1);
    Player held{scene({chords})};
    held.sequencer.by_hand(2, true);
    held.run(2 * kStep);
    CHECK(held.onsets(3).empty());
    CHECK(held.onsets(4).size() == 1);
}

namespace {

Scene everything(std::uint64_t seed) {
    Scene s = test::random_document(seed).scene;
    s.params = {};
    s.params.set(param("seq/bpm"), 133.3f);
    s.params.set(param("seq/swing"), 0.37f);
    for (Track &t : s.playing()) t.solo = t.mute = false;
    return s;
}

void same_events(const std::vector<Struck> &a, const std::vector<Struck> &b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        REQUIRE(a[i].frame == b[i].frame);
        REQUIRE(a[i].event.kind == b[i].event.kind);
        REQUIRE(a[i].event.voice == b[i].event.voice);
        REQUIRE(a[i].event.hz == b[i].event.hz);
        REQUIRE(a[i].event.locks == b[i].event.locks);
    }
}

} // namespace

TEST_CASE("sequencer: how time is cut changes no event of any scene") {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        const Scene s = everything(seed);
        Player by_tick{s}, by_odd{s};
        by_tick.run(50 * kStep, 32);
        by_odd.run(50 * kStep, 29);
        same_events(by_tick.struck, by_odd.struck);
        for (std::size_t i = 1; i < by_tick.struck.size(); ++i)
            REQUIRE(by_tick.struck[i - 1].frame <= by_tick.struck[i].frame);
    }
}

TEST_CASE("sequencer: any bar played alone has the notes it has in a run") {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        Scene s = everything(seed);
        s.params.set(param("seq/bpm"), 120); // bars are whole frames: 16 x 6000
        for (Track &t : s.playing())
            for (Note &note : t.note_list) note.with_last = false; // chords take what is free
        const std::uint64_t bar = 1 + seed % 5;
        Player run{s}, alone{s};
        run.run((bar + 1) * 16 * kStep);
        alone.sequencer = rt::Sequencer{48000};
        alone.sequencer.start(bar * 16);
        alone.run(16 * kStep);
        const auto notes = [](const Player &p, Frame from) {
            std::vector<std::tuple<Frame, std::uint8_t, float>> out;
            for (const Struck &e : p.struck)
                if (e.event.kind == Event::Kind::note_on && e.frame >= from)
                    out.emplace_back(e.frame - from, e.event.track, e.event.hz);
            return out;
        };
        CHECK(notes(run, bar * 16 * kStep) == notes(alone, 0));
    }
}
