#include "dsp/loudness.h"

#include "tests/dsp/stereo.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace chronus;
using namespace chronus::test;
using dsp::F8;
using dsp::LoudnessMeter;

namespace chronus::dsp {
/// Plants faults where only time would.
struct LoudnessDoor {
    static void poison(LoudnessMeter &meter, std::size_t where, float with) {
        if (where == 0) meter.peak_[3] = with;
        if (where == 1) meter.true_peak_[1] = with;
        if (where == 2) meter.past_[1].block()[-5] = with;
        if (where == 3) meter.weighted_[2] = with;
        if (where == 4) meter.plain_[0] = with;
    }
};
} // namespace chronus::dsp

namespace {

Samples tone(double hz, double level_db, double seconds, double fs = 48000) {
    const auto ticks = static_cast<std::size_t>(seconds * fs / kTick);
    return scaled(
        sine(Hz{static_cast<float>(hz)}, SampleRate{static_cast<float>(fs)}, ticks * kTick),
        static_cast<float>(std::pow(10.0, level_db / 20)));
}

Samples joined(std::initializer_list<Samples> parts) {
    Samples all;
    for (const Samples &part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

LoudnessMeter heard(const Samples &both, SampleRate fs = kFs) {
    LoudnessMeter meter(fs);
    through(meter, Stereo(both));
    return meter;
}

/// A sine's loudness in one channel alone, 1 kHz being 0.
double weighting(double hz, double fs) {
    LoudnessMeter meter(SampleRate{static_cast<float>(fs)});
    const Samples x = tone(hz, -20, 4, fs);
    through(meter, Stereo(x, Samples(x.size())));
    return static_cast<double>(meter.levels().short_term_lufs) + 20 + 3.01;
}

} // namespace

TEST_CASE("loudness: EBU Tech 3341: a stereo sine of 1 kHz reads its level", "[dsp][meters]") {
    const double db = GENERATE(-23.0, -33.0); // cases 1 and 2
    const LoudnessMeter meter = heard(tone(1000, db, 20));
    CHECK(meter.levels().momentary_lufs == Approx(db).margin(0.01)); // asked for: 0.1
    CHECK(meter.levels().short_term_lufs == Approx(db).margin(0.01));
    CHECK(meter.integrated_lufs() == Approx(db).margin(0.01));
}

TEST_CASE("loudness: EBU Tech 3341: gates leave out what is quiet", "[dsp][meters]") {
    SECTION("case 3: what is 10 LU below the rest") {
        const auto meter =
            heard(joined({tone(1000, -36, 10), tone(1000, -23, 60), tone(1000, -36, 10)}));
        CHECK(meter.integrated_lufs() == Approx(-23).margin(0.1));
    }
    SECTION("case 4: and what is below -70 LUFS") {
        const auto meter =
            heard(joined({tone(1000, -72, 10), tone(1000, -36, 10), tone(1000, -23, 60),
                          tone(1000, -36, 10), tone(1000, -72, 10)}));
        CHECK(meter.integrated_lufs() == Approx(-23).margin(0.1));
    }
    SECTION("case 5: but not what is near") {
        const auto meter =
            heard(joined({tone(1000, -26, 20), tone(1000, -20, 20.1), tone(1000, -26, 20)}));
        CHECK(meter.integrated_lufs() == Approx(-23).margin(0.1));
    }
}

TEST_CASE("loudness: tones weigh what BS.1770 says, at every rate", "[dsp][meters]") {
    const double fs = GENERATE(44100.0, 48000.0, 96000.0);
    // The standard's two filters at 48 kHz, from their table of coefficients.
    const auto wanted = [](double hz) {
        const double w = 2 * M_PI * hz / 48000;
        const auto gain = [&](double b0, double b1, double b2, double a1, double a2) {
            const double re = std::cos(w), im = std::sin(w), re2 = std::cos(2 * w),
                         im2 = std::sin(2 * w);
            return std::hypot(b0 + b1 * re + b2 * re2, b1 * im + b2 * im2) /
                   std::hypot(1 + a1 * re + a2 * re2, a1 * im + a2 * im2);
        };
        return decibels(gain(1.53512485958697, -2.69169618940638, 1.19839281085285,
                             -1.69065929318241, 0.73248077421585) *
                        gain(1, -2, 1, -1.99004745483398, 0.99007225036621)) -
               0.691;
    };
    for (const double hz : {25.0, 50.0, 100.0, 400.0, 1000.0, 2000.0, 4000.0, 8000.0}) {
        INFO(hz << " Hz at " << fs);
        CHECK(weighting(hz, fs) == Approx(wanted(hz)).margin(0.05));
    }
}

TEST_CASE("loudness: peaks between samples are found, a sine's RMS is 3 dB down", "[dsp][meters]") {
    // EBU Tech 3341 cases 15 to 19 in short: a quarter of the rate, at 45 degrees.
    Samples quarter(48000);
    for (std::size_t i = 0; i < quarter.size(); ++i)
        quarter[i] =
            static_cast<float>(0.5 * std::sin(M_PI / 4 + M_PI / 2 * static_cast<double>(i)));
    const auto meter = heard(quarter);
    CHECK(meter.levels().peak_db == Approx(-9.03).margin(0.01));
    CHECK(meter.levels().true_peak_db == Approx(-6.02).margin(0.15));
    CHECK(heard(tone(1000, -6, 1)).levels().rms_db == Approx(-6).margin(0.01)); // two channels
    CHECK(heard(tone(1000, -6, 1)).levels().true_peak_db == Approx(-6).margin(0.02));
}

TEST_CASE("loudness: a sine's true peak is read within what four points a sample allow",
          "[dsp][meters]") {
    const Table allowed = read_table("dsp/truepeak-underread.csv");
    for (std::size_t row = 0; row < allowed.rows.size(); ++row) {
        const double hz = allowed.at(row, "f_hz");
        for (const double turn : {0.0, 0.125, 0.3}) {
            INFO(hz << " Hz, begun at " << turn);
            Samples x(48000);
            for (std::size_t i = 0; i < x.size(); ++i)
                x[i] = static_cast<float>(
                    0.5 * std::sin(2 * M_PI * (turn + hz * static_cast<double>(i) / 48000)));
            const double read = static_cast<double>(heard(x).levels().true_peak_db) + 6.02;
            CHECK(read <= 0.15); // the interpolation's own error
            CHECK(read >= allowed.at(row, "x4_dB") - 0.1);
        }
    }
}

TEST_CASE("loudness: silence has none, and a restart forgets what was", "[dsp][meters]") {
    LoudnessMeter meter = heard(tone(1000, -10, 5));
    meter.restart();
    through(meter, Stereo(tone(1000, -30, 5)));
    CHECK(meter.integrated_lufs() == Approx(-30).margin(0.5)); // the first 0.3 s are both
    through(meter, Stereo(7 * 48000));
    CHECK(meter.levels().momentary_lufs == -200);
    CHECK(meter.levels().short_term_lufs == -200);
    CHECK(meter.levels().true_peak_db == -200);
    CHECK(meter.idle());
}

TEST_CASE("loudness: how a voice's run is cut changes no bit", "[dsp][meters]") {
    const auto run = [](std::size_t chunk) {
        dsp::VoiceLevels meter(kFs);
        const Samples x = uniform_noise(24000, 1);
        in_pieces(x.size(), chunk, [&](std::size_t begin, std::size_t count) {
            std::array<F8, kTick> block;
            for (std::size_t i = 0; i < count; ++i) block[i] = F8{} + x[begin + i];
            meter.process(std::span(block).first(count));
        });
        const auto l = meter.levels();
        return Samples{l.momentary_lufs[2], l.short_term_lufs[2], l.rms_db[2], l.peak_db[2],
                       l.true_peak_db[2]};
    };
    CHECK(same_bits(run(32), run(1)));
    CHECK(same_bits(run(32), run(17)));
}

TEST_CASE("loudness: a poisoned state is found, reset, and shows again", "[dsp][meters]") {
    const float poison = GENERATE(std::numeric_limits<float>::quiet_NaN(),
                                  std::numeric_limits<float>::infinity(), 1e38f);
    const std::size_t where = GENERATE(range(0, 5));
    CAPTURE(poison, where);
    LoudnessMeter meter = heard(tone(1000, -20, 1));
    dsp::LoudnessDoor::poison(meter, where, poison);
    through(meter, Stereo(tone(1000, -20, 0.008)));
    meter.heal();
    through(meter, Stereo(tone(1000, -20, 1)));
    CHECK_FALSE(meter.heal());
    CHECK(meter.levels().momentary_lufs == Approx(-20).margin(0.05));
    CHECK(meter.levels().true_peak_db == Approx(-20).margin(0.05));
}

TEST_CASE("loudness: eight voices are told apart, each as if alone", "[dsp][meters]") {
    const std::size_t lane = GENERATE(range(0, 8));
    dsp::VoiceLevels meter(kFs);
    const Samples x = tone(1000, -12, 1);
    std::array<F8, kTick> block;
    for (std::size_t begin = 0; begin < x.size(); begin += kTick) {
        for (std::size_t i = 0; i < kTick; ++i) {
            block[i] = F8{};
            block[i][lane] = x[begin + i];
        }
        meter.process(block);
    }
    const auto all = meter.levels();
    CHECK(all.momentary_lufs[lane] == Approx(-12 - 3.01).margin(0.05)); // one channel's power
    CHECK(all.rms_db[lane] == Approx(-15.01).margin(0.05));
    CHECK(all.peak_db[lane] == Approx(-12).margin(0.05));
    CHECK(all.true_peak_db[lane] == Approx(-12).margin(0.05));
    CHECK(all.momentary_lufs[(lane + 1) % 8] == -200);
}
