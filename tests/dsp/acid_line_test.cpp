#include "dsp/rt.h"
#include "tests/dsp/acid_rig.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace chronus;
using namespace chronus::test;
using dsp::Acid;
using dsp::AcidControls;
using dsp::Wave;

namespace {

/// Two bars of sixteenths at 120 bpm, three of sixteen accented, amplifier's boost included.
Samples line(const AcidControls &controls, const Samples &source) {
    Acid acid(kFs);
    acid.set(controls);
    Samples out(source.size());
    in_pieces(source.size(), 16, [&](std::size_t begin, std::size_t count) {
        const std::size_t step = begin / 6000 % 16;
        if (begin % 6000 == 0) acid.note_on(step % 6 == 0 ? 1.0f : 0.0f, step == 11);
        const auto heard = std::span(out).subspan(begin, count);
        acid.process(std::span(source).subspan(begin, count), heard);
        for (std::size_t i = 0; i < count; ++i) heard[i] *= acid.boost()[i];
    });
    return out;
}

/// Level in dB as it is heard, ungated: ITU-R BS.1770-4, both filters at 48 kHz.
double loudness(const Samples &x) {
    struct Biquad {
        double b0, b1, b2, a1, a2, s1 = 0, s2 = 0;
        double step(double in) {
            const double y = b0 * in + s1;
            s1 = b1 * in - a1 * y + s2;
            s2 = b2 * in - a2 * y;
            return y;
        }
    };
    Biquad shelf{1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241,
                 0.73248077421585};
    Biquad high{1, -2, 1, -1.99004745483398, 0.99007225036621};
    double power = 0;
    for (const float in : x) power += std::pow(high.step(shelf.step(static_cast<double>(in))), 2);
    return 10 * std::log10(power / static_cast<double>(x.size()));
}

} // namespace

TEST_CASE("acid: a line keeps its loudness within 1.3 LU from no resonance to full",
          "[dsp][acid]") {
    const dsp::FlushToZero flush;
    const auto wave = GENERATE(Wave::saw, Wave::square);
    const float cutoff = GENERATE(400.0f, 1500.0f, 3000.0f);
    const Samples in = source(65.4064, 2 * 96000, wave);
    double least = 400, most = -400;
    for (float knob = 0; knob < 0.99f; knob += 0.14f) {
        AcidControls c;
        c.cutoff_hz = cutoff, c.resonance = knob;
        const double level = loudness(line(c, in));
        CAPTURE(knob, level);
        least = std::min(least, level), most = std::max(most, level);
    }
    CAPTURE(static_cast<int>(wave), cutoff);
    CHECK(most - least <= 1.3);
}

TEST_CASE("acid: without compensation resonance takes the bass, with all of it none",
          "[dsp][acid]") {
    const dsp::FlushToZero flush;
    const auto bass = [](float knob, float share) {
        Acid acid(kFs);
        AcidControls c = still(2400, knob);
        c.vol_comp = share;
        acid.set(c);
        auto knock = impulse(96000);
        knock[0] = 1e-3f;
        return decibels(gain_at(through_acid(acid, knock), 100, kFs) * 1e3);
    };
    const double open = bass(0, 0);
    CHECK(open == Approx(-2.58).margin(0.1)); // diode-ladder-constants.json
    CHECK(bass(1, 0) == Approx(-24.57).margin(0.1));
    CHECK(bass(0, 1) == Approx(open).margin(0.01));
    for (const float knob : {0.25f, 0.5f, 1.0f}) CHECK(bass(knob, 1) == Approx(open).margin(3.2));
}

TEST_CASE("acid: with its whistle it sings by itself, and stays bounded", "[dsp][acid]") {
    const dsp::FlushToZero flush;
    const float cutoff = GENERATE(800.0f, 2400.0f);
    AcidControls c = still(cutoff, 1);
    const auto ring = [&](float whistle) {
        c.whistle = whistle;
        Acid acid(kFs);
        acid.set(c);
        Samples in = impulse(3 * 48000);
        in[0] = 0.1f;
        return through_acid(acid, in);
    };
    const Samples still = ring(0), sings = ring(1);
    CHECK(rms(Signal(still).last(48000)) < 1e-6);
    CHECK(rms(Signal(sings).last(48000)) > 0.05);
    CHECK(peak(sings) < 2);
}
