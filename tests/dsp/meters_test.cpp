#include "dsp/meters.h"

#include "dsp/rt.h"
#include "tests/dsp/stereo.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace chronus;
using namespace chronus::test;
using dsp::Meters;

namespace {

std::array<float, 8> shown(const Samples &in) {
    Meters meters(kFs);
    through(meters, Stereo(in));
    return meters.bands();
}

} // namespace

TEST_CASE("meters: a sine in the middle of a band shows its amplitude there, and less elsewhere",
          "[dsp][meters]") {
    const std::size_t band = GENERATE(range(0, 8));
    const auto bands = shown(scaled(sine(Hz{Meters::kCentres[band]}, kFs, 48000), 0.5f));
    // 10 Hz smoothing leaves up to 2/3 * 10/126 = 5 % of ripple at 63 Hz, twice that in its worst
    // place.
    CHECK(bands[band] == Approx(0.5).epsilon(0.1));
    for (std::size_t other = 0; other < 8; ++other) {
        const double octaves =
            std::abs(std::log2(Meters::kCentres[other] / Meters::kCentres[band]));
        // Two poles of Q 2 an octave away: 1 / sqrt(1 + (Q (2 - 1/2))^2) = 0.316.
        if (octaves > 0.5) CHECK(bands[other] < 0.35f * 0.5f);
        if (octaves > 1.5) CHECK(bands[other] < 0.17f * 0.5f);
    }
}

TEST_CASE("meters: they fall at 10 Hz", "[dsp][meters]") {
    Meters meters(kFs);
    through(meters, Stereo(sine(Hz{1000}, kFs, 48000)));
    const float before = meters.bands()[4];
    through(meters, Stereo(4800)); // 0.1 s: e^(-2 pi)
    CHECK(meters.bands()[4] / before == Approx(std::exp(-2 * M_PI)).epsilon(0.15));
}

TEST_CASE("meters: a poisoned state is found, reset, and shows again", "[dsp][meters]") {
    const float poison = GENERATE(std::numeric_limits<float>::quiet_NaN(),
                                  std::numeric_limits<float>::infinity(), 1e38f);
    Meters meters(kFs);
    Samples bad(kTick);
    bad[3] = poison;
    through(meters, Stereo(bad));
    CHECK(meters.heal());
    CHECK_FALSE(meters.heal());
    through(meters, Stereo(sine(Hz{1000}, kFs, 48000)));
    CHECK(meters.bands()[4] == Approx(1).epsilon(0.05));
}

TEST_CASE("meters: they may be skipped once they show nothing", "[dsp][meters]") {
    const dsp::FlushToZero flush;
    Meters meters(kFs);
    CHECK(meters.idle());
    through(meters, Stereo(sine(Hz{1000}, kFs, 4800)));
    CHECK_FALSE(meters.idle());
    through(meters, Stereo(48000));
    CHECK(meters.idle());
}
