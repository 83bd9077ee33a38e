#include "dsp/loudness.h"
#include "dsp/rt.h"
#include "tests/support/rig.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>

using namespace chronus;
using test::Rig;

namespace {

/// Held sines of 997 Hz, each voice in its place and of its level; no effects.
struct Sines {
    Rig rig{test::scene({})};

    explicit Sines(std::initializer_list<std::pair<int, float>> levels) {
        for (const auto &[voice, level] : levels) {
            const std::string name = "voice" + std::to_string(voice) + "/";
            const auto set = [&](const char *path, float value) {
                REQUIRE(rig.session.set(*find_param(name + path), value));
            };
            set("freq", 997);
            set("filter/freq", 20000);
            set("amp", level);
            set("pan", 0.2f * static_cast<float>(voice - 4));
            set("adsr/attack", 0.001f);
            set("adsr/sustain", 1);
            REQUIRE(rig.session.gate(voice, true));
        }
    }
    const Telemetry &shown() { return rig.session.telemetry(); }
};

} // namespace

TEST_CASE("metering: the master's levels are those of what comes out") {
    Sines sines{{1, 0.4f}, {3, 0.2f}};
    auto out = sines.rig.render(4 * 48000);
    dsp::LoudnessMeter meter{SampleRate{48000}};
    for (std::size_t begin = 0; begin < out.left.size(); begin += kTick)
        meter.process({std::span(out.left).subspan(begin, kTick),
                       std::span(out.right).subspan(begin, kTick)});
    const auto wanted = meter.levels();
    const ShownLevels &master = sines.shown().master;
    CHECK(master.momentary_lufs == wanted.momentary_lufs);
    CHECK(master.short_term_lufs == wanted.short_term_lufs);
    CHECK(master.rms_db == wanted.rms_db);
    CHECK(master.peak_db == wanted.peak_db);
    CHECK(master.true_peak_db == wanted.true_peak_db);
    CHECK(sines.shown().integrated_lufs == meter.integrated_lufs());
    CHECK(master.momentary_lufs > -30);
}

TEST_CASE("metering: watched, a voice reads as loud alone as in the mix, wherever it is") {
    const int voice = GENERATE(1, 3, 8);
    Sines sines{{voice, 0.4f}};
    sines.rig.session.watch(true);
    sines.rig.render(2 * 48000);
    for (int v = 1; v <= 8; ++v) {
        const ShownLevels &levels = sines.shown().voices[static_cast<std::size_t>(v - 1)];
        if (v != voice) {
            CHECK(levels.momentary_lufs == -200);
            CHECK(levels.true_peak_db == -200);
            continue;
        }
        CHECK(static_cast<double>(levels.momentary_lufs) ==
              Approx(static_cast<double>(sines.shown().master.momentary_lufs)).margin(0.05));
        CHECK(levels.true_peak_db == Approx(-7.96).margin(0.05));
        CHECK(levels.rms_db == Approx(-7.96 - 3.01).margin(0.05));
    }
}

TEST_CASE(
    "metering: voices that nobody watches have no levels, and are as they were when watched") {
    Sines seen{{1, 0.4f}, {3, 0.3f}}, unseen{{1, 0.4f}, {3, 0.3f}};
    seen.rig.session.watch(true);
    const auto a = seen.rig.render(48000), b = unseen.rig.render(48000);
    CHECK(std::memcmp(a.left.data(), b.left.data(), a.left.size() * sizeof(float)) == 0);
    CHECK(seen.shown().voices[0].momentary_lufs > -30);
    CHECK(unseen.shown().voices[0].momentary_lufs == -200);
    seen.rig.session.watch(false);
    seen.rig.render(48000);
    CHECK(seen.shown().voices[0].momentary_lufs == -200);
    CHECK(seen.shown().master.momentary_lufs > -30);
}

TEST_CASE("metering: silence comes to -200, the integrated loudness stays until the next start") {
    Sines sines{{1, 0.4f}};
    sines.rig.session.watch(true);
    sines.rig.render(2 * 48000);
    REQUIRE(sines.rig.session.gate(1, false));
    sines.rig.render(20 * 48000);
    CHECK(sines.shown().master.short_term_lufs == -200);
    CHECK(sines.shown().voices[0].short_term_lufs == -200);
    CHECK(sines.shown().integrated_lufs > -30);
    REQUIRE(sines.rig.session.start());
    sines.rig.render(48000);
    CHECK(sines.shown().integrated_lufs == -200);
}

TEST_CASE("metering: the limiter's gain is the least of the last 100 ms") {
    Sines sines{{1, 1}, {3, 1}, {4, 1}};
    REQUIRE(sines.rig.session.set(param("master/level"), 2));
    sines.rig.render(48000);
    const float gain = sines.shown().limiter_gain;
    CHECK(gain < 0.5f);
    CHECK(sines.shown().master.true_peak_db == Approx(-1).margin(0.15));
    for (const int v : {1, 3, 4}) REQUIRE(sines.rig.session.gate(v, false));
    sines.rig.render(6 * 48000);
    CHECK(sines.shown().limiter_gain == 1);
}
