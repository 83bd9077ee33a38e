#include "tests/support/random_player.h"
#include "tests/support/rig.h"
#include "tests/support/scenes.h"
#include "tests/support/signals.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

/// What may never come out, whatever was asked for: more than the ceiling, a constant, a click.
namespace chronus {

namespace {

using test::Chance;
using test::Rig;
using test::Samples;
using test::Signal;
using test::Stereo;

constexpr std::size_t kSecond = 48000;
constexpr std::uint16_t kVoiceRows = static_cast<std::uint16_t>(rows::kVoice.size());

void set(Rig &rig, std::string_view path, float value) {
    REQUIRE(rig.session.set(*find_param(path), value));
}

/// What moves parameters by itself stands still.
void calm(Rig &rig) {
    for (const char *name : {"lfo1", "lfo2", "lfo3", "lfo4"})
        set(rig, std::string{name} + "/depth", 0);
    for (const char *name : {"env1", "env2", "env3", "env4"})
        set(rig, std::string{name} + "/amount", 0);
}

/// Of all below 1 Hz; what a tone of 20 Hz leaves of itself under the window is -120 dB.
double constant(Signal x) {
    double sum = 0, weight = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double phase =
            2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(x.size());
        const double w = 0.42 - 0.5 * std::cos(phase) + 0.08 * std::cos(2 * phase);
        sum += w * static_cast<double>(x[i]), weight += w;
    }
    return std::abs(sum / weight);
}

} // namespace

TEST_CASE("safety: after any commands nothing passes the ceiling", "[rt]") {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const float ceiling_db = -static_cast<float>(seed % 13);
        CAPTURE(seed, ceiling_db);
        Rig rig;
        test::RandomPlayer player(rig.session, seed);
        for (int n = 0; n < 60; ++n) {
            player.act();
            rig.render(player.chance().below(1000));
        }
        calm(rig);
        set(rig, "master/ceiling", ceiling_db);
        set(rig, "master/level", 2);
        rig.render(kSecond / 2);
        player.make_noise();
        const Stereo out = rig.render(kSecond);
        REQUIRE(test::finite(out.left));
        REQUIRE(test::finite(out.right));
        CHECK(test::decibels(static_cast<double>(out.peak())) <=
              static_cast<double>(ceiling_db) + 1e-4);
        CHECK(rig.session.telemetry().heals == 0);
    }
}

TEST_CASE("safety: whatever the waves are bent by, no constant is left of them", "[rt]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        Rig rig;
        test::RandomPlayer player(rig.session, seed);
        for (int n = 0; n < 60; ++n) {
            player.act();
            rig.render(player.chance().below(1000));
        }
        calm(rig);
        REQUIRE(rig.session.stop());
        Chance &chance = player.chance();
        for (int v = 1; v <= 8; ++v) { // noise has its share of everything
            const std::string voice = "voice" + std::to_string(v) + "/";
            set(rig, voice + "osc/noise", 0);
            set(rig, voice + "osc/type",
                *find_choice(kWaves, chance.one_in(2) ? "square" : "sync"));
            set(rig, voice + "osc/width", chance.within(0.05f, 0.95f));
            set(rig, voice + "freq", chance.within(30, 400));
            set(rig, voice + "drive", chance.within(0, 1));
            set(rig, voice + "adsr/sustain", 1);
            set(rig, voice + "amp", 0.3f);
            for (const char *off : {"mute", "solo", "filter/type"}) set(rig, voice + off, 0);
            REQUIRE(rig.session.gate(v, true));
        }
        set(rig, "master/level", 1);
        set(rig, "dist1/drive", 1);
        set(rig, "dist1/mix", 1);
        set(rig, "reverb1/freeze", 0);
        set(rig, "reverb1/room", 0.1f);
        set(rig, "delay1/feedback", 0.5f);
        rig.render(4 * kSecond);
        const Stereo out = rig.render(kSecond);
        CHECK(out.peak() > 0.01f);
        CHECK(test::decibels(constant(out.left)) <= -60);
        CHECK(test::decibels(constant(out.right)) <= -60);
    }
}

namespace {

/// A tone that goes through everything there is: voice 1, and the acid where `acid` says so.
Scene through_all(bool acid) {
    Scene scene = test::scene({test::track("other", 5, "X.x.")});
    const auto put = [&](const char *path, float value) {
        scene.params.set(*find_param(path), value);
    };
    put("voice1/freq", 100);
    put("voice1/amp", 0.4f);
    put("voice1/adsr/sustain", 1);
    put("voice1/send/reverb", 0.4f);
    put("voice1/send/delay", 0.8f);
    put("delay1/mix", 0.8f);
    put("voice5/amp", 0);
    put("acid1/source", acid ? 1.0f : 0.0f);
    put("delay1/feedback", 0.2f);
    put("reverb1/room", 0.1f);
    put("duck1/source", 5);
    return scene;
}

/// The steepest step of what is heard in the next frames.
double steepest_of(Rig &rig, std::size_t frames, float &last) {
    Samples x = rig.render(frames).left;
    x.insert(x.begin(), std::exchange(last, x.back()));
    return test::steepest(x);
}

/// The farther a command takes the sound, the steeper it may be: as the steeper of both sounds.
void expect_no_click(Rig &rig, float &last, double before, auto command) {
    command();
    const double under_way = steepest_of(rig, kSecond / 5, last);
    const double after = steepest_of(rig, kSecond / 4, last);
    CHECK(under_way <= 2 * std::max(before, after) + 0.01);
}

} // namespace

TEST_CASE("safety: no parameter makes a click under a steady tone, wherever it goes", "[rt]") {
    const bool acid = GENERATE(false, true);
    std::vector<ParamId> ids;
    for (std::uint16_t i = 0; i < kVoiceRows; ++i) ids.push_back({i});
    for (std::uint16_t i = kModuleStart[1]; i < kParamCount; ++i) ids.push_back({i});
    Chance chance{9};
    for (const ParamId id : ids) {
        const ParamSpec &spec = spec_of(id);
        if (spec.kind == Kind::target) continue;
        // On its way a pitch passes all between, which may be steeper than both ends: an octave.
        const bool pitch = id == param("voice1/freq");
        const float lowest = pitch ? 80 : spec.min, highest = pitch ? 160 : spec.max;
        Rig rig(through_all(acid));
        REQUIRE(rig.session.gate(1, true));
        REQUIRE(rig.session.start());
        float last = 0;
        rig.render(kSecond / 2);
        double before = steepest_of(rig, kSecond / 4, last);
        const float random = chance.within(lowest, highest);
        for (const float value : {highest, lowest, pitch ? 100 : spec.initial,
                                  spec.kind == Kind::amount ? random : std::floor(random)}) {
            CAPTURE(acid, path_of(id).view(), value);
            expect_no_click(rig, last, before, [&] { REQUIRE(rig.session.set(id, value)); });
            before = steepest_of(rig, kSecond / 4, last);
        }
    }
}

TEST_CASE("safety: nothing that starts, stops or takes over makes a click", "[rt]") {
    const bool acid = GENERATE(false, true);
    const std::vector<std::pair<const char *, std::function<Outcome(Session &)>>> commands{
        {"start", [](Session &s) { return s.start(); }},
        {"stop", [](Session &s) { return s.stop(); }},
        {"panic", [](Session &s) { return s.panic(); }},
        {"gate on", [](Session &s) { return s.gate(1, true); }},
        {"gate off", [](Session &s) { return s.gate(1, false); }},
        {"another scene", [](Session &s) { return s.switch_to(Scene{}, Boundary::now); }},
        {"tracks gone", [](Session &s) { return s.clear_tracks(); }}};
    Rig rig(through_all(acid));
    float last = 0;
    Chance chance{4};
    double tone = 0;
    REQUIRE(rig.session.gate(1, true));
    for (int n = 0; n < 8; ++n) tone = std::max(tone, steepest_of(rig, kSecond / 4, last));
    for (int n = 0; n < 200; ++n) {
        const auto &[name, command] = commands[chance.below(commands.size())];
        CAPTURE(acid, name, n);
        REQUIRE(command(rig.session));
        CHECK(steepest_of(rig, 480 + chance.below(9600), last) <= 2 * tone + 0.01);
    }
}

} // namespace chronus
