#include "tests/support/random_scene.h"
#include "tests/support/rig.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <initializer_list>
#include <span>

using namespace chronus;
using test::Rig;
using test::scene;
using test::Stereo;
using test::track;

namespace {

constexpr std::size_t kStep = 6000; // at 120 BPM and 48 kHz
constexpr std::size_t kRun = 8 * kStep;

Track locked(Track t, std::initializer_list<Lock> locks) {
    LockSet set;
    for (const Lock &lock : locks) set.add(lock);
    t.steps[0].locks = static_cast<std::uint8_t>(t.locks.add(set));
    return t;
}

/// Short notes of a saw far to the right, dry.
Scene saws(const Track &t) {
    Scene s = scene({t});
    for (const int v : {1, 2}) {
        const auto set = [&](const char *path, float value) {
            s.params.set(*find_param("voice" + std::to_string(v) + "/" + path), value);
        };
        set("osc/type", 1);
        set("pan", 1);
        set("adsr/release", 0.01f);
    }
    s.params.set(param("reverb1/mix"), 0);
    return s;
}

Stereo played(const Scene &s) {
    Rig rig(s);
    REQUIRE(rig.session.start());
    return rig.render(kRun);
}

/// Of the `n`-th four steps, but for their end, where the limiter's delay brings the next note in.
float energy(std::span<const float> x, std::size_t n) {
    float sum = 0;
    for (const float s : x.subspan(n * 4 * kStep + 500, 3 * kStep)) sum += s * s;
    return sum;
}

} // namespace

TEST_CASE("engine: a lock holds for its step's note and for no other", "[rt]") {
    const Stereo out = played(
        saws(locked(track("k", 1, "X...X...", {110}), {{lock_target("voice1/pan"), -1.0f}})));
    CHECK(energy(out.left, 0) > 1);
    CHECK(energy(out.right, 0) < 1e-6f);
    CHECK(energy(out.left, 1) < 1e-6f);
    CHECK(energy(out.right, 1) > 1);
}

TEST_CASE("engine: locks reach level, filter, envelope and pitch, and then are gone", "[rt]") {
    const Track plain = track("k", 1, "X...X...", {110});
    const auto lock = GENERATE(
        Lock{lock_target("voice1/amp"), 0.9f}, Lock{lock_target("voice1/filter/freq"), 12000.0f},
        Lock{lock_target("voice1/filter/q"), 10.0f}, Lock{lock_target("voice1/adsr/release"), 0.2f},
        Lock{lock_target("voice1/freq"), 500.0f}, Lock{lock_target("voice1/osc/type"), 2.0f},
        Lock{lock_target("voice1/send/delay"), 0.0f});
    const Stereo with = played(saws(locked(plain, {lock}))), without = played(saws(plain));
    const bool heard = lock.target != lock_target("voice1/send/delay");
    CHECK((std::abs(energy(with.right, 0) / energy(without.right, 0) - 1) > 0.02f) == heard);
    CHECK(energy(with.right, 1) == Approx(energy(without.right, 1)).epsilon(0.02));
}

TEST_CASE("engine: the acid's locks count for the voice it is on", "[rt]") {
    const Lock shut{lock_target("acid1/cutoff"), 30.0f};
    const Lock still{lock_target("acid1/env_amount"), 0.0f};
    const Track on = track("k", 2, "X...X...", {110}), off = track("k", 1, "X...X...", {110});
    const Stereo with = played(saws(locked(on, {shut, still}))), without = played(saws(on));
    CHECK(energy(with.right, 0) < 0.9f * energy(without.right, 0));
    CHECK(energy(with.right, 1) == Approx(energy(without.right, 1)).epsilon(0.02));
    CHECK(played(saws(locked(off, {shut, still}))) == played(saws(off)));
}

TEST_CASE("engine: a chord sounds as its track's voice, wherever its notes are", "[rt]") {
    Track chord = track("k", 1, "X...X...", {110, 165});
    chord.note_list[1].with_last = true;
    const Stereo both = played(saws(chord)), one = played(saws(track("k", 1, "X...X...", {110})));
    CHECK(energy(both.left, 0) < 1e-6f);
    CHECK(energy(both.right, 0) > 1.5f * energy(one.right, 0));
}

TEST_CASE("engine: fills are a matter of the player, not of the scene", "[rt]") {
    Track t = track("k", 1, "X...");
    t.steps[0].fill = true;
    Rig rig(scene({t}));
    REQUIRE(rig.session.start());
    CHECK(rig.render(kRun).peak() == 0);
    REQUIRE(rig.session.fill(true));
    CHECK(rig.render(kRun).peak() > 0.05f);
}

TEST_CASE("engine: how a run of any scene is cut into blocks changes no bit", "[rt]") {
    for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
        const Scene s = test::random_document(seed).scene;
        const auto run = [&](std::size_t block) {
            Rig rig(s);
            REQUIRE(rig.session.start());
            return rig.render(48000, block);
        };
        const Stereo whole = run(48000);
        for (const std::size_t block : {37u, 480u}) CHECK(run(block) == whole);
    }
}
