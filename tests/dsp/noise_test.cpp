#include "tests/dsp/voice_rig.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace chronus;
using namespace chronus::test;
using dsp::Wave;

namespace {

constexpr std::uint32_t kMinute = 60 * 48000;

std::array<Samples, dsp::kLanes> noises(Wave wave, std::uint32_t frames) {
    VoiceRig rig;
    for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) {
        rig.bank.set(lane, plain(wave, 440));
        rig.bank.note_on(lane, {});
    }
    return rig.play(frames).source;
}

/// Mean spectrum density of the octave around `centre` in dB, over segments of 16384 frames.
double octave_db(const Samples &x, double centre) {
    constexpr std::size_t kSegment = 16384;
    double power = 0;
    std::size_t count = 0;
    for (std::size_t at = 0; at + kSegment <= x.size(); at += kSegment / 2, ++count) {
        const Spectrum spectrum(Signal(x).subspan(at, kSegment), kFs);
        power += std::pow(spectrum.band_rms(centre / std::sqrt(2.0), centre * std::sqrt(2.0)), 2);
    }
    const double width = centre / std::sqrt(2.0);
    return 10 * std::log10(power / static_cast<double>(count) / width);
}

double correlation(const Samples &a, const Samples &b, std::size_t lag) {
    double sum = 0;
    for (std::size_t i = lag; i < a.size(); ++i)
        sum += static_cast<double>(a[i]) * static_cast<double>(b[i - lag]);
    return sum / (static_cast<double>(a.size()) * rms(a) * rms(b));
}

} // namespace

TEST_CASE("noise: white is flat within 0.15 dB in the octaves from 63 Hz to 16 kHz", "[dsp]") {
    const Samples x = noises(Wave::white, kMinute)[0];
    const double flat = 20 * std::log10(rms(x)) - 10 * std::log10(24000.0);
    for (const double centre : {63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0})
        CHECK(octave_db(x, centre) == Approx(flat).margin(0.15));
    CHECK(rms(x) == Approx(1 / std::sqrt(3.0)).epsilon(0.01));
    CHECK(std::abs(mean(x)) < 0.002);
}

TEST_CASE("noise: pink falls by 3 dB an octave and brown by 6", "[dsp]") {
    const auto [wave, slope] =
        GENERATE(table<Wave, double>({{Wave::pink, -3.0103}, {Wave::brown, -6.0206}}));
    const Samples x = noises(wave, 20 * 48000)[0];
    const double middle = octave_db(x, 1000);
    CAPTURE(static_cast<int>(wave));
    for (const double octaves : {-3.0, -2.0, -1.0, 1.0, 2.0, 3.0})
        CHECK(octave_db(x, 1000 * std::exp2(octaves)) - middle ==
              Approx(slope * octaves).margin(0.75));
    CHECK(rms(x) == Approx(0.25).epsilon(0.06));
}

TEST_CASE("noise: no lane repeats itself or another lane", "[dsp]") {
    const auto x = noises(Wave::white, 4 * 48000);
    for (const std::size_t lag : {1u, 2u, 32u, 1000u})
        CHECK(std::abs(correlation(x[0], x[0], lag)) < 0.004);
    for (std::size_t a = 0; a < dsp::kLanes; ++a)
        for (std::size_t b = a + 1; b < dsp::kLanes; ++b)
            CHECK(std::abs(correlation(x[a], x[b], 0)) < 0.006);
}

TEST_CASE("noise: a seed gives the same noise, another seed another", "[dsp]") {
    const auto first = [](std::uint32_t seed) { return dsp::WhiteNoise(seed).next()[3]; };
    CHECK(first(7) == first(7));
    CHECK(first(7) != first(8));
}
