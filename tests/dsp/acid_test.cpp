#include "dsp/acid.h"

#include "dsp/rt.h"
#include "tests/dsp/stereo.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <random>

using namespace chronus;
using namespace chronus::test;
using dsp::Acid;
using dsp::AcidControls;
using dsp::DiodeLadder;

namespace {

constexpr SampleRate kTwice{96000.0f};

/// A filter that stands still: no envelope, no compensation, unity drive.
AcidControls still(float cutoff_hz, float knob) {
    AcidControls c;
    c.cutoff_hz = cutoff_hz;
    c.resonance = knob;
    c.env_hz = c.accent_hz = c.accent_resonance = 0.0f;
    c.drive = c.vol_comp = 0.0f;
    return c;
}

Samples through_acid(Acid &acid, const Samples &in, std::size_t chunk = kTick) {
    Samples out(in.size());
    in_pieces(in.size(), chunk, [&](std::size_t begin, std::size_t count) {
        acid.process(std::span(in).subspan(begin, count), std::span(out).subspan(begin, count));
    });
    return out;
}

/// Rings the bare ladder with a small knock.
Samples knock(float cutoff_hz, float k, std::size_t frames, float strength = 0.01f) {
    DiodeLadder ladder(kTwice);
    const float g = ladder.gain_for(cutoff_hz);
    Samples out(frames);
    for (std::size_t i = 0; i < frames; ++i) out[i] = ladder.step(i == 0 ? strength : 0.0f, g, k);
    return out;
}

Samples saw(Hz tone, std::size_t frames) {
    Samples out(frames);
    double phase = 0;
    for (float &x : out) {
        x = static_cast<float>(2 * phase - 1);
        phase += static_cast<double>(tone.value) / 48000;
        phase -= std::floor(phase);
    }
    return out;
}

} // namespace

TEST_CASE(
    "acid: response of the whole filter is Stinchcombe's, within 0.3 dB to 5 kHz and 0.8 to 8",
    "[dsp][acid]") {
    const dsp::FlushToZero flush;
    const Table table = read_table("dsp/diode-ladder-full.csv");
    double worst_low = 0, worst_high = 0;
    Samples response;
    double peak_db = -400, fc = 0, k = -1;
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        if (table.at(row, "fc_hz") != fc || table.at(row, "k") != k) {
            fc = table.at(row, "fc_hz"), k = table.at(row, "k");
            Acid acid(kFs);
            acid.set(still(static_cast<float>(fc), static_cast<float>(k) / DiodeLadder::kFullKnob));
            auto knocked = impulse(48000);
            knocked[0] = 1e-3f; // linear
            response = scaled(through_acid(acid, knocked), 1e3f);
            peak_db = -400;
            for (std::size_t r = row; r < table.rows.size(); ++r)
                if (table.at(r, "fc_hz") == fc && table.at(r, "k") == k)
                    peak_db = std::max(peak_db, table.at(r, "dB"));
        }
        const double hz = table.at(row, "f_hz"), wanted = table.at(row, "dB");
        if (hz < 20 || hz > 8000 || wanted < peak_db - 50) continue;
        const double error = std::abs(decibels(gain_at(response, hz, kFs)) - wanted);
        double &worst = hz <= 5000 ? worst_low : worst_high;
        if (error > worst) INFO(fc << " " << k << " " << hz << " " << error);
        worst = std::max(worst, error);
    }
    CHECK(worst_low <= 0.3);
    CHECK(worst_high <= 0.8);
}

TEST_CASE(
    "acid: the loop begins to ring at the published gain, within 3 percent, in tune within a cent",
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
    const auto [under_early, under_late] = loudness(0.97 * onset.k);
    const auto [over_early, over_late] = loudness(1.03 * onset.k);
    CHECK(under_late < 0.5 * under_early);
    CHECK(over_late > 0.5 * over_early);
    CHECK(over_late > 0.01);
    const Samples ring = knock(fc, static_cast<float>(onset.k), 2 * 96000, 0.001f);
    const double hz = pitch_of(std::span(ring).last(131072), onset.hz, kTwice);
    CHECK(std::abs(cents(hz, onset.hz)) < 1.0);
}

TEST_CASE("acid: above the onset the pitch sinks, by no more than 60 cents", "[dsp][acid]") {
    const Samples ring = knock(2400, static_cast<float>(1.3 * 0.9596), 2 * 96000);
    const double off = cents(pitch_of(std::span(ring).last(131072), 2900, kTwice), 2935.8);
    CHECK(off < 5.0);
    CHECK(off > -60.0);
}

TEST_CASE("acid: with the knob at 100 percent it does not whistle", "[dsp][acid]") {
    const dsp::FlushToZero flush;
    const float cutoff = GENERATE(300.0f, 2400.0f, 10000.0f);
    Acid acid(kFs);
    acid.set(still(cutoff, 1.0f));
    const Samples out = through_acid(acid, impulse(10 * 48000));
    CHECK(rms(std::span(out).last(48000)) < 1e-6);
}

TEST_CASE("acid: accents in a row climb with resonance and hardly without", "[dsp][acid]") {
    // The sweep is watched through the cutoff: a full accent with all else at rest.
    const auto tops = [](float knob) {
        Acid acid(kFs);
        AcidControls c = still(500, knob);
        c.decay_s = 0.2f;
        acid.set(c);
        std::array<double, 4> top{};
        for (double &t : top) {
            acid.note_on(1.0f, false);
            in_pieces(6000, kTick, [&](std::size_t, std::size_t count) { // 16ths of 120 bpm
                Samples io(count);
                acid.process(io, io);
                t = std::max(t, static_cast<double>(acid.accent_charge()));
            });
        }
        return top;
    };
    const auto full = tops(1.0f), none = tops(0.0f);
    CHECK(full[1] / full[0] >= 1.12);
    CHECK(none[1] / none[0] <= 1.08);
    CHECK(full[0] > none[0]);
}

TEST_CASE("acid: 60 s of random knobs and noise up to +40 dB stay finite and below 1.5",
          "[dsp][acid]") {
    const dsp::FlushToZero flush;
    std::mt19937 chance(7);
    std::uniform_real_distribution<float> unit(0.0f, 1.0f);
    DiodeLadder ladder(kTwice);
    const Samples noise = uniform_noise(48000);
    float most = 0, g = 0, k = 0, gain = 1;
    for (std::size_t i = 0; i < 60 * 96000; ++i) {
        if (i % 32 == 0) {
            g = ladder.gain_for(20.0f * std::pow(500.0f, unit(chance)));
            k = unit(chance);
            gain = std::pow(10.0f, 2.0f * unit(chance));
        }
        const float y = ladder.step(gain * noise[i % noise.size()], g, k);
        most = std::max(most, std::abs(y));
        if (!(std::abs(y) < 10.0f)) FAIL("ran away at step " << i << ": " << y);
    }
    CHECK(most <= 1.5f);
}

TEST_CASE("acid: a saw 12 dB hot aliases below -52 dBc", "[dsp][acid]") {
    const dsp::FlushToZero flush;
    // A band-limited saw, so that what is found is the ladder's: harmonics below 20 kHz only.
    const double f0 = 601 * 48000.0 / 65536;
    Samples in(131072);
    for (std::size_t i = 0; i < in.size(); ++i) {
        double x = 0;
        for (int h = 1; h * f0 < 20000; ++h)
            x += 2 / (M_PI * h) *
                 std::sin(2 * M_PI * std::fmod(h * f0 * static_cast<double>(i) / 48000, 1.0));
        in[i] = static_cast<float>(x);
    }
    Acid acid(kFs);
    AcidControls c = still(2000, 0.72f / DiodeLadder::kFullKnob);
    c.drive = 0.75f; // 0.5 * 2^3 = +12 dB
    acid.set(c);
    const Samples out = through_acid(acid, in);
    const Spectrum s(out, kFs);
    const double loudest = s.largest(20, 16000, [](double) { return true; });
    const double alias = decibels(s.largest_alias(f0, 20, 16000) / loudest);
    CHECK(alias <= -52);
}

TEST_CASE("acid: latency is what it says", "[dsp][acid]") {
    Acid acid(kFs);
    AcidControls c = still(10000, 0.0f);
    acid.set(c);
    // Energy-weighted arrival of a low tone's envelope: compare phases at 400 and 800 Hz is
    // fragile; the first half-band filters are symmetric, so nothing may come before the latency
    // less 6.
    const Samples out = through_acid(acid, impulse(256));
    const auto loudest = std::ranges::max_element(out, {}, [](float x) { return std::abs(x); });
    const auto at = static_cast<std::size_t>(loudest - out.begin());
    CHECK(at >= Acid::kLatency);
    CHECK(at <= Acid::kLatency + 4);
}

TEST_CASE("acid: drive and resonance keep the level within 6 dB at the default compensation",
          "[dsp][acid]") {
    const dsp::FlushToZero flush;
    const auto level = [](float drive, float knob) {
        Acid acid(kFs);
        AcidControls c;
        c.drive = drive;
        c.resonance = knob;
        acid.set(c);
        acid.note_on(0.0f, false);
        return decibels(rms(through_acid(acid, saw(Hz{110}, 24000))));
    };
    const double reference = level(0.2f, 0.45f);
    CHECK(std::abs(level(0.2f, 0.0f) - reference) < 6);
    CHECK(std::abs(level(0.2f, 0.98f) - reference) < 6);
    CHECK(std::abs(level(0.0f, 0.45f) - reference) < 6);
    CHECK(std::abs(level(1.0f, 0.45f) - reference) < 6);
}

TEST_CASE("acid: an accent pushes the amplifier and falls back, a plain note does not",
          "[dsp][acid]") {
    Acid acid(kFs);
    Samples io(kTick);
    acid.note_on(0.0f, false);
    acid.process(io, io);
    CHECK(std::ranges::all_of(acid.boost(), [](float x) { return x == 1.0f; }));
    acid.note_on(1.0f, false);
    for (int i = 0; i < 6; ++i) acid.process(io, io);
    CHECK(acid.boost().back() > 1.9f);
    acid.note_on(1.0f, true); // a slide strikes nothing
    for (int i = 0; i < 1500; ++i) acid.process(io, io);
    CHECK(acid.boost().back() < 1.01f);
}

TEST_CASE("acid: how a run is cut changes no bit", "[dsp][acid]") {
    const Samples in = saw(Hz{82.4f}, 9600);
    const auto run = [&](std::size_t chunk) {
        Acid acid(kFs);
        Samples out(in.size());
        in_pieces(in.size(), chunk, [&](std::size_t begin, std::size_t count) {
            if (begin % 960 == 0) {
                AcidControls c;
                c.cutoff_hz = 500.0f + static_cast<float>(begin) / 4;
                c.resonance = 0.0001f * static_cast<float>(begin);
                c.drive = 0.5f;
                acid.set(c);
                acid.note_on(0.7f, begin % 1920 == 0);
            }
            acid.process(std::span(in).subspan(begin, count), std::span(out).subspan(begin, count));
        });
        return out;
    };
    const Samples whole = run(32);
    CHECK(same_bits(whole, run(1)));
    CHECK(same_bits(whole, run(17)));
}

TEST_CASE("acid: a poisoned state is found, reset, and sounds again", "[dsp][acid]") {
    const float poison = GENERATE(std::numeric_limits<float>::quiet_NaN(),
                                  std::numeric_limits<float>::infinity(), 1e38f);
    Acid acid(kFs);
    Samples io(kTick, 0.5f);
    CHECK_FALSE(acid.heal());
    io[3] = poison;
    acid.process(io, io);
    CHECK(acid.heal());
    CHECK_FALSE(acid.heal());
    const Samples out = through_acid(acid, saw(Hz{110}, 4800));
    CHECK(finite(out));
    CHECK(rms(out) > 0.01);
}

TEST_CASE("acid: it may be skipped once it has rung out, not before", "[dsp][acid]") {
    const dsp::FlushToZero flush;
    Acid acid(kFs);
    CHECK(acid.idle());
    acid.note_on(1.0f, false);
    through_acid(acid, saw(Hz{110}, 4800));
    CHECK_FALSE(acid.idle());
    const Samples tail = through_acid(acid, Samples(8 * 48000));
    CHECK(acid.idle());
    CHECK(peak(std::span(tail).last(480)) < 1e-6);
}
