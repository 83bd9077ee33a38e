#include "dsp/diode_ladder.h"
#include "tests/dsp/acid_rig.h"

#include "dsp/rt.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <numbers>
#include <random>

using namespace chronus;
using namespace chronus::test;
using dsp::DiodeLadder;

namespace {

constexpr SampleRate kTwice{96000.0f};

/// Rings the bare ladder with a small knock.
Samples knock(float cutoff_hz, float k, std::size_t frames, float strength = 0.01f) {
    DiodeLadder ladder(kTwice);
    const float g = ladder.gain_for(cutoff_hz);
    Samples out(frames);
    for (std::size_t i = 0; i < frames; ++i) out[i] = ladder.step(i == 0 ? strength : 0.0f, g, k);
    return out;
}

struct Drone {
    double hz, amplitude;
    float cutoff_hz, k;
};

/// Harmonics below 10 kHz of a sine through a ladder that runs at `times` 48 kHz.
std::vector<double> harmonics(const Drone &drone, std::size_t times) {
    constexpr std::size_t kLength = 131072;
    const SampleRate rate{48000.0f * static_cast<float>(times)};
    // A whole number of cycles in the transform of the highest rate, so in all.
    const double hz = std::round(drone.hz / 768000 * kLength) * 768000 / kLength;
    DiodeLadder ladder(rate);
    const float g = ladder.gain_for(drone.cutoff_hz);
    Samples out(times * 48000 + kLength); // a second to settle
    for (std::size_t i = 0; i < out.size(); ++i) {
        const double turns =
            std::fmod(hz * static_cast<double>(i) / static_cast<double>(rate.hz), 1);
        const double x = drone.amplitude * std::sin(2 * std::numbers::pi * turns);
        out[i] = ladder.step(static_cast<float>(x), g, drone.k);
    }
    const Spectrum spectrum(Signal(out).last(kLength), rate);
    std::vector<double> lines;
    for (int h = 1; h * hz < 10000; ++h) lines.push_back(spectrum.line(h * hz));
    return lines;
}

} // namespace

TEST_CASE(
    "acid: a loud tone's harmonics are within 0.39 dB of the ladder's at 16 times the rate, at "
    "4x within 0.095",
    "[dsp][acid]") {
    const dsp::FlushToZero flush;
    const Drone drone =
        GENERATE(Drone{110, 6, 800, 0.9f}, Drone{440, 4, 1500, 0.9f}, Drone{1234, 4, 4000, 0.5f},
                 Drone{440, 3, 1500, 0.85f}, Drone{220, 8, 1000, 0.7f});
    CAPTURE(drone.hz, drone.cutoff_hz, drone.k);
    const auto exact = harmonics(drone, 16), twofold = harmonics(drone, 2),
               fourfold = harmonics(drone, 4);
    for (std::size_t h = 0; h < exact.size(); ++h) {
        if (decibels(exact[h] / exact[0]) < -50) continue;
        CHECK(std::abs(decibels(twofold[h] / exact[h])) <= 0.39);
        CHECK(std::abs(decibels(fourfold[h] / exact[h])) <= 0.095);
    }
}

TEST_CASE("acid: the loop begins to ring at the published gain, within a percent, in tune within "
          "0.4 cents",
          "[dsp][acid]") {
    struct Onset {
        double fc, k, hz;
    };
    const Onset onset = GENERATE(Onset{300, 1.3483, 430.2}, Onset{800, 1.0643, 1030.4},
                                 Onset{2400, 0.9596, 2935.8});
    const auto fc = static_cast<float>(onset.fc);
    const auto loudness = [&](double k) {
        const Samples x = knock(fc, static_cast<float>(k), 3 * 96000);
        return std::pair{rms(std::span(x).subspan(96000, 32768)), rms(std::span(x).last(32768))};
    };
    const auto [under_early, under_late] = loudness(0.99 * onset.k);
    const auto [over_early, over_late] = loudness(1.01 * onset.k);
    CHECK(under_late < 0.5 * under_early);
    CHECK(over_late > 0.5 * over_early);
    CHECK(over_late > 0.005);
    const Samples ring = knock(fc, static_cast<float>(onset.k), 2 * 96000, 0.001f);
    const double hz = pitch_of(std::span(ring).last(131072), onset.hz, kTwice);
    CHECK(std::abs(cents(hz, onset.hz)) < 0.4);
}

TEST_CASE("acid: above the onset the pitch sinks, by no more than 60 cents", "[dsp][acid]") {
    const Samples ring = knock(2400, static_cast<float>(1.3 * 0.9596), 2 * 96000);
    const double off = cents(pitch_of(std::span(ring).last(131072), 2900, kTwice), 2935.8);
    CHECK(off < 5.0);
    CHECK(off > -60.0);
}

TEST_CASE("acid: 60 s of random knobs and noise up to +40 dB stay finite and below 0.7",
          "[dsp][acid]") {
    const dsp::FlushToZero flush;
    const float top =
        GENERATE(1.0f, 2.0f * DiodeLadder::kFullKnob); // the knob's, and its whistle's
    std::mt19937 chance(7);
    std::uniform_real_distribution<float> unit(0.0f, 1.0f);
    DiodeLadder ladder(kTwice);
    const Samples noise = uniform_noise(48000);
    float most = 0, g = 0, k = 0, gain = 1;
    for (std::size_t i = 0; i < 60 * 96000; ++i) {
        if (i % 32 == 0) {
            g = ladder.gain_for(20.0f * std::pow(500.0f, unit(chance)));
            k = top * unit(chance);
            gain = std::pow(10.0f, 2.0f * unit(chance));
        }
        const float y = ladder.step(gain * noise[i % noise.size()], g, k);
        most = std::max(most, std::abs(y));
        if (!(std::abs(y) < 10.0f)) FAIL("ran away at step " << i << ": " << y);
    }
    CHECK(most <= 0.7f);
}
