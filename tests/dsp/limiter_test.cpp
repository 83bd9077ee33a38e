#include "dsp/limiter.h"

#include "dsp/dc_block.h"
#include "dsp/rt.h"
#include "tests/dsp/stereo.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

namespace chronus::dsp {
/// Plants faults where only time would.
struct LimiterDoor {
    static constexpr std::size_t kPlaces = 6;
    static void poison(Limiter &unit, std::size_t where, float with) {
        float *const all[] = {&unit.held_, unit.left_.block() - 1, unit.right_.block() - 70,
                              unit.cuts_.block() - 9, unit.ceilings_.block() - 30};
        if (where == kPlaces - 1) return unit.ceiling_.jump(with);
        *all[where] = with;
    }
};
} // namespace chronus::dsp

using namespace chronus;
using namespace chronus::test;
using dsp::Limiter;

namespace {

double ceiling(double db) { return std::pow(10.0, db / 20) * (1 + 1e-6); }

Stereo limited(Stereo in, float ceiling_db = -1.0f) {
    Limiter unit(kFs);
    unit.set({ceiling_db});
    return through(unit, std::move(in));
}

/// The signal's peak between the samples: sixteen points a sample, Kaiser windowed sinc.
double true_peak(Signal x) {
    constexpr int kHalf = 24, kPhases = 16;
    const auto bessel = [](double v) {
        double sum = 1, term = 1;
        for (int i = 1; i < 40; ++i) sum += term *= (v / (2 * i)) * (v / (2 * i));
        return sum;
    };
    double most = 0;
    for (int phase = 0; phase < kPhases; ++phase) {
        std::array<double, 2 * kHalf> tap{};
        for (int k = 0; k < 2 * kHalf; ++k) {
            const double t = k - kHalf + 1 - static_cast<double>(phase) / kPhases;
            const double edge = t / kHalf;
            const double sinc = t == 0 ? 1 : std::sin(M_PI * t) / (M_PI * t);
            tap[static_cast<std::size_t>(k)] =
                std::abs(edge) >= 1 ? 0 : sinc * bessel(8 * std::sqrt(1 - edge * edge)) / bessel(8);
        }
        for (std::size_t i = 0; i + tap.size() <= x.size(); ++i) {
            double y = 0;
            for (std::size_t k = 0; k < tap.size(); ++k)
                y += tap[k] * static_cast<double>(x[i + k]);
            most = std::max(most, std::abs(y));
        }
    }
    return most;
}

Samples kick(std::size_t frames) {
    Samples x(frames);
    for (std::size_t i = 0; i < frames; ++i) {
        const double t = static_cast<double>(i % 12000) / 48000;
        x[i] = static_cast<float>(4 * std::exp(-t / 0.08) * std::sin(2 * M_PI * 55 * t));
    }
    return x;
}

Samples square(double hz, std::size_t frames) {
    Samples x(frames);
    for (std::size_t i = 0; i < frames; ++i)
        x[i] = std::fmod(hz * static_cast<double>(i) / 48000, 1.0) < 0.5 ? 1.41f : -1.41f;
    return x;
}

} // namespace

TEST_CASE("limiter: below the ceiling it is a delay of its latency and changes no bit",
          "[dsp][limiter]") {
    const Samples in = scaled(uniform_noise(9600), 0.4f); // its true peak stays below -1 dB
    const Stereo out = limited(Stereo(in));
    const std::size_t late = Limiter(kFs).latency();
    CHECK(late == 83);
    CHECK(same_bits(Samples(out.left.begin() + static_cast<long>(late), out.left.end()),
                    Samples(in.begin(), in.end() - static_cast<long>(late))));
    CHECK(peak(std::span(out.left).first(late)) == 0);
}

TEST_CASE("limiter: no sample ever leaves above the ceiling", "[dsp][limiter]") {
    const float db = GENERATE(-24.0f, -6.0f, -1.0f, 0.0f);
    const float gain = GENERATE(1.0f, 4.0f, 100.0f, 1e30f);
    CHECK(limited(Stereo(scaled(uniform_noise(24000), gain)), db).peak() <= ceiling(db));
    CHECK(limited(Stereo(scaled(sine(Hz{997}, kFs, 24000), gain)), db).peak() <= ceiling(db));
    CHECK(limited(Stereo(scaled(square(997, 24000), gain)), db).peak() <= ceiling(db));
    CHECK(limited(Stereo(scaled(impulse(24000), gain)), db).peak() <= ceiling(db));
}

TEST_CASE("limiter: true peaks stay within 0.1 dB of the ceiling, on +12 dB noise within 0.2",
          "[dsp][limiter]") {
    const auto over = [](Samples in) {
        const Stereo out = limited(Stereo(std::move(in)));
        return decibels(true_peak(std::span(out.left).subspan(200))) + 1.0;
    };
    const double noise = over(scaled(uniform_noise(48000), 4.0f));
    Samples quarter(24000);
    for (std::size_t i = 0; i < quarter.size(); ++i)
        quarter[i] = static_cast<float>(2 * std::sin(M_PI / 4 + M_PI / 2 * static_cast<double>(i)));
    const double fs4 = over(quarter), low = over(kick(48000)), edges = over(square(997, 48000));
    CAPTURE(noise, fs4, low, edges);
    CHECK(noise <= 0.2);
    CHECK(fs4 <= 0);
    CHECK(low <= 0);
    CHECK(edges <= 0.05);
}

TEST_CASE(
    "limiter: a limited sine sits at the ceiling, and 100 Hz at 6 dB over distorts below 0.3 %",
    "[dsp][limiter]") {
    const Stereo out = limited(Stereo(scaled(sine(Hz{100}, kFs, 48000 + 65536), 1.78f)));
    CHECK(decibels(peak(std::span(out.left).last(65536))) == Approx(-1).margin(0.2));
    const Spectrum s(std::span(out.left).last(65536), kFs);
    double power = 0;
    for (int h = 2; h < 20; ++h) power += std::pow(s.line(100.0 * h) / s.line(100), 2);
    CHECK(std::sqrt(power) <= 0.003);
}

TEST_CASE("limiter: when the loud part is over it lets go for good", "[dsp][limiter]") {
    const dsp::FlushToZero flush;
    Limiter unit(kFs);
    through(unit, Stereo(scaled(uniform_noise(4800), 4.0f)));
    CHECK(unit.take_gain() < 0.5f);
    through(unit, Stereo(3 * 48000));
    unit.take_gain();
    const Samples in = scaled(uniform_noise(4800), 0.3f);
    const Stereo out = through(unit, Stereo(in));
    CHECK(unit.take_gain() == 1.0f);
    CHECK(same_bits(Samples(out.left.begin() + 83, out.left.end()),
                    Samples(in.begin(), in.end() - 83)));
}

TEST_CASE("limiter: both sides are turned down together", "[dsp][limiter]") {
    const Stereo out =
        limited({scaled(sine(Hz{300}, kFs, 48000), 4.0f), scaled(sine(Hz{300}, kFs, 48000), 0.1f)});
    CHECK(rms(std::span(out.left).last(9600)) / rms(std::span(out.right).last(9600)) ==
          Approx(40).epsilon(0.001));
}

TEST_CASE("limiter: a moving ceiling glides, and is never passed", "[dsp][limiter]") {
    Limiter unit(kFs);
    Stereo io(sine(Hz{200}, kFs, 48000));
    in_pieces(io.frames(), kTick, [&](std::size_t begin, std::size_t count) {
        if (begin == 24000) unit.set({-12.0f});
        unit.process(io.block().sub(begin, count));
    });
    CHECK(peak(std::span(io.left).last(23800)) <= ceiling(-12));
    // -1 to -12 dB is 0.64 in about 1.5 ms: a clean fall, no jump.
    CHECK(steepest(std::span(io.left).last(24100)) < 0.05);
}

TEST_CASE("limiter: what is not a number becomes silence, and harms nothing after it",
          "[dsp][limiter]") {
    const float poison =
        GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                 -std::numeric_limits<float>::infinity());
    Stereo in(scaled(sine(Hz{100}, kFs, 9600), 0.5f));
    Samples clean = in.left;
    in.left[3000] = poison;
    clean[3000] = 0.0f;
    CHECK(same_bits(limited(in).left, limited({clean, in.right}).left));
    in.left[3000] = 1e38f;
    const Stereo out = limited(in);
    CHECK(out.finite());
    CHECK(out.peak() <= ceiling(-1));
}

TEST_CASE("limiter: whatever is poisoned, what comes out is a number below the ceiling, and right "
          "again after 10 ms",
          "[dsp][limiter]") {
    const float poison =
        GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                 -std::numeric_limits<float>::infinity(), 1e38f, 1e-40f);
    const std::size_t where = GENERATE(range(std::size_t{0}, dsp::LimiterDoor::kPlaces));
    const float gain = GENERATE(0.3f, 3.0f);
    CAPTURE(poison, where, gain);
    const Stereo in(scaled(uniform_noise(4800), gain));
    Limiter well(kFs), ill(kFs);
    through(well, in);
    through(ill, in);
    dsp::LimiterDoor::poison(ill, where, poison);
    double most = 0;
    for (std::size_t tick = 0; tick < 15; ++tick) { // 10 ms; looked at every 5
        const Stereo out = through(ill, Stereo(scaled(uniform_noise(kTick, tick), gain)));
        CHECK(out.finite());
        most = std::max(most, out.peak());
        through(well, Stereo(scaled(uniform_noise(kTick, tick), gain)));
        if (tick % 8 == 7) ill.heal();
    }
    CHECK(most <= ceiling(0)); // the ceiling itself was poisoned, perhaps
    const Stereo a = through(well, in), b = through(ill, in);
    CHECK(b.finite());
    CHECK(decibels(rms(b.left) / rms(a.left)) == Approx(0).margin(0.5));
}

TEST_CASE("limiter: how a run is cut changes no bit", "[dsp][limiter]") {
    const auto run = [](std::size_t chunk) {
        Limiter unit(kFs);
        Stereo io(scaled(uniform_noise(9600, 1), 3), scaled(uniform_noise(9600, 2), 3));
        in_pieces(io.frames(), chunk, [&](std::size_t begin, std::size_t count) {
            if (begin % 960 == 0) unit.set({-static_cast<float>(begin) / 960});
            unit.process(io.block().sub(begin, count));
        });
        return io;
    };
    const Stereo whole = run(32);
    CHECK(same_bits(whole, run(1)));
    CHECK(same_bits(whole, run(17)));
}

TEST_CASE("limiter: it works at every common sample rate", "[dsp][limiter]") {
    const float hz = GENERATE(44100.0f, 48000.0f, 96000.0f, 192000.0f);
    Limiter unit(SampleRate{hz});
    const double late = static_cast<double>(unit.latency()) - 12; // half of the detector's taps
    CHECK(late / static_cast<double>(hz) == Approx(0.0015).margin(0.00005));
    Stereo out = through(unit, Stereo(scaled(uniform_noise(9600), 4.0f)));
    CHECK(out.peak() <= ceiling(-1));
    CHECK(rms(std::span(out.left).last(4800)) > 0.1);
}

TEST_CASE("dc block: the constant is 80 dB down after 0.3 s, 40 Hz loses 0.07 dB", "[dsp][dc]") {
    dsp::DcBlock unit(kFs);
    const Stereo step = through(unit, Stereo(Samples(48000, 1.0f)));
    CHECK(decibels(static_cast<double>(std::abs(step.left[14400]))) < -80);
    dsp::DcBlock other(kFs);
    const Stereo response = through(other, Stereo(impulse(96000)));
    CHECK(decibels(gain_at(response.left, 40, kFs)) == Approx(-0.067).margin(0.01));
    CHECK(decibels(gain_at(response.right, 1000, kFs)) == Approx(0).margin(0.001));
}

TEST_CASE("dc block: a poisoned state is found and reset", "[dsp][dc]") {
    const float poison = GENERATE(std::numeric_limits<float>::quiet_NaN(),
                                  std::numeric_limits<float>::infinity(), 1e38f);
    dsp::DcBlock unit(kFs);
    through(unit, Stereo(Samples(1, poison)));
    CHECK(unit.heal());
    CHECK_FALSE(unit.heal());
    CHECK(through(unit, Stereo(sine(Hz{100}, kFs, 4800))).finite());
    through(unit, Stereo(4 * 48000));
    CHECK(unit.idle());
}
