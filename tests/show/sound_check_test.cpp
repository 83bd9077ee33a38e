#include "patterns/show/sound_check.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

using namespace chronus;
using namespace chronus::patterns;

namespace {

constexpr SampleRate kFs{48000};

struct Sound {
    std::vector<float> left, right;
    explicit Sound(std::size_t frames) : left(frames), right(frames) {}
};

/// The same sine in both channels.
Sound sine(double hz, double level_db, double seconds) {
    Sound out{static_cast<std::size_t>(seconds * 48000)};
    for (std::size_t i = 0; i < out.left.size(); ++i) {
        const double phase = 2 * std::numbers::pi * hz * static_cast<double>(i) / 48000;
        out.left[i] = out.right[i] =
            static_cast<float>(std::pow(10, level_db / 20) * std::sin(phase));
    }
    return out;
}

SoundFacts facts_of(Sound sound, std::size_t block = 4800) {
    SoundCheck check{kFs};
    for (std::size_t at = 0; at < sound.left.size(); at += block) {
        const std::size_t count = std::min(block, sound.left.size() - at);
        check.listen(StereoBlock{sound.left, sound.right}.sub(at, count));
    }
    return check.facts();
}

} // namespace

TEST_CASE("sound check: a sine of EBU Tech 3341 reads its loudness, and theory's levels",
          "[show]") {
    const auto facts = facts_of(sine(1000, -23, 20));
    CHECK(facts.lufs == Approx(-23).margin(0.1));
    CHECK(facts.peak_db == Approx(-23).margin(0.01));
    CHECK(facts.rms_db == Approx(-26.01).margin(0.01));
    CHECK(facts.dc_db < -90);
    CHECK(facts.frames == 20 * 48000);
    CHECK_FALSE(objection_to(facts));
}

TEST_CASE("sound check: a peak between samples is found", "[show]") {
    Sound sound = sine(12000, -6, 2);
    for (std::size_t i = 0; i < sound.left.size(); ++i) // sampled 45 degrees off its peaks
        sound.left[i] = sound.right[i] = (i % 4 < 2 ? 1.0f : -1.0f) * 0.5f * std::sqrt(0.5f);
    const auto facts = facts_of(sound);
    CHECK(facts.peak_db == Approx(-9.03).margin(0.01));
    CHECK(facts.true_peak_db == Approx(-6.02).margin(0.2));
}

TEST_CASE("sound check: the blocks it hears a sound in change nothing", "[show]") {
    const auto one = facts_of(sine(300, -12, 3), 1);
    const auto other = facts_of(sine(300, -12, 3), 7777);
    CHECK(one.lufs == other.lufs);
    CHECK(one.true_peak_db == other.true_peak_db);
    CHECK(one.momentary_lufs == other.momentary_lufs);
}

TEST_CASE("sound check: silence within is measured, behind the last sound it is not", "[show]") {
    Sound sound = sine(300, -12, 5);
    for (std::size_t i = 48000; i < 3 * 48000; ++i) sound.left[i] = sound.right[i] = 0;
    for (std::size_t i = 4 * 48000; i < sound.left.size(); ++i) sound.left[i] = sound.right[i] = 0;
    CHECK(facts_of(sound).longest_silence_s == Approx(2).margin(0.001));
}

TEST_CASE("sound check: what is not worth keeping is objected to", "[show]") {
    Sound sound = sine(300, -12, 2);
    const auto objects = [&](const char *reason) {
        const auto objection = objection_to(facts_of(sound));
        REQUIRE(objection);
        CHECK_THAT(objection->what, Catch::Contains(reason));
    };
    SECTION("NaN") {
        sound.left[5000] = std::numeric_limits<float>::quiet_NaN();
        objects("1 samples are no numbers");
    }
    SECTION("over full scale") {
        sound.right[5000] = 1.5f;
        objects("beyond full scale");
    }
    SECTION("silence") {
        sound = Sound{96000};
        objects("nothing is heard");
    }
    SECTION("a mean") {
        for (float &x : sound.left) x += 0.01f;
        objects("its mean is -40.0 dBFS");
    }
}
