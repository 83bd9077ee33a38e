#include "tests/rt/bench.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace chronus;
using test::Bench;
using test::scene;
using test::Stereo;
using test::track;

namespace {

constexpr Frame kStep = 6000; // at 120 BPM and 48 kHz

/// The first frame on which two runs differ; their length when they are equal.
std::size_t first_difference(const Stereo &a, const Stereo &b) {
    std::size_t i = 0;
    while (i < a.frames() && a.left[i] == b.left[i] && a.right[i] == b.right[i]) ++i;
    return i;
}

std::size_t first_sound(const Stereo &out) {
    return first_difference(out,
                            {std::vector<float>(out.frames()), std::vector<float>(out.frames())});
}

Scene kicks(const char *pattern, float swing = 0) {
    Scene s = scene({track("kick", 1, pattern, {55})}, 120, swing);
    s.params.set(param("voice1/adsr/attack"), 0.001f);
    s.params.set(param("voice1/adsr/decay"), 0.01f);
    s.params.set(param("voice1/adsr/sustain"), 0);
    s.params.set(param("voice1/adsr/release"), 0.01f);
    return s;
}

/// In steps from the first on.
std::vector<std::size_t> steps_heard(const Stereo &out) {
    std::vector<std::size_t> steps;
    const auto onsets = test::onsets(out.left, 1e-3f, 500);
    for (const std::size_t onset : onsets) steps.push_back((onset - onsets.front() + 2) / kStep);
    return steps;
}

Scene muted(Scene s) {
    s.tracks[0].mute = true;
    return s;
}

} // namespace

TEST_CASE("engine: a gate sounds the same time after its frame, wherever in a tick that is") {
    const auto delay_of = [](Frame frame) {
        Bench bench;
        bench.send(SetGate{0, true}, When::frame(frame));
        return first_sound(bench.render(9600)) - frame;
    };
    const std::size_t delay = delay_of(4800);
    CHECK(delay < 1000);
    for (Frame frame = 4801; frame < 4800 + 2 * kTick; ++frame) CHECK(delay_of(frame) == delay);
}

TEST_CASE("engine: started on a frame, step 0 strikes on it, and each later step on its own") {
    const auto onsets_from = [](Frame frame) {
        Bench bench{kicks("x")};
        bench.send(Transport::start, When::frame(frame));
        auto onsets = test::onsets(bench.render(47000).left);
        for (std::size_t &onset : onsets) onset -= frame;
        return onsets;
    };
    const auto from_0 = onsets_from(0);
    REQUIRE(from_0.size() == 8);
    for (Frame frame = 1; frame < 2 * kTick; ++frame) CHECK(onsets_from(frame) == from_0);
}

TEST_CASE("engine: what is heard before a message's frame is as if it never came") {
    Scene first = scene({track("a", 1, "x_._x~.", {110, 220}), track("b", 2, "X.x", {82})});
    Scene second = scene({track("c", 3, "xxxx", {330})}, 90);
    second.params.set(param("reverb1/mix"), 0.9f);
    const Edit edit{&second, 2};
    const auto to = [&](Boundary b, Entry e) { return Switch{&second, 2, b, e}; };
    const std::vector<std::pair<std::string, decltype(Message::what)>> kinds{
        {"gate on", SetGate{4, true}},
        {"gate off", SetGate{5, false}},
        {"start", Transport::start},
        {"stop", Transport::stop},
        {"release", Transport::release},
        {"panic", Transport::panic},
        {"a sounding voice's parameter", SetParam{param("voice1/amp"), 0.9f}},
        {"the wave of a sounding voice", SetParam{param("voice1/osc/type"), 2}},
        {"the acid's wave", SetParam{param("acid1/wave"), 2}},
        {"the delay's time", SetParam{param("delay1/time"), 0.02f}},
        {"the master's level", SetParam{param("master/level"), 0.1f}},
        {"the tempo", SetParam{param("seq/bpm"), 250}},
        {"an edit", edit},
        {"a switch", to(Boundary::now, Entry::from_start)},
        {"a switch that goes on", to(Boundary::now, Entry::goes_on)},
    };
    first.params.set(param("voice1/send/delay"), 1);
    constexpr std::size_t kRun = 26000;
    for (const auto &[name, what] : kinds)
        for (Frame frame = 20000; frame < 20000 + kTick; frame += 3) {
            INFO(name << " on " << frame);
            const auto play = [&](bool told) {
                Bench bench{first};
                if (name != "start") bench.send(Transport::start);
                bench.send(SetGate{5, true}, When::frame(1000));
                if (told) bench.send(what, When::frame(frame));
                return bench.render(kRun);
            };
            const std::size_t changed = first_difference(play(false), play(true));
            CHECK(changed >= frame);
            CHECK(changed < kRun);
        }
}

TEST_CASE("engine: a jump holds on its frame, a glide begins at the next tick at the latest") {
    const auto changed = [](bool sounds, Frame set, Frame struck) {
        const auto play = [&](bool told) {
            Scene s;
            s.params.set(param("voice1/osc/type"), 1);
            Bench bench{s};
            if (sounds) bench.send(SetGate{0, true});
            if (told) bench.send(SetParam{param("voice1/freq"), 880}, When::frame(set));
            bench.send(SetGate{0, true}, When::frame(struck));
            return bench.render(9600);
        };
        return first_difference(play(false), play(true));
    };
    const std::size_t delay = changed(false, 4803, 4803) - 4803;
    CHECK(delay < 300);
    CHECK(changed(false, 4801, 4803) - 4803 == delay); // there before the note, and heard with it
    CHECK(changed(true, 4801, 9599) < 4832 + delay + kTick);
}

TEST_CASE("engine: a mute that waits for a step takes that step's note, and no other") {
    const auto heard = [](const Scene &before, const Scene &after, std::uint64_t step) {
        Bench bench{before};
        bench.send(Transport::start, When::frame(17));
        bench.send(Edit{&after, 2}, When::step(step));
        return steps_heard(bench.render(13 * kStep));
    };
    const Scene straight = kicks("x"), swung = kicks("x", 0.5f);
    CHECK(heard(straight, muted(straight), 4) == std::vector<std::size_t>{0, 1, 2, 3});
    CHECK(heard(straight, muted(straight), 5) == std::vector<std::size_t>{0, 1, 2, 3, 4});
    CHECK(heard(swung, muted(swung), 4) == std::vector<std::size_t>{0, 1, 2, 3});
    CHECK(heard(swung, muted(swung), 5) == std::vector<std::size_t>{0, 1, 2, 3, 4});
    CHECK(heard(straight, muted(straight), 0).empty());
}

TEST_CASE("engine: what waits for a step goes where tempo and swing take the step") {
    Bench bench{kicks("x")};
    bench.send(Transport::start, When::frame(100));
    bench.send(SetParam{param("seq/bpm"), 60}, When::frame(100 + 10000));
    bench.send(Mark{1}, When::step(8));
    bench.send(SetParam{param("seq/swing"), 0.5f}, When::step(9));
    bench.send(Mark{2}, When::step(9)); // its line has just gone by a quarter step on
    bench.send(Mark{3}, When::step(10));
    bench.send(Mark{4}, When::step(11));
    bench.render(16 * 12000);
    const Frame at_8 = 100 + 10000 + 2 * (8 * kStep - 10000);
    CHECK(bench.marks() == std::vector<Frame>{at_8, at_8 + 15000, at_8 + 24000, at_8 + 39000});
}

TEST_CASE("engine: a step that has passed, or comes to no player, is now") {
    Bench bench{kicks("x")};
    bench.send(Mark{1}, When::step(4));
    bench.send(Transport::start, When::frame(5));
    bench.send(Mark{2}, When::frame(3));
    bench.send(Mark{3}, When::step(0));
    bench.send(Mark{4}, When::frame(5 + 3 * kStep));
    bench.send(Mark{5}, When::step(2));
    bench.send(Mark{6}, When::step(3));
    bench.send(Transport::stop, When::frame(40000));
    bench.send(Mark{7}, When::step(1000));
    bench.render(48000);
    const Frame at_3 = 5 + 3 * kStep;
    CHECK(bench.marks() == std::vector<Frame>{0, 5, 5, at_3, at_3, at_3, 40000});
}

TEST_CASE("engine: what comes too late acts with the next tick") {
    Bench bench;
    bench.render(101);
    bench.send(Mark{1}, When::frame(100));
    bench.send(Mark{2}, When::frame(127)); // its tick has begun
    bench.send(Mark{3}, When::frame(128));
    bench.send(Mark{4}, When::frame(131));
    bench.render(64);
    CHECK(bench.marks() == std::vector<Frame>{128, 128, 128, 131});
}

TEST_CASE("engine: the frame of a coming step is the one the position tells while tempo stays") {
    for (const float bpm : {20.0f, 97.3f, 133.7f, 300.0f})
        for (const float swing : {0.0f, 0.31f, 0.6f}) {
            INFO(bpm << " BPM, swing " << swing);
            Bench bench{scene({}, bpm, swing)};
            CHECK_FALSE(frame_of_step(bench.telemetry.position.look(), 0, swing).has_value());
            bench.send(Transport::start, When::frame(77));
            std::vector<Frame> told;
            bench.render(480);
            for (std::uint64_t step = 1; step < 20; ++step) {
                const auto frame = frame_of_step(bench.telemetry.position.look(), step, swing);
                REQUIRE(frame.has_value());
                told.push_back(*frame);
                bench.send(Mark{}, When::step(step));
                while (bench.marks().size() < step) bench.render(113 * step);
            }
            CHECK(bench.marks() == told);
            const Position last = bench.telemetry.position.look();
            CHECK_FALSE(frame_of_step(last, 19, swing).has_value()); // it has passed
            CHECK(last.frame == (bench.engine.now() + kTick - 1) / kTick * kTick);
        }
}

TEST_CASE("engine: the tape holds exactly the frames between its messages") {
    const std::vector<Frame> turns{5, 9, 9, 12, 40, 41, 63, 64, 96, 97, 130, 4000};
    Bench bench{kicks("x")};
    bench.send(Transport::start);
    bool on = false;
    for (const Frame frame : turns) bench.send(SetTape{on = !on}, When::frame(frame));
    const Stereo out = bench.render(9600);
    std::vector<float> wanted;
    for (std::size_t n = 0; n < turns.size(); n += 2)
        for (Frame i = turns[n]; i < turns[n + 1]; ++i)
            wanted.insert(wanted.end(), {out.left[i], out.right[i]});
    std::vector<float> taped(20000);
    taped.resize(2 * bench.tape.read(taped));
    CHECK(taped == wanted);
    std::vector<Frame> told;
    for (const TapeChanged &t : bench.reported<TapeChanged>()) told.push_back(t.frame);
    CHECK(told == turns);
}
