#include "dsp/distortion.h"

#include "dsp/rt.h"
#include "tests/dsp/stereo.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <span>
#include <vector>

namespace chronus::dsp {
/// Plants faults where only time would: in all that is kept, which is floats but for a few.
struct DistortionDoor {
    static std::vector<std::span<float>> parts(Distortion &unit) {
        std::vector<std::span<float>> all{unit.now_, unit.slope_, unit.goal_, unit.target_};
        for (Distortion::Channel &c : unit.channels_) {
            all.emplace_back(c.dry.data(), c.dry.kHistory);
            all.emplace_back(c.curve.data(), c.curve.kHistory);
        }
        return all;
    }
    static std::size_t count(Distortion &unit) {
        std::size_t count = 2;
        for (const std::span<float> part : parts(unit)) count += part.size();
        return count;
    }
    static void poison(Distortion &unit, std::size_t where, float with) {
        unit.asked_ = true; // a poisoned target is on its way
        for (const std::span<float> part : parts(unit)) {
            if (where < part.size()) {
                part[where] = with;
                return;
            }
            where -= part.size();
        }
        (where == 0 ? unit.first_ : unit.second_)[1] = with;
    }
};
} // namespace chronus::dsp

using namespace chronus;
using namespace chronus::test;
using dsp::Distortion;

namespace {

Stereo distorted(dsp::DistortionControls c, Samples in) {
    Distortion unit(kFs);
    unit.set(c);
    return through(unit, Stereo(std::move(in)));
}

/// Worst line that is no harmonic, below 20 kHz, in dB against the fundamental.
double worst_alias(double f0, float drive) {
    const Samples in = sine(Hz{static_cast<float>(f0)}, kFs, 131072 + 4096);
    const Stereo out = distorted({drive, 1.0f, 1.0f}, in);
    const Spectrum s(std::span(out.left).subspan(4096), kFs);
    return decibels(s.largest_alias(f0, 20, 20000) / s.line(f0));
}

} // namespace

TEST_CASE("distortion: at mix 0 it is a delay and changes no bit", "[dsp][distortion]") {
    const Samples in = uniform_noise(4800);
    const Stereo out = distorted({1.0f, 0.0f, 0.5f}, in);
    const Samples late(in.begin(), in.end() - Distortion::kLatency);
    CHECK(same_bits(Samples(out.left.begin() + Distortion::kLatency, out.left.end()), late));
    CHECK(same_bits(out.left, out.right));
}

TEST_CASE("distortion: aliases of 1 kHz at +24 dB below -91 dBc, of 5 kHz at +12 dB below -124",
          "[dsp][distortion]") {
    CHECK(worst_alias(1355 * 48000.0 / 65536, 0.8f) <= -91); // drive is 30 dB
    CHECK(worst_alias(6815 * 48000.0 / 65536, 0.4f) <= -124);
}

TEST_CASE("distortion: the harmonics are those of tanh", "[dsp][distortion]") {
    const double f0 = 171 * 48000.0 / 65536;
    const Stereo out = distorted({0.8f, 1.0f, 1.0f}, sine(Hz{static_cast<float>(f0)}, kFs, 140000));
    const Spectrum s(std::span(out.left).subspan(4096), kFs);
    for (int h = 3; h <= 9; h += 2) {
        double first = 0, wanted = 0; // Fourier integrals
        for (int i = 0; i < 4096; ++i) {
            const double t = 2 * M_PI * (i + 0.5) / 4096;
            const double y = std::tanh(std::pow(10.0, 24.0 / 20) * std::sin(t));
            first += y * std::sin(t), wanted += y * std::sin(h * t);
        }
        CHECK(decibels(s.line(h * f0) / s.line(f0)) ==
              Approx(decibels(wanted / first)).margin(0.06));
    }
}

TEST_CASE("distortion: wet and dry arrive together", "[dsp][distortion]") {
    // Half and half of a quiet sine must be as loud as either: a frame between them would show.
    Samples in = scaled(sine(Hz{6000}, kFs, 24000), 0.01f);
    const auto level = [&](float mix) {
        const Stereo out = distorted({0, mix, 1}, in);
        return rms(std::span(out.left).last(12000));
    };
    const double sum = 0.5 * (level(0.0f) + level(1.0f));
    CHECK(decibels(level(0.5f) / sum) > -2.0);
    const auto low = [&](float mix) {
        const Stereo out = distorted({0, mix, 1}, scaled(sine(Hz{500}, kFs, 24000), 0.01f));
        return rms(std::span(out.left).last(12000));
    };
    CHECK(decibels(low(0.5f) / low(0.0f)) == Approx(0).margin(0.1));
}

TEST_CASE("distortion: a sine of -12 dBFS keeps its level at every drive", "[dsp][distortion]") {
    const float drive = GENERATE(0.0f, 0.26f, 0.5f, 1.0f);
    const Samples in = scaled(sine(Hz{110}, kFs, 24000), 0.25f);
    const Stereo out = distorted({drive, 1.0f, 1.0f}, in);
    CHECK(decibels(rms(std::span(out.left).last(12000)) / rms(in)) == Approx(0).margin(0.3));
}

TEST_CASE("distortion: drive 0.26, mix 0.23 on a 45 Hz sub keeps sounding", "[dsp][distortion]") {
    Samples in = sine(Hz{45}, kFs, 10 * 48000);
    const Stereo out = distorted({0.26f, 0.23f, 0.5f}, in);
    REQUIRE(out.finite());
    for (std::size_t second = 1; second < 10; ++second) {
        const double level = rms(std::span(out.left).subspan(second * 48000, 48000));
        CHECK(decibels(level / rms(in)) == Approx(0).margin(2.0));
    }
}

TEST_CASE("distortion: no input drives it beyond bounds", "[dsp][distortion]") {
    const float drive = GENERATE(0.0f, 0.5f, 1.0f);
    const float gain = GENERATE(1.0f, 30.0f, 1000.0f);
    const Stereo out = distorted({drive, 1.0f, 1.0f}, scaled(uniform_noise(48000), gain));
    REQUIRE(out.finite());
    CHECK(out.peak() < 2.5);
}

TEST_CASE("distortion: tone moves the low-pass from 1 to 12 kHz", "[dsp][distortion]") {
    const auto gain = [](float tone, double hz) {
        Samples in(48000);
        in[0] = 0.01f;
        const Stereo out = distorted({0.0f, 1.0f, tone}, in);
        return decibels(100 * gain_at(out.left, hz, kFs));
    };
    CHECK(gain(0.0f, 1000) == Approx(gain(0.0f, 50) - 6.02).margin(0.1));
    CHECK(gain(1.0f, 12000) == Approx(gain(1.0f, 50) - 6.02).margin(0.25));
}

TEST_CASE("distortion: switching it in makes no click", "[dsp][distortion]") {
    // A low sine: whatever is above 2 kHz and is no harmonic of it would be the switch.
    Distortion unit(kFs);
    Stereo io(scaled(sine(Hz{50}, kFs, 48000), 0.1f));
    in_pieces(io.frames(), kTick, [&](std::size_t begin, std::size_t count) {
        if (begin == 24000) unit.set({0.0f, 1.0f, 1.0f});
        unit.process(io.block().sub(begin, count));
    });
    // Twice the steepest slope of the sine would be a corner of its own size.
    CHECK(steepest(std::span(io.left).subspan(100)) < 1.2 * 0.1 * 2 * M_PI * 50 / 48000);
}

TEST_CASE("distortion: how a run is cut changes no bit", "[dsp][distortion]") {
    const auto run = [](std::size_t chunk) {
        Distortion unit(kFs);
        Stereo io(uniform_noise(9600, 1), uniform_noise(9600, 2));
        in_pieces(io.frames(), chunk, [&](std::size_t begin, std::size_t count) {
            if (begin % 960 == 0) {
                const float x = static_cast<float>(begin / 960);
                unit.set({0.1f * x, begin % 1920 == 0 ? 0.0f : 0.09f * x, 0.1f * x});
            }
            unit.process(io.block().sub(begin, count));
        });
        return io;
    };
    const Stereo whole = run(32);
    CHECK(same_bits(whole, run(1)));
    CHECK(same_bits(whole, run(17)));
}

TEST_CASE("distortion: whatever is poisoned is found as soon as it is heard, and sounds again",
          "[dsp][distortion]") {
    const float poison =
        GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                 -std::numeric_limits<float>::infinity(), 1e38f, 1e-40f);
    const float mix = GENERATE(0.0f, 0.5f);
    Distortion first(kFs);
    const std::size_t kept = dsp::DistortionDoor::count(first);
    for (std::size_t where = 0; where <= kept; ++where) {
        CAPTURE(poison, mix, where);
        Distortion unit(kFs);
        unit.set({0.5f, mix, 0.5f});
        Stereo io(Samples(kTick, 0.5f));
        if (where == kept) io.left[3] = poison;
        unit.process(io.block());
        if (where < kept) dsp::DistortionDoor::poison(unit, where, poison);
        int ill = 0; // ticks on end
        for (int tick = 0; tick < 15; ++tick) {
            const Stereo out = through(unit, Stereo(kTick));
            const bool found = unit.heal();
            ill = out.finite() && out.peak() < 1e6 ? 0 : ill + 1;
            if (!found) REQUIRE(ill <= 1); // gone by itself
        }
        const Stereo out = through(unit, Stereo(sine(Hz{110}, kFs, 4800)));
        REQUIRE(out.finite());
        REQUIRE(rms(out.left) > 0.1);
        REQUIRE(out.peak() < 2.5);
        REQUIRE_FALSE(unit.heal());
    }
}

TEST_CASE("distortion: it may be skipped once silent", "[dsp][distortion]") {
    const dsp::FlushToZero flush;
    Distortion unit(kFs);
    unit.set({0.5f, 0.5f, 0.5f});
    CHECK(unit.idle());
    through(unit, Stereo(sine(Hz{110}, kFs, 4800)));
    CHECK_FALSE(unit.idle());
    through(unit, Stereo(4800));
    CHECK(unit.idle());
}
