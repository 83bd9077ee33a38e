#include "tests/support/rig.h"
#include "tests/support/scenes.h"
#include "tests/support/signals.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <span>
#include <string>
#include <vector>

/// What LFOs and envelopes do to the sound.
namespace chronus {

namespace {

using test::Rig;
using test::Stereo;

void set(Scene &scene, const std::string &path, float value) {
    scene.params.set(*find_param(path), value);
}

/// Voice 1 holds a sine.
Scene tone(float hz) {
    Scene s;
    set(s, "acid1/source", 0);
    set(s, "reverb1/mix", 0);
    set(s, "voice1/freq", hz);
    set(s, "voice1/filter/freq", 20000);
    set(s, "voice1/adsr/sustain", 1);
    set(s, "voice1/adsr/decay", 0);
    return s;
}

std::vector<float> held(const Scene &s) {
    Rig rig(s);
    REQUIRE(rig.session.gate(1, true));
    rig.render(24000);
    return rig.render(131072).left;
}

float index_of(const char *path) { return find_param(path)->index; }

} // namespace

TEST_CASE("controls: a fade in 100 steps a second leaves no spur above -109 dB", "[rt]") {
    const double tone_hz = 1365 * 48000.0 / 65536;
    Rig rig(tone(static_cast<float>(tone_hz)));
    REQUIRE(rig.session.set(param("voice1/amp"), 1));
    REQUIRE(rig.session.gate(1, true));
    rig.render(24000);
    std::vector<float> faded;
    for (int n = 0; n < 300; ++n) { // 20 dB in 3 s
        const auto level = static_cast<float>(std::pow(10.0, -n / 300.0));
        REQUIRE(rig.session.set(param("voice1/amp"), level));
        const auto part = rig.render(480).left;
        faded.insert(faded.end(), part.begin(), part.end());
    }
    const test::Spectrum spectrum(std::span<const float>(faded).last(131072), test::kFs);
    const double spur =
        spectrum.largest(20, 20000, [&](double hz) { return std::abs(hz - tone_hz) > 200; });
    CHECK(test::decibels(spur / spectrum.line(tone_hz)) <= -109);
}

TEST_CASE("lfo: at its fastest it leaves its sidebands and no steps", "[rt]") {
    const char *const target = GENERATE("voice1/amp", "voice1/pan", "master/level");
    const double lfo_hz = 24 * 48000.0 / 65536, tone_hz = 4099 * 48000.0 / 65536;
    Scene s = tone(static_cast<float>(tone_hz));
    set(s, "lfo1/target", index_of(target));
    set(s, "lfo1/rate", static_cast<float>(lfo_hz));
    set(s, "lfo1/depth", 0.2f);
    const test::Spectrum spectrum(held(s), test::kFs);
    const double carrier = spectrum.line(tone_hz);
    INFO(target);
    CHECK(test::decibels(spectrum.line(tone_hz + lfo_hz) / carrier) > -30);
    const double far = spectrum.largest(
        20, 20000, [&](double hz) { return std::abs(hz - tone_hz) > 12 * lfo_hz; });
    CHECK(test::decibels(far / carrier) < -80);
}

TEST_CASE("env: moves its target with the notes of its voice, theory on every tick", "[rt]") {
    Scene s = tone(3000);
    set(s, "env1/source", 2);
    set(s, "env1/target", index_of("voice1/amp"));
    set(s, "env1/amount", 0.4f);
    set(s, "env1/attack", 0.05f);
    set(s, "env1/decay", 0.2f);
    set(s, "voice2/amp", 0);
    s.tracks[s.track_count++] = test::track("k", 2, "X......................."); // every 3 s
    Rig rig(s);
    REQUIRE(rig.session.gate(1, true));
    rig.render(48000);
    REQUIRE(rig.session.start());
    rig.render(rig.session.engine().latency());
    const auto x = rig.render(48000).left;
    for (std::size_t at = 0; at < 47000; at += 331) {
        const double t = static_cast<double>(at + 3) / 48000;
        const double shape = t < 0.05 ? t / 0.05 : std::pow(0.01, (t - 0.05) / 0.2);
        const double height =
            std::hypot(static_cast<double>(x[at]), static_cast<double>(x[at + 4])) * std::sqrt(2.0);
        REQUIRE(height == Approx(0.3 + 0.4 * shape).margin(0.02)); // a tick is 0.013 of the attack
    }
}

TEST_CASE("env: is the same whatever the blocks, for notes and for gates", "[rt]") {
    Scene s = tone(200);
    set(s, "voice1/osc/type", 1);
    set(s, "env1/source", 1);
    set(s, "env1/target", index_of("voice1/filter/freq"));
    set(s, "env1/amount", -0.5f);
    set(s, "env2/source", 1);
    set(s, "env2/target", index_of("delay1/feedback"));
    set(s, "env2/amount", 0.5f);
    set(s, "voice1/send/delay", 0.5f);
    s.tracks[s.track_count++] = test::track("k", 1, "X.xx~.o");
    const auto run = [&](std::size_t block) {
        Rig rig(s);
        REQUIRE(rig.session.gate(1, true));
        rig.render(4800, block);
        REQUIRE(rig.session.start());
        return rig.render(48000, block);
    };
    const Stereo whole = run(48000);
    for (const std::size_t block : {37u, 480u}) CHECK(run(block) == whole);
    set(s, "env1/amount", 0);
    CHECK_FALSE(run(480) == whole);
}

} // namespace chronus
