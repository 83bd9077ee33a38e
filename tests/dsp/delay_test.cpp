#include "dsp/delay.h"

#include "dsp/rt.h"
#include "tests/dsp/stereo.h"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <span>

namespace chronus::dsp {
/// Plants faults where only time would.
struct DelayDoor {
    /// How many numbers it keeps besides its lines, the head's two last.
    static std::size_t count(Delay &unit) {
        std::size_t count = 2;
        for (const std::span<float> part : parts(unit)) count += part.size();
        return count;
    }
    static void poison(Delay &unit, std::size_t where, float with) {
        unit.asked_ = true; // a poisoned target is on its way
        for (const std::span<float> part : parts(unit)) {
            if (where < part.size()) {
                part[where] = with;
                return;
            }
            where -= part.size();
        }
        (where == 0 ? unit.head_.delay_ : unit.head_.speed_) = static_cast<double>(with);
    }

private:
    static std::array<std::span<float>, 7> parts(Delay &unit) {
        return {unit.low_,  unit.high_,   unit.now_,    unit.slope_,
                unit.goal_, unit.target_, unit.weights_};
    }
};
} // namespace chronus::dsp

using namespace chronus;
using namespace chronus::test;
using dsp::Delay;
using dsp::DelayControls;
using dsp::DelayMode;

namespace {

/// A delay with its memory.
struct Rig {
    std::vector<float> memory = std::vector<float>(Delay::memory_needed(kFs));
    Delay unit{kFs, memory};

    explicit Rig(const DelayControls &c = {}) { unit.set(c); }
    void process(StereoBlock in, StereoBlock out) { unit.process(in, out); }
};

DelayControls open(float time_s, float feedback) {
    return {time_s, feedback, 1.0f, 5.0f, 20000.0f};
}

/// A tone that swells and fades, so that it has one pitch.
Samples burst(double hz, std::size_t length, std::size_t frames) {
    Samples x(frames);
    for (std::size_t i = 0; i < length; ++i) {
        const double t = static_cast<double>(i);
        x[i] =
            static_cast<float>(0.4 * std::pow(std::sin(M_PI * t / static_cast<double>(length)), 2) *
                               std::sin(2 * M_PI * hz * t / 48000));
    }
    return x;
}

} // namespace

TEST_CASE("delay: repeat n comes at n times the time, to the frame", "[dsp][delay]") {
    const float time_s = GENERATE(0.001f, 0.1f, 0.3333f, 2.0f);
    const auto period = static_cast<std::size_t>(time_s * 48000 + 0.5f);
    Rig rig(open(time_s, 0.9f));
    Samples in(5 * period + 100);
    in[7] = 0.4f;
    const Stereo out = returned(rig, Stereo(in));
    for (std::size_t n = 1; n <= 4; ++n) {
        const std::size_t early = 24; // half of the shortest period
        const auto window = std::span(out.left).subspan(7 + n * period - early, 2 * early);
        const auto top = std::ranges::max_element(window, {}, [](float x) { return std::abs(x); });
        CHECK(top - window.begin() == early);
    }
    CHECK(peak(std::span(out.left).first(period + 7)) == 0);
}

TEST_CASE("delay: with open filters every repeat falls by the feedback, within 0.04 dB",
          "[dsp][delay]") {
    Rig rig(open(0.25f, 0.7f));
    const Stereo out = returned(rig, Stereo(burst(1000, 6000, 6 * 12000 + 12000)));
    const double first = rms(std::span(out.left).subspan(12000, 6000));
    for (std::size_t n = 2; n <= 6; ++n) {
        const double level = rms(std::span(out.left).subspan(n * 12000, 6000));
        CHECK(decibels(level / first) ==
              Approx(static_cast<double>(n - 1) * decibels(0.7)).margin(0.04));
    }
}

TEST_CASE("delay: repeat 5 is filtered five times", "[dsp][delay]") {
    const double hz = GENERATE(100.0, 300.0, 2000.0, 8000.0);
    Rig rig({0.3f, 1.0f, 1.0f, 200.0f, 4000.0f});
    const Samples in = scaled(burst(hz, 12000, 6 * 14400), 0.5f);
    const Stereo out = returned(rig, Stereo(in));
    const auto level = [&](std::size_t n) {
        return decibels(rms(std::span(out.left).subspan(n * 14400, 14000)));
    };
    const double once = level(1) - decibels(rms(std::span(in).first(14000)));
    CHECK(level(5) - decibels(rms(std::span(in).first(14000))) == Approx(5 * once).margin(0.07));
}

TEST_CASE("delay: at feedback 1.1 it stays bounded for a minute, without a constant",
          "[dsp][delay]") {
    const dsp::FlushToZero flush;
    Rig rig(open(0.2f, 1.1f));
    Stereo in(60 * 48000);
    const Samples kick = uniform_noise(4800);
    std::ranges::copy(kick, in.left.begin());
    for (std::size_t i = 0; i < kick.size(); ++i) in.right[i] = 1.0f; // pure constant
    const Stereo out = returned(rig, in);
    REQUIRE(out.finite());
    CHECK(out.peak() <= 1.2);
    CHECK(rms(std::span(out.left).last(48000)) > 0.05); // it sings
    CHECK(std::abs(mean(std::span(out.left).last(48000))) < 0.002);
    CHECK(std::abs(mean(std::span(out.right).last(48000))) < 0.002);
    CHECK_FALSE(rig.unit.heal());
}

TEST_CASE("delay: a new time leaves nothing above 1.5 kHz on a 1 kHz tone", "[dsp][delay]") {
    Rig rig(open(0.1f, 0.0f));
    const Stereo in(scaled(sine(Hz{1000}, kFs, 65536 + 9600), 0.5f));
    Stereo out(in.frames());
    Stereo copy = in;
    in_pieces(in.frames(), kTick, [&](std::size_t begin, std::size_t count) {
        if (begin == 40000) rig.unit.set(open(0.0893f, 0.0f));
        rig.unit.process(copy.block().sub(begin, count), out.block().sub(begin, count));
    });
    const Spectrum s(std::span(out.left).last(65536), kFs);
    const double over = s.band_rms(1500, 20000) / s.band_rms(20, 20000);
    CHECK(decibels(over) <= -101);
}

TEST_CASE("delay: after a chain of new times the last one holds", "[dsp][delay]") {
    Rig rig(open(0.1f, 0.0f));
    Stereo in(96000);
    in.left[48000] = 0.4f;
    Stereo out(in.frames());
    in_pieces(in.frames(), kTick, [&](std::size_t begin, std::size_t count) {
        if (begin < 4800) rig.unit.set(open(0.1f + 1e-5f * static_cast<float>(begin / 32), 0.0f));
        if (begin == 4800) rig.unit.set(open(0.5f, 0.0f));
        rig.unit.process(in.block().sub(begin, count), out.block().sub(begin, count));
    });
    CHECK(out.left[48000 + 24000] > 0.2f);
}

TEST_CASE("delay: moving knobs leave a held tone clean", "[dsp][delay]") {
    Rig rig(open(0.1f, 0.3f));
    const Stereo in(scaled(sine(Hz{440}, kFs, 65536 + 9600), 0.3f));
    Stereo copy = in, out(in.frames());
    in_pieces(in.frames(), kTick, [&](std::size_t begin, std::size_t count) {
        const float t = 0.5f + 0.5f * std::sin(static_cast<float>(begin) * 0.0002f);
        rig.unit.set({0.1f, 0.3f * t, 0.5f + 0.5f * t, 20 + 180 * t, 4000 + 10000 * t, t});
        rig.unit.process(copy.block().sub(begin, count), out.block().sub(begin, count));
    });
    const Spectrum s(std::span(out.left).last(65536), kFs);
    CHECK(decibels(s.band_rms(2000, 20000) / s.band_rms(20, 20000)) <= -130);
}

TEST_CASE("delay: how a run is cut changes no bit", "[dsp][delay]") {
    const auto run = [](std::size_t chunk) {
        Rig rig;
        Stereo in(uniform_noise(19200, 1), uniform_noise(19200, 2)), out(19200);
        in_pieces(in.frames(), chunk, [&](std::size_t begin, std::size_t count) {
            if (begin % 960 == 0) {
                const float x = static_cast<float>(begin / 960);
                rig.unit.set({.time_s = 0.01f + 0.003f * x,
                              .feedback = 0.05f * x,
                              .mix = 0.05f * x,
                              .low_cut_hz = 10 * x,
                              .high_cut_hz = 5000 - 100 * x,
                              .ping_pong = 0.05f * x,
                              .saturation = 0.05f * x,
                              .mode = x < 5 || x > 15 ? DelayMode::digital : DelayMode::tape});
            }
            rig.unit.process(in.block().sub(begin, count), out.block().sub(begin, count));
        });
        return out;
    };
    const Stereo whole = run(32);
    CHECK(same_bits(whole, run(1)));
    CHECK(same_bits(whole, run(17)));
}

TEST_CASE("delay: no input poisons the line", "[dsp][delay]") {
    const float poison = GENERATE(std::numeric_limits<float>::quiet_NaN(),
                                  std::numeric_limits<float>::infinity(), 1e38f);
    Rig rig(open(0.01f, 0.5f));
    Stereo in(9600);
    in.left[100] = poison;
    CHECK(returned(rig, in).finite());
    CHECK_FALSE(rig.unit.heal());
}

TEST_CASE("delay: whatever is poisoned is found as soon as it is heard, reset, and sounds again",
          "[dsp][delay]") {
    const float poison =
        GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                 -std::numeric_limits<float>::infinity(), 1e38f, 1e-40f);
    const auto mode = GENERATE(DelayMode::digital, DelayMode::tape);
    const Stereo sound(scaled(sine(Hz{110}, kFs, 4800), 0.5f));
    DelayControls c = open(0.05f, 0.5f);
    c.mode = mode;
    Rig first(c);
    const std::size_t kept = dsp::DelayDoor::count(first.unit);
    for (std::size_t where = 0; where < kept + 12; ++where) {
        CAPTURE(poison, where, static_cast<int>(mode));
        c.time_s = 0.05f;
        Rig rig(c);
        returned(rig, sound);
        c.time_s = 0.06f;
        rig.unit.set(c);
        returned(rig, Stereo(kTick));
        if (where < kept)
            dsp::DelayDoor::poison(rig.unit, where, poison);
        else // in the lines, or where they have not come to yet
            rig.memory[(where * 2654435761u) % 4900] = poison;
        int ill = 0; // ticks on end
        for (std::size_t tick = 0; tick < 4800 / kTick; ++tick) {
            const Stereo out = returned(rig, Stereo(kTick));
            const bool found = rig.unit.heal();
            ill = out.finite() && out.peak() < 1e6 ? 0 : ill + 1;
            if (!found) REQUIRE(ill <= 1); // gone by itself
        }
        const Stereo out = returned(rig, sound);
        REQUIRE(out.finite());
        if (!(std::abs(poison) < 1e-30f)) // as a level that is nothing, too
            REQUIRE(rms(std::span(out.left).last(1200)) > 0.1);
        REQUIRE(out.peak() <= 1);
        REQUIRE_FALSE(rig.unit.heal());
    }
}

TEST_CASE("delay: with ping-pong repeats change sides and lose no power", "[dsp][delay]") {
    DelayControls c = open(0.25f, 0.8f);
    c.ping_pong = 1;
    Rig rig(c);
    const Stereo out = returned(rig, Stereo(burst(1000, 6000, 5 * 12000)));
    const auto power = [&](const Samples &side, std::size_t n) {
        return std::pow(rms(std::span(side).subspan(n * 12000, 6000)), 2);
    };
    const double one = power(burst(1000, 6000, 12000), 0);
    for (std::size_t n = 1; n <= 4; ++n) {
        const double left = power(out.left, n), right = power(out.right, n);
        CHECK((n % 2 == 1 ? right / left : left / right) < 1e-9);
        CHECK(decibels(std::sqrt((left + right) / (2 * one))) ==
              Approx(static_cast<double>(n - 1) * decibels(0.8)).margin(0.3));
    }
}

TEST_CASE("delay: saturation bends what is loud, bounds it lower, and leaves the quiet alone",
          "[dsp][delay]") {
    const auto distortion = [](float amount, float level) {
        DelayControls c = open(0.1f, 0);
        c.saturation = amount;
        Rig rig(c);
        const double hz = 1365 * 48000.0 / 65536;
        const Stereo out = returned(
            rig, Stereo(scaled(sine(Hz{static_cast<float>(hz)}, kFs, 65536 + 9600), level)));
        const Spectrum s(std::span(out.left).last(65536), kFs);
        return decibels(s.line(3 * hz) / s.line(hz));
    };
    CHECK(distortion(0, 0.4f) < -120);
    CHECK(distortion(1, 0.4f) > -30);
    CHECK(distortion(1, 0.4f) > distortion(0.5f, 0.4f) + 6);
    CHECK(distortion(1, 0.01f) < -80);
    DelayControls c = open(0.05f, 1.1f);
    c.saturation = 1;
    Rig rig(c);
    CHECK(returned(rig, Stereo(uniform_noise(96000))).peak() <= 0.55);
}

TEST_CASE("delay: as a tape it arrives at its new time to the frame, and stays", "[dsp][delay]") {
    const float to = GENERATE(0.01f, 0.29f, 0.31f, 1.5f);
    DelayControls c = open(0.3f, 0);
    c.mode = DelayMode::tape;
    Rig rig(c);
    returned(rig, Stereo(uniform_noise(48000)));
    c.time_s = to;
    rig.unit.set(c);
    returned(rig, Stereo(4 * 48000));
    const Samples in = scaled(uniform_noise(9600, 5), 0.4f);
    Stereo padded(Samples(9600 + 72000 + 32));
    std::ranges::copy(in, padded.left.begin());
    const Stereo out = returned(rig, padded);
    c.mode = DelayMode::digital;
    Rig still(c);
    const Stereo wanted = returned(still, padded);
    double most = 0; // what is left of the noise before in the filters
    for (std::size_t i = 0; i < out.frames(); ++i)
        most = std::max(most, std::abs(static_cast<double>(out.left[i] - wanted.left[i])));
    CHECK(most < 1e-6);
}

TEST_CASE("delay: as a tape the pitch goes by the head's speed, an octave at most",
          "[dsp][delay]") {
    const bool up = GENERATE(false, true);
    DelayControls c = open(up ? 1.9f : 0.1f, 0);
    c.mode = DelayMode::tape;
    Rig rig(c);
    const Stereo in(scaled(sine(Hz{1000}, kFs, 6 * 48000), 0.4f));
    Stereo copy = in, out(in.frames());
    in_pieces(in.frames(), kTick, [&](std::size_t begin, std::size_t count) {
        if (begin == 96000) c.time_s = up ? 0.1f : 1.9f, rig.unit.set(c);
        rig.unit.process(copy.block().sub(begin, count), out.block().sub(begin, count));
    });
    const auto during = std::span(out.left).subspan(96000 + 9600, 16384);
    CHECK(cents(pitch_of(during, up ? 2000 : 500, kFs), up ? 2000 : 500) == Approx(0).margin(1));
    // From 30 Hz below to 30 Hz above nothing but the sweep: no clicks on the way.
    const Spectrum s(std::span(out.left).subspan(96000 - 1000, 131072), kFs);
    CHECK(decibels(s.band_rms(4000, 20000) / s.band_rms(20, 4000)) <= -80);
    CHECK(decibels(peak(std::span(out.left).subspan(96000)) / 0.4) < 0.1);
}

TEST_CASE("delay: the constructor touches none of its memory", "[dsp][delay]") {
    std::vector<float> memory(Delay::memory_needed(kFs), 7.0f);
    Delay unit(kFs, memory);
    CHECK(std::ranges::all_of(memory, [](float x) { return x == 7.0f; }));
}

TEST_CASE("delay: it may be skipped once the whole line is silent", "[dsp][delay]") {
    const dsp::FlushToZero flush;
    Rig rig(open(0.5f, 0.5f));
    CHECK(rig.unit.idle());
    returned(rig, Stereo(sine(Hz{110}, kFs, 4800)));
    CHECK_FALSE(rig.unit.idle());
    returned(rig, Stereo(48000));
    CHECK_FALSE(rig.unit.idle());
    const Stereo tail = returned(rig, Stereo(15 * 48000));
    CHECK(rig.unit.idle());
    CHECK(peak(std::span(tail.left).last(480)) < 1e-6);
}
