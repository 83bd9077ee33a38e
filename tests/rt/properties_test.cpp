#include "tests/support/random_player.h"
#include "tests/support/rig.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>

using namespace chronus;
using test::RandomPlayer;
using test::Rig;
using test::Stereo;

namespace {

constexpr std::size_t kSecond = 48000;
/// The longest release falls by 40 dB in 3 s and to nothing in twice that.
constexpr std::size_t kLongestRelease = 6 * kSecond + 4800;

/// How many random sessions: as asked, times CHRONUS_SEEDS where that is set.
std::uint64_t many(std::uint64_t count) {
    const char *factor = std::getenv("CHRONUS_SEEDS");
    return factor != nullptr ? count * static_cast<std::uint64_t>(std::atoi(factor)) : count;
}

bool fit_to_be_heard(const Stereo &sound) {
    const auto fit = [](float x) { return std::abs(x) <= 1.0f; }; // false for NaN
    return std::ranges::all_of(sound.left, fit) && std::ranges::all_of(sound.right, fit);
}

/// Forty commands in a second of music, then everything at once.
void play_at_random(Rig &rig, RandomPlayer &player) {
    for (int n = 0; n < 40; ++n) {
        player.act();
        REQUIRE(fit_to_be_heard(rig.render(player.chance().below(3000))));
    }
    player.make_noise();
    REQUIRE(fit_to_be_heard(rig.render(2400)));
}

/// Takes away what rings on without voices: an echo fed back beyond 1 never ends.
void mute_effects(Session &session) {
    for (const ParamId lfo : {param("lfo1/depth"), param("lfo2/depth"), param("lfo3/depth"),
                              param("lfo4/depth"), param("reverb1/mix"), param("delay1/mix")})
        REQUIRE(session.set(lfo, 0));
}

/// A second of music after each burst of commands; commands land between two renders, on a frame
/// all blocks come to.
Stereo performance(std::uint64_t seed, std::size_t block, rt::Kernels kernels = fastest_kernels()) {
    Rig rig({}, {.kernels = kernels});
    RandomPlayer player(rig.session, seed);
    player.make_noise();
    Stereo all;
    for (int n = 0; n < 4; ++n) {
        const Stereo part = rig.render(kSecond, block);
        all.left.insert(all.left.end(), part.left.begin(), part.left.end());
        all.right.insert(all.right.end(), part.right.begin(), part.right.end());
        for (int m = 0; m < 20; ++m) player.act();
    }
    return all;
}

} // namespace

TEST_CASE("engine: whatever is played, a stop ends all notes, within the longest release") {
    for (std::uint64_t seed = 1; seed <= many(40); ++seed) {
        INFO("seed " << seed);
        Rig rig;
        RandomPlayer player(rig.session, seed);
        play_at_random(rig, player);
        REQUIRE(rig.session.stop());
        mute_effects(rig.session);
        REQUIRE(fit_to_be_heard(rig.render(kLongestRelease)));
        CHECK(rig.render(kSecond / 10).peak() < 1e-5f);
        CHECK_FALSE(rig.session.telemetry().running);
        CHECK(rig.session.telemetry().heals == 0);
    }
}

TEST_CASE("engine: whatever is played, 10 ms after a panic there is silence, and it stays") {
    for (std::uint64_t seed = 1000000; seed < 1000000 + many(150); ++seed) {
        INFO("seed " << seed);
        Rig rig;
        RandomPlayer player(rig.session, seed);
        play_at_random(rig, player);
        REQUIRE(rig.session.panic());
        REQUIRE(fit_to_be_heard(rig.render(kSecond / 100)));
        CHECK(rig.render(kSecond / 2).peak() < 1e-5f);
        CHECK_FALSE(rig.session.telemetry().running);
        CHECK(rig.session.telemetry().heals == 0);
    }
}

TEST_CASE("engine: how a run is cut into blocks changes no bit, whatever is commanded") {
    for (std::uint64_t seed = 2000000; seed < 2000000 + many(5); ++seed) {
        const Stereo by_480 = performance(seed, 480);
        CHECK(by_480.peak() > 0.01f);
        for (const std::size_t block : {1u, 37u, 4096u, 48000u}) {
            INFO("seed " << seed << ", block " << block);
            CHECK(performance(seed, block) == by_480);
        }
    }
}

TEST_CASE("engine: the kernels for every machine and those for this one make the same bits") {
    if (fastest_kernels() == rt::Kernels::plain) SUCCEED("this machine has no others");
    for (std::uint64_t seed = 3000000; seed < 3000000 + many(20); ++seed) {
        INFO("seed " << seed);
        const Stereo plain = performance(seed, 256, rt::Kernels::plain);
        CHECK(plain.peak() > 0.01f);
        CHECK(performance(seed, 256) == plain);
    }
}
