#include "engine/model/time.h"

#include <catch2/catch.hpp>

using namespace chronus;

TEST_CASE("time: a step at 120 BPM is an eighth of a second, at every sample rate") {
    for (const std::uint32_t rate : {8000u, 44100u, 48000u, 96000u, 192000u}) {
        INFO(rate);
        // Exact where an eighth of a second is a whole number of frames, else the frame after.
        CHECK(frames_until(phases_per_step(rate), phases_per_frame(120)) == (rate + 7) / 8);
    }
}

TEST_CASE("time: tempo is kept to a thousandth of a beat a minute") {
    CHECK(phases_per_frame(120) == 120000);
    CHECK(phases_per_frame(133.7f) == 133700);
    CHECK(phases_per_frame(20.0006f) == 20001);
    for (int tempo = 20000; tempo <= 300000; tempo += 7)
        CHECK(phases_per_frame(static_cast<float>(tempo) / 1000) == static_cast<Phase>(tempo));
}

TEST_CASE("time: an event falls on the first frame at or after its moment") {
    CHECK(frames_until(0, 100) == 0);
    CHECK(frames_until(1, 100) == 1);
    CHECK(frames_until(100, 100) == 1);
    CHECK(frames_until(101, 100) == 2);
}

TEST_CASE("time: five years of the fastest music do not overflow") {
    constexpr double kFrames = 5 * 365.25 * 86400 * 192000;
    CHECK(kFrames * static_cast<double>(phases_per_frame(300)) < 0x1p64);
}

TEST_CASE("time: the line of an odd step is late by half the swing, that of an even one never") {
    const Phase step = phases_per_step(48000);
    CHECK(line_of(4, step, 0.6f) == 4 * step);
    CHECK(line_of(5, step, 0.6f) == 5 * step + step / 10 * 3);
    CHECK(line_of(5, step, 0) == 5 * step);
}

TEST_CASE("time: a step's frame is told from a position, or nothing when it is none to come") {
    const Phase step = phases_per_step(48000);
    const Position at{.frame = 1000, .phase = 2 * step, .per_frame = 120000, .per_step = step};
    CHECK(frame_of_step(at, 2, 0) == 1000);
    CHECK(frame_of_step(at, 3, 0) == 7000);
    CHECK(frame_of_step(at, 3, 0.5f) == 8500);
    CHECK_FALSE(frame_of_step(at, 1, 0).has_value());
    CHECK_FALSE(frame_of_step({.frame = 1000, .per_step = step}, 3, 0).has_value());
    CHECK(frame_of_step(at, ~std::uint64_t{0}, 0) == frame_of_step(at, kLastStep, 0));
}

TEST_CASE("time: a moment is a frame or a step, each as it was given") {
    CHECK(When{} == When::frame(0));
    for (const std::uint64_t n : {std::uint64_t{0}, std::uint64_t{77}, kLastStep}) {
        CHECK((When::frame(n).number() == n && !When::frame(n).is_step()));
        CHECK((When::step(n).number() == n && When::step(n).is_step()));
        CHECK(When::step(n) != When::frame(n));
    }
    CHECK(When::step(~std::uint64_t{0}) == When::step(kLastStep));
    CHECK(line_of(kLastStep, phases_per_step(192000), 0.6f) > kLastStep * 15000); // no overflow
}
