#include "tests/dsp/acid_rig.h"

#include "dsp/rt.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <limits>

namespace chronus::dsp {
/// Plants faults where only time would.
struct AcidDoor {
    static constexpr std::size_t kPlaces = 22;
    static void poison(Acid &acid, std::size_t where, float with) {
        auto &[cutoff, resonance, reach, env, accent, accent_resonance, ratio, in, out] =
            acid.knobs_;
        Glide *const knobs[]{&cutoff,           &resonance, &reach, &env, &accent,
                             &accent_resonance, &ratio,     &in,    &out, &acid.finer_};
        if (where < 10) return knobs[where]->jump(with);
        float *const numbers[]{&acid.env_.raw,
                               &acid.env_.main,
                               &acid.env_.charge,
                               &acid.env_.accent,
                               &acid.plain_.decay,
                               &acid.plain_.charge,
                               &acid.accented_.decay,
                               &acid.accented_.discharge,
                               &acid.couple_in_[0].state,
                               &acid.couple_out_[2].state,
                               &acid.again_.last,
                               &acid.boost_[3]};
        *numbers[where - 10] = with;
    }
};
} // namespace chronus::dsp

using namespace chronus;
using namespace chronus::test;
using dsp::Acid;
using dsp::AcidControls;
using dsp::AcidQuality;
using dsp::DiodeLadder;

namespace {

/// One cutoff and loop gain of the published response.
struct Curve {
    double cutoff_hz = 0, k = -1, peak_db = -400;
    std::vector<std::pair<double, double>> points; // Hz, dB
};

std::vector<Curve> curves_of(const Table &table) {
    std::vector<Curve> curves;
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        const double cutoff = table.at(row, "fc_hz"), k = table.at(row, "k");
        if (curves.empty() || curves.back().cutoff_hz != cutoff || curves.back().k != k)
            curves.push_back({cutoff, k, -400, {}});
        curves.back().points.emplace_back(table.at(row, "f_hz"), table.at(row, "dB"));
        curves.back().peak_db = std::max(curves.back().peak_db, table.at(row, "dB"));
    }
    return curves;
}

nlohmann::json constants() {
    std::ifstream file(std::string{CHRONUS_TEST_FILES} + "/dsp/diode-ladder-constants.json");
    return nlohmann::json::parse(file);
}

/// Gain of a filter that stands still, for what is small.
Samples response(float cutoff_hz, float knob, AcidQuality quality, std::size_t frames) {
    Acid acid(kFs);
    acid.set(still(cutoff_hz, knob, quality));
    auto knock = impulse(frames);
    knock[0] = 1e-3f; // linear
    return scaled(through_acid(acid, knock), 1e3f);
}

} // namespace

TEST_CASE(
    "acid: response of the whole filter is Stinchcombe's, within 0.22 dB to 5 kHz and 0.65 to 8, "
    "at 4x 0.05 and 0.17",
    "[dsp][acid]") {
    const dsp::FlushToZero flush;
    const auto [quality, most_low, most_high] = GENERATE(table<AcidQuality, double, double>(
        {{AcidQuality::twofold, 0.22, 0.65}, {AcidQuality::fourfold, 0.05, 0.17}}));
    const Table table = read_table("dsp/diode-ladder-full.csv");
    double worst_low = 0, worst_high = 0;
    for (const Curve &curve : curves_of(table)) {
        const Samples x =
            response(static_cast<float>(curve.cutoff_hz),
                     static_cast<float>(curve.k) / DiodeLadder::kFullKnob, quality, 48000);
        for (const auto &[hz, wanted] : curve.points) {
            if (hz < 20 || hz > 8000 || wanted < curve.peak_db - 50) continue;
            double &worst = hz <= 5000 ? worst_low : worst_high;
            worst = std::max(worst, std::abs(decibels(gain_at(x, hz, kFs)) - wanted));
        }
    }
    CHECK(worst_low <= most_low);
    CHECK(worst_high <= most_high);
}

TEST_CASE("acid: at full resonance the peaks stand where theory has them, within 0.4 dB",
          "[dsp][acid]") {
    const dsp::FlushToZero flush;
    const auto quality = GENERATE(AcidQuality::twofold, AcidQuality::fourfold);
    const nlohmann::json all = constants();
    for (const auto &row : all["full"]["by_cutoff"]) {
        const double fc = row["fc_hz"], hz = row["peak_hz_at_kmax"];
        if (fc > 10000) continue; // it goes no higher
        const Samples x = response(static_cast<float>(fc), 1, quality, 3 * 48000);
        double peak = 0;
        for (double near = 0.98 * hz; near < 1.02 * hz; near *= 1.0005)
            peak = std::max(peak, gain_at(x, near, kFs));
        CAPTURE(fc, hz, decibels(peak));
        CHECK(std::abs(decibels(peak) - row["peak_db_at_kmax"].get<double>()) <= 0.4);
        CHECK(std::abs(decibels(gain_at(x, 100, kFs)) - row["gain_db_100hz_kmax"].get<double>()) <=
              0.02);
    }
}

TEST_CASE("acid: falls off as a diode ladder, steeper with every octave", "[dsp][acid]") {
    const dsp::FlushToZero flush;
    constexpr float kCutoff = 400;
    const Samples x = response(kCutoff, 0, AcidQuality::twofold, 48000);
    const nlohmann::json all = constants();
    for (const auto &[octave, slope] : all["core"]["slope_db_per_octave"].items()) {
        const double hz = static_cast<double>(kCutoff) * std::stod(octave);
        if (hz > 4000) continue; // then -100 dB: rounding
        CAPTURE(octave);
        const double fall = decibels(gain_at(x, 2 * hz, kFs) / gain_at(x, hz, kFs));
        CHECK(std::abs(fall - slope.get<double>()) <= 0.5);
    }
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
    CHECK(full[1] / full[0] >= 1.16);
    CHECK(none[1] / none[0] <= 1.06);
    CHECK(full[0] > none[0]);
}

TEST_CASE("acid: a saw 12 dB hot aliases below -54 dBc, at 4x below -60", "[dsp][acid]") {
    const dsp::FlushToZero flush;
    struct Hot {
        int bin; // 440 and 880 Hz
        float cutoff_hz, k;
        double twofold, fourfold;
    };
    const auto hot = GENERATE(Hot{601, 2000, 0.72f, -59, -63}, Hot{601, 5000, 0.9f, -55, -60},
                              Hot{1201, 2000, 0.72f, -54, -63});
    const auto quality = GENERATE(AcidQuality::twofold, AcidQuality::fourfold);
    const double hz = hot.bin * 48000.0 / 65536;
    Acid acid(kFs);
    AcidControls c = still(hot.cutoff_hz, hot.k / DiodeLadder::kFullKnob, quality);
    c.drive = 0.75f; // 0.5 * 2^3 = +12 dB
    acid.set(c);
    const Spectrum s(through_acid(acid, source(hz, 131072)), kFs);
    const double loudest = s.largest(20, 16000, [](double) { return true; });
    CAPTURE(hz, hot.cutoff_hz, static_cast<int>(quality));
    CHECK(decibels(s.largest_alias(hz, 20, 16000) / loudest) <=
          (quality == AcidQuality::twofold ? hot.twofold : hot.fourfold));
}

TEST_CASE("acid: latency is what it says", "[dsp][acid]") {
    const auto quality = GENERATE(AcidQuality::twofold, AcidQuality::fourfold);
    Acid acid(kFs);
    acid.set(still(10000, 0.0f, quality));
    // The half-band filters are symmetric, so that the loudest comes no sooner than they say.
    const Samples out = through_acid(acid, impulse(256));
    const auto loudest = std::ranges::max_element(out, {}, [](float x) { return std::abs(x); });
    const auto at = static_cast<std::size_t>(loudest - out.begin());
    CHECK(at >= Acid::latency(quality));
    CHECK(at <= Acid::latency(quality) + 4);
}

TEST_CASE("acid: another quality comes in without a click and sounds the same", "[dsp][acid]") {
    const dsp::FlushToZero flush;
    const auto play = [](bool switches) {
        Acid acid(kFs);
        Samples out(48000);
        const Samples in = source(110, out.size());
        in_pieces(out.size(), kTick, [&](std::size_t begin, std::size_t count) {
            const bool finer = switches && begin / 4800 % 2 != 0;
            acid.set(still(900, 0.8f, finer ? AcidQuality::fourfold : AcidQuality::twofold));
            acid.process(std::span(in).subspan(begin, count), std::span(out).subspan(begin, count));
        });
        return out;
    };
    const Samples plain = play(false), switched = play(true);
    CHECK(steepest(switched) <= 1.2 * steepest(plain));
    CHECK(rms(switched) == Approx(rms(plain)).epsilon(0.01));
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
        return decibels(rms(through_acid(acid, source(110, 24000))));
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
    const Samples in = source(82.4, 9600);
    const auto run = [&](std::size_t chunk) {
        Acid acid(kFs);
        Samples out(in.size());
        in_pieces(in.size(), chunk, [&](std::size_t begin, std::size_t count) {
            if (begin % 960 == 0) {
                AcidControls c;
                c.cutoff_hz = 500.0f + static_cast<float>(begin) / 4;
                c.resonance = 0.0001f * static_cast<float>(begin);
                c.drive = 0.5f;
                c.quality = begin % 2880 == 0 ? AcidQuality::fourfold : AcidQuality::twofold;
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
    const Samples out = through_acid(acid, source(110, 4800));
    CHECK(finite(out));
    CHECK(rms(out) > 0.01);
}

TEST_CASE("acid: whatever goes bad in it is heard for 10 ms at most, and then forgotten",
          "[dsp][acid]") {
    const float poison =
        GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                 -std::numeric_limits<float>::infinity(), 1e38f);
    const auto quality = GENERATE(AcidQuality::twofold, AcidQuality::fourfold);
    const std::size_t where = GENERATE(range(std::size_t{0}, dsp::AcidDoor::kPlaces));
    CAPTURE(poison, where, static_cast<int>(quality));
    AcidControls c;
    c.quality = quality;
    const Samples in = source(110, 24000);
    const auto play = [&](bool spoils) {
        Acid acid(kFs);
        acid.set(c);
        Samples out(in.size());
        in_pieces(in.size(), kTick, [&](std::size_t begin, std::size_t count) {
            if (begin % 6016 == 0) acid.note_on(1.0f, false);
            if (begin == 4800 && spoils) dsp::AcidDoor::poison(acid, where, poison);
            const auto heard = std::span(out).subspan(begin, count);
            acid.process(std::span(in).subspan(begin, count), heard);
            for (std::size_t i = 0; i < count; ++i) heard[i] *= acid.boost()[i];
            if (begin / kTick % 8 == 7) acid.heal();
        });
        return out;
    };
    const Samples ill = play(true), well = play(false);
    CHECK(finite(Signal(ill).subspan(4800 + 480)));
    CHECK(peak(Signal(ill).subspan(4800 + 480)) < 4);
    CHECK(rms(Signal(ill).last(6000)) == Approx(rms(Signal(well).last(6000))).epsilon(0.01));
}

TEST_CASE("acid: it may be skipped once it has rung out, not before", "[dsp][acid]") {
    const dsp::FlushToZero flush;
    Acid acid(kFs);
    CHECK(acid.idle());
    acid.note_on(1.0f, false);
    through_acid(acid, source(110, 4800));
    CHECK_FALSE(acid.idle());
    const Samples tail = through_acid(acid, Samples(8 * 48000));
    CHECK(acid.idle());
    CHECK(peak(std::span(tail).last(480)) < 1e-6);
}
