#include "engine/model/presets.h"
#include "tests/support/rig.h"
#include "tests/support/signals.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <numbers>
#include <span>
#include <string_view>
#include <vector>

/// What each preset sounds like, measured in what the engine plays.
namespace chronus {

namespace {

using test::Samples;
using test::Signal;

constexpr double kRate = 48000;
/// Of the distortion and the limiter.
const std::size_t kLatency = test::Rig{}.session.engine().latency();

Scene with_preset(std::string_view name, float hz) {
    Scene scene;
    const VoiceSound sound = sound_of(*find_preset(name));
    if (hz > 0) scene.params.set(param("voice1/freq"), hz);
    for (std::uint16_t row = 0; row < VoiceSound::kRows; ++row)
        if (const auto value = sound.get(row)) scene.params.set(id_of({0, 0, row}), *value);
    scene.params.set(param("reverb1/mix"), 0);
    return scene;
}

/// From the hit on: the gate is open for `gate_s`.
Samples played(std::string_view name, double seconds, double gate_s, float hz = 0) {
    test::Rig rig(with_preset(name, hz));
    REQUIRE(rig.session.gate(1, true));
    const auto frames = [](double s) { return static_cast<std::size_t>(s * kRate); };
    Samples out = rig.render(kLatency + frames(gate_s)).left;
    REQUIRE(rig.session.gate(1, false));
    const Samples rest = rig.render(frames(seconds - gate_s)).left;
    out.insert(out.end(), rest.begin(), rest.end());
    out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(kLatency));
    return out;
}

Signal part(Signal x, double from_s, double to_s) {
    const auto begin = static_cast<std::size_t>(from_s * kRate);
    return x.subspan(begin, static_cast<std::size_t>(to_s * kRate) - begin);
}

/// Where the weight of the spectrum lies.
double centroid(Signal x) {
    const test::Spectrum spectrum(x, test::kFs);
    double moment = 0, power = 0;
    for (std::size_t i = 4; i < spectrum.bins(); ++i) {
        const double line = spectrum.at_bin(i) * spectrum.at_bin(i);
        moment += line * static_cast<double>(i) * spectrum.bin_hz();
        power += line;
    }
    return moment / power;
}

/// Level over 10 ms around a moment.
double level_at(Signal x, double s) { return test::rms(part(x, s - 0.005, s + 0.005)); }

/// Seconds in which it falls by 20 dB, read off its fall of 10 dB from `from_s` on: exponential
/// falls are straight in dB. For noise as exact as the average over 30 ms is.
double fall_20db(Signal x, double from_s, double to_s) {
    const auto at = [&](double s) { return test::rms(part(x, s - 0.015, s + 0.015)); };
    return 20 * (to_s - from_s) / test::decibels(at(from_s) / at(to_s));
}

/// Rising zero crossings.
int cycles(Signal x) {
    int n = 0;
    for (std::size_t i = 1; i < x.size(); ++i) n += x[i - 1] < 0 && x[i] >= 0;
    return n;
}

/// 1 % of a way is left after the time that `Adsr` says, which is 40 dB.
double fall_20db_of(std::string_view name, std::string_view path) {
    const VoiceSound sound = sound_of(*find_preset(name));
    for (std::size_t row = 0; row < VoiceSound::kRows; ++row)
        if (rows::kVoice[row].path == path) return static_cast<double>(*sound.get(row)) / 2;
    return 0;
}

} // namespace

TEST_CASE("presets: the kick falls by three octaves to 50 Hz, as its envelope says", "[rt]") {
    const Samples kick = played("kick", 1, 0.05);
    const double tau = 0.09 / std::log(100.0); // 1 % of the way is left after the decay
    double turns = 0;
    for (double t = 0; t < 0.1; t += 1e-5)
        turns += 1e-5 * 50 * std::exp2(36.0 / 12 * std::exp(-t / tau));
    CHECK(std::abs(cycles(part(kick, 0.001, 0.1)) - turns) <= 1); // its drive rings up to then
    CHECK(turns > 8);                                             // and 5 without a fall
    CHECK(test::pitch_of(part(kick, 0.15, 0.35), 50, test::kFs) == Approx(50).epsilon(0.01));
    CHECK(centroid(part(kick, 0, 0.7)) < 150);
    CHECK(fall_20db(kick, 0.12, 0.3) == Approx(fall_20db_of("kick", "adsr/decay")).epsilon(0.15));
}

TEST_CASE("presets: the tom bends down to 110 Hz and rings longer than the snare", "[rt]") {
    const Samples tom = played("tom", 1, 0.05);
    CHECK(test::pitch_of(part(tom, 0.2, 0.4), 110, test::kFs) == Approx(110).epsilon(0.01));
    CHECK(cycles(part(tom, 0, 0.05)) >= 7); // 5.5 without the bend
    CHECK(centroid(part(tom, 0, 0.7)) < 400);
    CHECK(fall_20db(tom, 0.05, 0.25) == Approx(fall_20db_of("tom", "adsr/decay")).epsilon(0.15));
}

TEST_CASE("presets: the snare is a tone under more noise", "[rt]") {
    const Samples snare = played("snare", 0.7, 0.05);
    const test::Spectrum spectrum(part(snare, 0, 0.35), test::kFs);
    const double tone = spectrum.band_rms(150, 400), noise = spectrum.band_rms(1000, 16000);
    CHECK(test::decibels(noise / tone) > -6);
    CHECK(test::decibels(noise / tone) < 20);
    CHECK(spectrum.band_rms(170, 260) > 3 * spectrum.band_rms(500, 590));
    CHECK(fall_20db(snare, 0.03, 0.15) == Approx(fall_20db_of("snare", "adsr/decay")).epsilon(0.3));
}

TEST_CASE("presets: the clap is four hands full of noise around 1.3 kHz", "[rt]") {
    const Samples clap = played("clap", 0.7, 0.05);
    for (const double hand : {0.011, 0.022, 0.033})
        CHECK(test::rms(part(clap, hand + 0.001, hand + 0.005)) >
              3 * test::rms(part(clap, hand - 0.002, hand)));
    const test::Spectrum spectrum(part(clap, 0, 0.35), test::kFs);
    const double body = spectrum.band_rms(650, 2600);
    CHECK(body > 2 * spectrum.band_rms(20, 325));
    CHECK(body > 1.4 * spectrum.band_rms(5200, 20000));
    CHECK(fall_20db(clap, 0.04, 0.18) == Approx(fall_20db_of("clap", "adsr/decay")).epsilon(0.3));
}

TEST_CASE("presets: hats are bright noise, and the open one rings on", "[rt]") {
    const Samples closed = played("closed_hat", 0.5, 0.05), open = played("open_hat", 1.5, 0.05);
    CHECK(centroid(part(closed, 0, 0.1)) > 9000);
    CHECK(centroid(part(open, 0, 0.35)) > 8000);
    CHECK(level_at(closed, 0.1) < 0.01 * test::peak(closed));
    CHECK(fall_20db(open, 0.05, 0.4) ==
          Approx(fall_20db_of("open_hat", "adsr/decay")).epsilon(0.2));
    CHECK(fall_20db_of("open_hat", "adsr/decay") > 5 * fall_20db_of("closed_hat", "adsr/decay"));
}

TEST_CASE("presets: a drum sounds the same whatever its gate", "[rt]") {
    for (const char *name : {"kick", "snare", "clap", "closed_hat", "open_hat", "tom"}) {
        INFO(name);
        const Samples brief = played(name, 0.4, 0.02), held = played(name, 0.4, 0.3);
        Samples apart(brief.size());
        for (std::size_t i = 0; i < apart.size(); ++i) apart[i] = brief[i] - held[i];
        CHECK(test::rms(apart) < 0.01 * test::rms(held));
    }
}

TEST_CASE("presets: the bass is dark and lasts as long as its gate", "[rt]") {
    const Samples bass = played("bass", 2, 1, 55);
    CHECK(centroid(part(bass, 0.1, 0.9)) < 250);
    CHECK(level_at(bass, 0.95) > 0.5 * level_at(bass, 0.5));
    CHECK(level_at(bass, 1.1) < 0.02 * level_at(bass, 0.95));
}

TEST_CASE("presets: the pluck begins at once and dies away under an open gate", "[rt]") {
    const Samples pluck = played("pluck", 1, 0.9, 220);
    CHECK(test::peak(part(pluck, 0, 0.01)) > 0.7 * test::peak(pluck));
    const double level_alone = fall_20db_of("pluck", "adsr/decay"); // and the filter closes
    CHECK(fall_20db(pluck, 0.05, 0.3) < level_alone);
    CHECK(fall_20db(pluck, 0.05, 0.3) > 0.3 * level_alone);
    CHECK(centroid(part(pluck, 0.2, 0.38)) < centroid(part(pluck, 0, 0.18)));
    CHECK(centroid(part(pluck, 0, 0.18)) > 1.5 * 220);
}

TEST_CASE("presets: the pad swells and fades slowly", "[rt]") {
    const Samples pad = played("pad", 5, 2.5, 220);
    CHECK(level_at(pad, 0.05) < 0.3 * level_at(pad, 1));
    const auto level = [&](double s) { return test::rms(part(pad, s - 0.2, s + 0.2)); };
    CHECK(level(2.2) > 0.5 * level(1)); // its saws beat
    const double fall = 20 * 1.0 / test::decibels(level(2.8) / level(3.8));
    CHECK(fall == Approx(fall_20db_of("pad", "adsr/release")).epsilon(0.3));
}

TEST_CASE("presets: the lead is bright, in tune and holds", "[rt]") {
    const Samples lead = played("lead", 1.5, 1.2, 440);
    CHECK(test::cents(test::pitch_of(part(lead, 0.5, 1), 440, test::kFs), 440) ==
          Approx(0).margin(1));
    CHECK(centroid(part(lead, 0.3, 1)) > 2 * 440);
    CHECK(level_at(lead, 1.1) > 0.6 * level_at(lead, 0.3));
}

TEST_CASE("presets: at the same level none is far louder than another, and none is cut off",
          "[rt]") {
    for (const Preset &preset : kPresets) {
        INFO(preset.name);
        const Samples sound = played(preset.name, 1.5, 1, preset.name == "bass" ? 55.0f : 220.0f);
        CHECK(test::decibels(test::peak(sound)) > -24);
        CHECK(test::decibels(test::peak(sound)) < -5);
        CHECK(test::finite(sound));
    }
}

} // namespace chronus
