#include "tests/support/random_scene.h"
#include "tests/support/rig.h"
#include "tests/support/scenes.h"
#include "tests/support/signals.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace chronus {

namespace {

using test::Rig;
using test::Samples;
using test::Stereo;

/// Of the distortion and the limiter.
const std::size_t kLatency = Rig{}.session.engine().latency();

/// Three voices hold sines of 200, 300 and 400 Hz.
struct Trio {
    Trio() {
        for (int v = 1; v <= 3; ++v) {
            set(v, "freq", 100.0f + 100.0f * static_cast<float>(v));
            set(v, "filter/freq", 20000);
            set(v, "adsr/sustain", 1);
            set(v, "adsr/decay", 0);
        }
        set(2, "amp", 0.3f);
        REQUIRE(rig.session.set(param("acid1/source"), 0));
        for (int v = 1; v <= 3; ++v) REQUIRE(rig.session.gate(v, true));
        play(24000);
    }
    void set(int voice, const std::string &path, float value) {
        REQUIRE(rig.session.set(*find_param("voice" + std::to_string(voice) + "/" + path), value));
    }
    Samples play(std::size_t frames) {
        Samples part = rig.render(frames).left;
        all.insert(all.end(), part.begin(), part.end());
        return part;
    }
    /// Who is heard once it has settled, as bits.
    unsigned heard() {
        play(4800);
        const Samples x = play(16384);
        const test::Spectrum spectrum(x, test::kFs);
        unsigned bits = 0;
        for (unsigned v = 1; v <= 3; ++v)
            if (spectrum.line(100 + 100 * v) > 1e-4) bits |= 1u << (v - 1);
        return bits;
    }

    Rig rig;
    Samples all;
};

} // namespace

TEST_CASE("mute: silences one voice, solo all that have none, and mute counts for more", "[rt]") {
    Trio trio;
    CHECK(trio.heard() == 0b111);
    trio.set(2, "mute", 1);
    CHECK(trio.heard() == 0b101);
    trio.set(3, "solo", 1);
    CHECK(trio.heard() == 0b100);
    trio.set(2, "solo", 1);
    CHECK(trio.heard() == 0b100);
    trio.set(2, "mute", 0);
    CHECK(trio.heard() == 0b110);
    trio.set(3, "solo", 0);
    trio.set(2, "solo", 0);
    CHECK(trio.heard() == 0b111);
}

TEST_CASE("mute: fades in no less than five milliseconds, and no more than eight", "[rt]") {
    Trio trio;
    for (const int other : {1, 3}) trio.set(other, "amp", 0);
    trio.play(9600);
    const double full = test::peak(trio.play(4800));
    trio.set(2, "mute", 1);
    const Samples fade = trio.play(4800);
    const auto at = [&](double ms) {
        return std::span{fade}.subspan(static_cast<std::size_t>(ms * 48) + kLatency, 160);
    };
    CHECK(test::peak(at(1.7)) > 0.2 * full); // 160 frames of 300 Hz, half way down
    CHECK(test::peak(at(8)) < 0.01 * full);  // the DC block rings on
}

TEST_CASE("mute: however it is switched while voices sound, nothing clicks", "[rt]") {
    Trio trio;
    const double tone = test::steepest(std::span{trio.all}.subspan(12000));
    test::Chance chance{11};
    for (int n = 0; n < 600; ++n) {
        trio.set(1 + static_cast<int>(chance.below(3)), chance.one_in(2) ? "mute" : "solo",
                 static_cast<float>(chance.below(2)));
        trio.play(32 + chance.below(700));
    }
    CHECK(test::steepest(std::span{trio.all}.subspan(12000)) <= 2 * tone + 0.01);
}

TEST_CASE("mute: a voice that is struck from rest is there, or not, from its first frame", "[rt]") {
    const auto played = [](bool muted_before) {
        Scene s = test::scene({test::track("kick", 1, "X...")});
        s.params.set(param("voice1/mute"), muted_before ? 1.0f : 0.0f);
        Rig rig(s);
        rig.render(9600);
        REQUIRE(rig.session.set(param("voice1/mute"), 0));
        REQUIRE(rig.session.start());
        return rig.render(9600);
    };
    CHECK(played(true) == played(false));
}

TEST_CASE("mute: a step can lock it: it is played, and not heard", "[rt]") {
    Track t = test::track("k", 1, "X...X...");
    LockSet silent;
    silent.add({lock_target("voice1/mute"), 1});
    t.steps[0].locks = static_cast<std::uint8_t>(t.locks.add(silent));
    Rig rig(test::scene({t}));
    REQUIRE(rig.session.start());
    const Stereo out = rig.render(48000);
    CHECK(test::peak(std::span{out.left}.first(24000)) == 0);
    CHECK(test::peak(std::span{out.left}.last(24000)) > 0.05);
}

TEST_CASE("mute: tracks and whole scenes may come and go as they like", "[rt]") {
    for (const std::uint64_t seed : {5u, 6u}) {
        const Scene s = test::random_document(seed).scene;
        const auto run = [&](std::size_t block) {
            Rig rig(s);
            REQUIRE(rig.session.start());
            return rig.render(24000, block);
        };
        CHECK(run(37) == run(24000));
    }
}

} // namespace chronus
