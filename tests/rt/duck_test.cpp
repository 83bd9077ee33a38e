#include "engine/rt/duck.h"

#include "dsp/distortion.h"
#include "tests/support/random_scene.h"
#include "tests/support/rig.h"
#include "tests/support/scenes.h"
#include "tests/support/signals.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace chronus::rt {
struct DuckDoor {
    static void spoil(Duck &duck, float with) { duck.down_ = with; }
};
} // namespace chronus::rt

namespace chronus {

namespace {

using rt::Duck;
using test::Rig;
using test::Samples;
using test::Stereo;

constexpr SampleRate kRate{48000};
/// Of the distortion and the limiter.
const std::size_t kLatency = Rig{}.session.engine().latency();

std::vector<float> generated(Duck &duck, std::size_t frames) {
    std::vector<float> gains(frames, 1.0f);
    duck.generate(gains);
    return gains;
}

/// Where 3x^2 - 2x^3 stands on its way from 1 to `bottom` and back, `frame` frames after the note.
double gain_at(double frame, double depth, double attack, double hold, double release) {
    const auto eased = [](double x) {
        x = std::clamp(x, 0.0, 1.0);
        return x * x * (3 - 2 * x);
    };
    const double down = eased(frame / attack) - eased((frame - attack - hold) / release);
    return 1 - depth * down;
}

void set(Scene &scene, const std::string &path, float value) {
    scene.params.set(*find_param(path), value);
}

/// Voice 2 holds a sine; voice 1, unheard, strikes twice a second. Everything else is away.
Scene pumped(float target, float depth) {
    Scene s = test::scene({test::track("kick", 1, "X.......")});
    set(s, "voice1/amp", 0);
    set(s, "voice2/freq", 3000);
    set(s, "voice2/filter/freq", 20000);
    set(s, "voice2/adsr/sustain", 1);
    set(s, "voice2/adsr/decay", 0);
    set(s, "acid1/source", 0);
    set(s, "duck1/source", 1);
    set(s, "duck1/target", target);
    set(s, "duck1/depth", depth);
    set(s, "duck1/attack", 0.01f);
    set(s, "duck1/hold", 0.05f);
    set(s, "duck1/release", 0.2f);
    return s;
}

/// Half a second before the kicks begin, then two seconds of them.
Stereo played(const Scene &s, std::size_t block = 256) {
    Rig rig(s);
    REQUIRE(rig.session.gate(2, true));
    Stereo out = rig.render(24000, block);
    REQUIRE(rig.session.start());
    const Stereo more = rig.render(96000, block);
    out.left.insert(out.left.end(), more.left.begin(), more.left.end());
    out.right.insert(out.right.end(), more.right.begin(), more.right.end());
    return out;
}

/// Every four frames the sine of 3 kHz comes by its crest or its zero: its height from both.
double height(const std::vector<float> &x, std::size_t at) {
    return std::hypot(static_cast<double>(x[at]), static_cast<double>(x[at + 4]));
}

} // namespace

TEST_CASE("duck: is where its curve says on every frame, down and up again", "[rt]") {
    Duck duck{kRate};
    duck.set(0.8f, {.attack_s = 0.01f, .hold_s = 0.05f, .release_s = 0.2f});
    CHECK(duck.idle());
    duck.strike();
    const auto gains = generated(duck, 20000);
    for (std::size_t i = 0; i < gains.size(); ++i) {
        const double theory = gain_at(static_cast<double>(i + 1), 0.8, 480, 2400, 9600);
        REQUIRE(static_cast<double>(gains[i]) == Approx(theory).margin(1e-5));
    }
    CHECK(*std::ranges::min_element(gains) == Approx(0.2f));
    CHECK(gains[480 + 2400 + 9600 - 1] == 1);
    CHECK(duck.idle());
}

TEST_CASE("duck: how its frames are cut changes no bit", "[rt]") {
    const auto run = [](std::size_t block) {
        Duck duck{kRate};
        duck.set(0.7f, {.attack_s = 0.003f, .hold_s = 0.0f, .release_s = 0.1f});
        std::vector<float> all;
        for (std::size_t at = 0; at < 9600; at += block) {
            if (at % 960 == 0 && at < 4800) duck.strike();
            const auto part = generated(duck, std::min(block, 9600 - at));
            all.insert(all.end(), part.begin(), part.end());
        }
        return all;
    };
    const auto whole = run(960);
    for (const std::size_t block : {1u, 32u, 160u}) CHECK(run(block) == whole);
}

TEST_CASE("duck: neither notes on the way nor a new wiring make it step", "[rt]") {
    test::Chance chance{7};
    Duck duck{kRate};
    const rt::DuckTimes times{.attack_s = 0.001f, .hold_s = 0.002f, .release_s = 0.005f};
    duck.set(1, times);
    float before = 1, steepest = 0;
    for (int n = 0; n < 200'000; ++n) {
        if (chance.one_in(100)) duck.strike();
        if (chance.one_in(500)) duck.let_go();
        if (n % 32 == 0) duck.set(chance.one_in(3) ? 0.2f : 1.0f, times);
        const float gain = generated(duck, 1)[0];
        REQUIRE(gain >= 0);
        REQUIRE(gain <= 1);
        steepest = std::max(steepest, std::abs(gain - before));
        before = gain;
    }
    // 1.5 / 48 at the middle of the attack, and a change of depth within 32 frames.
    CHECK(steepest < 1.5f / 48 + 0.8f / 32 + 1e-3f);
}

TEST_CASE("duck: a spoilt state is told of, and the next note finds it well", "[rt]") {
    for (const float fault : {std::numeric_limits<float>::quiet_NaN(),
                              std::numeric_limits<float>::infinity(), 1e38f, -1.0f}) {
        Duck duck{kRate};
        duck.set(0.5f, {});
        duck.strike();
        generated(duck, 100);
        CHECK_FALSE(duck.heal());
        rt::DuckDoor::spoil(duck, fault);
        CHECK(duck.heal());
        CHECK(generated(duck, 1)[0] == 1);
    }
}

TEST_CASE("ducking: a voice is as loud as theory says around each note, to the frame", "[rt]") {
    const float target = GENERATE(0.0f, 1.0f, 4.0f, 5.0f); // others, dry, master, voice 2
    const float depth = GENERATE(0.5f, 0.9f);
    const auto x = played(pumped(target, depth)).left;
    const double full = height(x, 20000);
    // Sounds leave the distortion, behind which the master is, later than they enter it.
    const std::size_t before = target == 4.0f ? dsp::Distortion::kLatency : 0;
    const auto late = static_cast<double>(kLatency - before);
    for (std::size_t at = 24000; at < 115000; at += 97) {
        const double since = std::fmod(static_cast<double>(at) + 3 + 24000 - late, 48000.0);
        const double theory = gain_at(since, static_cast<double>(depth), 480, 2400, 9600);
        REQUIRE(height(x, at) / full == Approx(theory).margin(0.012));
    }
}

TEST_CASE("ducking: each return and each voice is pushed down by itself", "[rt]") {
    const auto level = [](float target, const char *send) {
        Scene s = pumped(target, 1);
        set(s, "duck1/hold", 0.4f);
        set(s, "voice2/send/reverb", 0);
        set(s, "voice2/send/delay", 0);
        if (send != nullptr) set(s, std::string{"voice2/send/"} + send, 1);
        const auto x = played(s).left;
        return test::rms(std::span{x}.subspan(24000 + 5000, 10000));
    };
    const double dry = level(0, nullptr);
    CHECK(dry < 1e-6);
    for (const char *send : {"reverb", "delay"}) {
        INFO(send);
        const float own = send == std::string{"reverb"} ? 2.0f : 3.0f;
        const double wet_gone = level(own, send), dry_alone = level(5.0f - own, nullptr);
        CHECK(wet_gone ==
              Approx(dry_alone).epsilon(0.01));  // the return is silent, the voice is not
        CHECK(level(1, send) > 0.1 * dry_alone); // the dry mix is silent, the return is not
        CHECK(std::abs(level(5.0f - own, send) / dry_alone - 1) > 0.03); // both are there
    }
    Scene other = pumped(5, 1);
    set(other, "duck1/voice", 3);
    Scene off = pumped(5, 0);
    CHECK(played(other) == played(off));
}

TEST_CASE("ducking: of all others, the voice that strikes stays as it is", "[rt]") {
    Scene s = pumped(0, 1);
    set(s, "voice1/amp", 0.3f);
    set(s, "voice1/adsr/decay", 0.1f);
    set(s, "voice2/amp", 0);
    Scene off = s;
    set(off, "duck1/source", 0);
    CHECK(played(s) == played(off));
}

TEST_CASE("ducking: is the same whatever the blocks, and nothing when it takes nothing", "[rt]") {
    const Scene s = pumped(0, 0.8f);
    const Stereo whole = played(s, 48000);
    for (const std::size_t block : {37u, 480u}) CHECK(played(s, block) == whole);
    Scene nothing = pumped(0, 0), none = pumped(0, 0.8f);
    set(none, "duck1/source", 0);
    CHECK(played(nothing) == played(none));
    CHECK_FALSE(played(nothing) == whole);
}

TEST_CASE("ducking: no way of wiring it anew while it works makes a click", "[rt]") {
    Scene s = pumped(0, 1);
    set(s, "voice2/freq", 100);
    set(s, "voice2/amp", 0.8f);
    set(s, "duck1/release", 2);
    Rig rig(s);
    REQUIRE(rig.session.gate(2, true));
    Samples all = rig.render(24000).left;
    const double tone = test::steepest(std::span{all}.subspan(12000));
    REQUIRE(rig.session.start());
    test::Chance chance{3};
    for (int n = 0; n < 400; ++n) {
        const char *const names[]{"source", "target", "voice", "depth", "hold", "release"};
        const ParamId id = *find_param(std::string{"duck1/"} + names[chance.below(6)]);
        const float most = spec_of(id).kind == Kind::count ? 3.0f : spec_of(id).max;
        const float value = chance.within(spec_of(id).min, most);
        const bool amount = spec_of(id).kind == Kind::amount;
        REQUIRE(rig.session.set(id, amount ? value : std::floor(value)));
        const auto part = rig.render(64 + chance.below(4000)).left;
        all.insert(all.end(), part.begin(), part.end());
    }
    CHECK(test::steepest(std::span{all}.subspan(12000)) <= 2 * tone + 0.01);
}

} // namespace chronus
