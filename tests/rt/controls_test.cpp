#include "engine/rt/controls.h"

#include "dsp/block.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace chronus::rt {
/// Plants faults where only time would.
struct ControlsDoor {
    static void break_envelope(Controls &c, float with) { c.envelopes_[0].level = with; }
    static void break_glide(Controls &c, ParamId id, float with) {
        c.smoothers_[id.index].first = c.smoothers_[id.index].second = with;
    }
};
} // namespace chronus::rt

using namespace chronus;
using rt::Controls;

namespace {

constexpr SampleRate kFs{48000};
constexpr double kTicksPerSecond = 48000.0 / kTick;

/// Controls of a start scene with one LFO on one parameter.
ParamValues with_lfo(ParamId target, float depth, float rate = 2) {
    ParamValues p;
    p.set(param("lfo1/target"), target.index);
    p.set(param("lfo1/depth"), depth);
    p.set(param("lfo1/rate"), rate);
    return p;
}

} // namespace

TEST_CASE("controls: everything starts where the scene has it") {
    ParamValues p;
    p.set(param("voice3/filter/freq"), 333);
    const Controls c(kFs, p);
    for (std::uint16_t i = 0; i < kParamCount; ++i) CHECK(c.now({i}) == p.get({i}));
}

TEST_CASE("controls: a glide goes one way, takes about its time, and arrives exactly") {
    for (const float to : {0.9f, 0.0f, 1.0f}) {
        Controls c(kFs, {});
        c.glide(param("voice1/amp"), to);
        CHECK(c.now(param("voice1/amp")) == 0.3f); // until the next tick
        float last = 0.3f;
        int ticks = 0;
        for (; c.now(param("voice1/amp")) != to && ticks < 1000; ++ticks) {
            c.tick({});
            const float now = c.now(param("voice1/amp"));
            CHECK(std::abs(now - to) <= std::abs(last - to));
            if (ticks == 14) CHECK(std::abs(now - to) > 0.2f * std::abs(0.3f - to)); // 10 ms
            if (ticks == 59) CHECK(std::abs(now - to) < 0.1f * std::abs(0.3f - to)); // 40 ms
            last = now;
        }
        CHECK(ticks < 400);
        CHECK(c.plain(param("voice1/amp")) == to);
    }
}

TEST_CASE("controls: an exponential one is halfway at the geometric mean") {
    Controls c(kFs, {});
    const ParamId cutoff = param("voice1/filter/freq");
    c.jump(cutoff, 100);
    c.glide(cutoff, 10000);
    c.tick({});
    Controls mirrored(kFs, {});
    mirrored.jump(cutoff, 10000);
    mirrored.glide(cutoff, 100);
    mirrored.tick({});
    for (int n = 0; n < 50; ++n) {
        CHECK(c.now(cutoff) * mirrored.now(cutoff) == Approx(1e6).epsilon(1e-3));
        c.tick({});
        mirrored.tick({});
    }
}

TEST_CASE("controls: what has no glide is there at once, and a jump ends a glide's way") {
    Controls c(kFs, {});
    c.glide(param("voice1/osc/type"), 3);
    CHECK(c.now(param("voice1/osc/type")) == 3);
    c.glide(param("voice1/amp"), 1);
    c.tick({});
    c.jump(param("voice1/amp"), 0.5f);
    for (int n = 0; n < 100; ++n) c.tick({});
    CHECK(c.now(param("voice1/amp")) == 0.5f);
}

TEST_CASE("controls: only what moved is touched, while it moves") {
    Controls c(kFs, {});
    c.clear_touched();
    c.tick({});
    for (std::uint16_t m = 0; m < rt::module_index("seq"); ++m) CHECK_FALSE(c.touched(m));
    c.glide(param("voice5/pan"), 1);
    c.tick({});
    CHECK(c.touched(4));
    CHECK_FALSE(c.touched(3));
    CHECK_FALSE(c.touched(rt::module_index("acid1")));
    for (int n = 0; n < 1000; ++n) c.tick({});
    c.clear_touched();
    c.tick({});
    CHECK_FALSE(c.touched(4));
}

TEST_CASE("controls: an LFO at depth 1 sweeps the whole range and never leaves it") {
    for (const ParamId target : {param("voice1/filter/freq"), param("voice2/pan"),
                                 param("delay1/feedback"), param("seq/swing")}) {
        Controls c(kFs, with_lfo(target, 1));
        const ParamSpec &spec = spec_of(target);
        const float middle = spec.curve == Curve::exponential ? std::sqrt(spec.min * spec.max)
                                                              : 0.5f * (spec.min + spec.max);
        c.jump(target, middle);
        float low = spec.max, high = spec.min;
        for (double n = 0; n < kTicksPerSecond; ++n) {
            c.tick({});
            low = std::min(low, c.now(target));
            high = std::max(high, c.now(target));
            CHECK(c.plain(target) == Approx(middle));
        }
        INFO(path_of(target).view());
        const float edge = 0.01f * (spec.max - spec.min);
        CHECK(low >= spec.min);
        CHECK(low < spec.min + edge);
        CHECK(high <= spec.max);
        CHECK(high > spec.max - edge);
    }
}

TEST_CASE("controls: an LFO let go leaves its target where it was") {
    const ParamId cutoff = param("voice1/filter/freq");
    Controls c(kFs, with_lfo(cutoff, 0.5f));
    for (int n = 0; n < 100; ++n) c.tick({});
    CHECK(c.now(cutoff) != c.plain(cutoff));
    c.jump(param("lfo1/target"), -1);
    c.tick({});
    CHECK(c.now(cutoff) == c.plain(cutoff));
    CHECK(c.now(cutoff) == Approx(1000));
}

TEST_CASE("controls: two LFOs on one target add up") {
    const ParamId pan = param("voice1/pan");
    ParamValues p = with_lfo(pan, 0.25f);
    p.set(param("lfo2/target"), pan.index);
    p.set(param("lfo2/depth"), 0.25f);
    p.set(param("lfo2/rate"), 2);
    Controls both(kFs, p), one(kFs, with_lfo(pan, 0.5f));
    for (int n = 0; n < 1000; ++n) {
        both.tick({}), one.tick({});
        CHECK(both.now(pan) == Approx(one.now(pan)).margin(1e-5));
    }
}

TEST_CASE("controls: a free LFO's rate is kept, also at depth 0") {
    // Turned up after a second and a quarter at 1 Hz, the sine stands at its top.
    Controls c(kFs, with_lfo(param("voice1/pan"), 0, 1));
    for (int n = 0; n < 1875; ++n) c.tick({});
    c.jump(param("lfo1/depth"), 1);
    c.tick({});
    CHECK(c.now(param("voice1/pan")) == Approx(1).margin(0.001));
}

TEST_CASE("controls: a synced LFO is a function of the musical position alone") {
    ParamValues p = with_lfo(param("voice1/pan"), 1);
    p.set(param("lfo1/sync"), *find_choice(kLfoSyncs, "bar"));
    p.set(param("lfo1/shape"), *find_choice(kLfoShapes, "saw"));
    Controls c(kFs, p);
    for (const double steps : {0.0, 4.0, 12.0, 20.0, 8.0, 1e6}) {
        c.tick({steps});
        const double phase = std::fmod(steps / 16, 1);
        CHECK(c.now(param("voice1/pan")) == Approx(2 * phase - 1).margin(1e-4));
    }
}

TEST_CASE("controls: what is no amount is not moved, and no target moves nothing") {
    for (const float target : {-1.0f, static_cast<float>(param("voice1/osc/type").index),
                               static_cast<float>(kParamCount), 4095.0f}) {
        ParamValues p;
        p.set(param("lfo1/depth"), 1);
        p.set(param("lfo1/target"), target);
        Controls c(kFs, p);
        for (int n = 0; n < 200; ++n) c.tick({});
        for (std::uint16_t i = 0; i < kParamCount; ++i) REQUIRE(c.now({i}) == p.get({i}));
    }
}

namespace {

/// Controls with envelope 1 on the level of voice 3, started by voice 2.
ParamValues with_envelope(float amount, float attack, float decay) {
    ParamValues p;
    p.set(param("env1/source"), 2);
    p.set(param("env1/target"), param("voice3/amp").index);
    p.set(param("env1/amount"), amount);
    p.set(param("env1/attack"), attack);
    p.set(param("env1/decay"), decay);
    p.set(param("voice3/amp"), 0.25f);
    return p;
}

} // namespace

TEST_CASE("controls: an envelope goes straight up and falls to a hundredth in its decay") {
    Controls c(kFs, with_envelope(0.5f, 0.04f, 0.2f));
    const ParamId level = param("voice3/amp");
    c.tick({});
    CHECK(c.now(level) == 0.25f);
    c.strike(1);
    for (int n = 1; n < 500; ++n) {
        c.tick({});
        const double t = n / kTicksPerSecond;
        const double shape = t < 0.04 ? t / 0.04 : std::pow(0.01, (t - 0.04) / 0.2);
        REQUIRE(static_cast<double>(c.now(level)) == Approx(0.25 + 0.5 * shape).margin(1e-4));
        REQUIRE(c.plain(level) == 0.25f);
    }
    for (int n = 0; n < 500; ++n) c.tick({});
    CHECK(c.now(level) == 0.25f);
}

TEST_CASE("controls: a note on the way of an envelope makes no step") {
    Controls c(kFs, with_envelope(-1, 0.02f, 0.1f));
    const ParamId level = param("voice3/amp");
    float before = c.now(level);
    for (int n = 0; n < 2000; ++n) {
        if (n % 70 == 0) c.strike(1);
        c.tick({});
        CHECK(c.now(level) >= 0); // the end of the range
        CHECK(std::abs(c.now(level) - before) <= 1.0f * kTick / 48000 / 0.02f + 1e-6f);
        before = c.now(level);
    }
}

TEST_CASE("controls: what goes bad on its way comes back within a tick, and arrives") {
    using Door = rt::ControlsDoor;
    const float fault = GENERATE(std::numeric_limits<float>::quiet_NaN(),
                                 std::numeric_limits<float>::infinity(), -1e38f, 1e38f);
    const bool rises = GENERATE(false, true);
    const ParamId level = param("voice3/amp"), pan = param("voice3/pan");
    Controls c(kFs, with_envelope(0.5f, 0.1f, 0.2f));
    c.strike(1);
    c.glide(pan, 0.5f);
    for (int n = 0; n < (rises ? 20 : 200); ++n) c.tick({});
    c.glide(pan, -0.5f);
    Door::break_envelope(c, fault);
    Door::break_glide(c, pan, fault);
    c.tick({});
    for (int n = 0; n < 1500; ++n) {
        c.tick({});
        REQUIRE(c.now(level) >= 0.25f);
        REQUIRE(c.now(level) <= 0.75f);
        REQUIRE(c.now(pan) >= -1);
        REQUIRE(c.now(pan) <= 1);
    }
    CHECK(c.now(level) == 0.25f);
    CHECK(c.now(pan) == -0.5f);
}

TEST_CASE("controls: an envelope hears its own voice only, and moves nothing at amount 0") {
    const ParamId level = param("voice3/amp");
    Controls other(kFs, with_envelope(1, 0.001f, 1)), none(kFs, with_envelope(0, 0.001f, 1));
    for (const std::uint8_t voice : {std::uint8_t{0}, std::uint8_t{2}, std::uint8_t{63}})
        other.strike(voice);
    none.strike(1);
    for (int n = 0; n < 20; ++n) {
        other.tick({});
        none.tick({});
        CHECK(other.now(level) == 0.25f);
        CHECK(none.now(level) == 0.25f);
    }
}

TEST_CASE("controls: LFOs and envelopes on one parameter add up") {
    ParamValues p = with_envelope(0.25f, 0.001f, 8);
    p.set(param("env2/source"), 2);
    p.set(param("env2/target"), param("voice3/amp").index);
    p.set(param("env2/amount"), 0.125f);
    p.set(param("env2/attack"), 0.001f);
    p.set(param("env2/decay"), 8);
    p.set(param("lfo1/target"), param("voice3/amp").index);
    p.set(param("lfo1/shape"), 3);
    p.set(param("lfo1/depth"), 0.2f);
    Controls c(kFs, p);
    c.strike(1);
    for (int n = 0; n < 3; ++n) c.tick({});
    CHECK(c.now(param("voice3/amp")) == Approx(0.25 + 0.25 + 0.125 + 0.1).epsilon(0.01));
}
