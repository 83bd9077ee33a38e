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
