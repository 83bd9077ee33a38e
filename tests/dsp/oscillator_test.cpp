#include "tests/dsp/voice_rig.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <iterator>
#include <numbers>

using namespace chronus;
using namespace chronus::test;
using dsp::Wave;

namespace {

constexpr std::uint32_t kLength = 131072;
/// Bins of a transform of 65536 with 48000 / f far from a whole number, so that no alias hides
/// under a harmonic: 112.06, 992.43, 2114.5 and 4991.5 Hz.
constexpr std::uint32_t kNotes[] = {153, 1355, 2887, 6815};

double hz_of(std::uint32_t note) { return note * 48000.0 / 65536.0; }

Samples source_of(const dsp::VoiceControls &controls, std::uint32_t frames = kLength) {
    VoiceRig rig;
    rig.bank.set(0, controls);
    rig.bank.note_on(0, {});
    return rig.play(frames).source[0];
}

Samples wave_of(Wave wave, double hz, std::uint32_t frames = kLength) {
    return source_of(plain(wave, static_cast<float>(hz)), frames);
}

double alias_db(const Spectrum &spectrum, double hz, double up_to) {
    return decibels(spectrum.largest_alias(hz, 20, up_to) / spectrum.line(hz));
}

/// Largest distance in dB of a wave's harmonics below `up_to` from a column of the Fourier table.
double harmonic_error_db(const Samples &x, double hz, const char *column, double up_to) {
    const Table ideal = read_table("dsp/waveform-harmonics.csv");
    const Spectrum spectrum(x, kFs);
    double worst = 0;
    for (std::size_t row = 0; row < ideal.rows.size(); ++row) {
        const double h = ideal.at(row, "h"), amplitude = ideal.at(row, column);
        if (h * hz > up_to || amplitude < 1e-6) continue;
        worst = std::max(worst, std::abs(decibels(spectrum.line(h * hz) / amplitude)));
    }
    return worst;
}

/// Amplitude of a harmonic of a saw `ratio` times faster than the period it starts anew with: a
/// sine for each of its jumps.
double synced_harmonic(double ratio, int h) {
    const double own = std::ceil(ratio) - 1, rest = ratio - own;
    std::complex<double> sum = 2 * rest;
    for (int jump = 1; jump <= static_cast<int>(own); ++jump)
        sum += 2.0 * std::polar(1.0, -2 * std::numbers::pi * h * jump / ratio);
    return std::abs(sum) / (std::numbers::pi * h);
}

} // namespace

TEST_CASE("oscillator: aliases of saw and pulse stay 96 dB down to 16 kHz, 60 dB to 20", "[dsp]") {
    const auto note = GENERATE(from_range(std::begin(kNotes), std::end(kNotes)));
    const auto wave = GENERATE(Wave::saw, Wave::square);
    const float width = GENERATE(0.5f, 0.25f, 0.1f);
    if (wave == Wave::saw && width != 0.5f) return;
    auto controls = plain(wave, static_cast<float>(hz_of(note)));
    controls.width = width;
    const Spectrum spectrum(source_of(controls), kFs);
    CAPTURE(hz_of(note), static_cast<int>(wave), width);
    // Relative to the wave's fundamental, for a narrow pulse to that of a square.
    const double full = (wave == Wave::saw ? 2 : 4) / std::numbers::pi;
    CHECK(decibels(spectrum.largest_alias(hz_of(note), 20, 16000) / full) <= -96);
    CHECK(decibels(spectrum.largest_alias(hz_of(note), 20, 20000) / full) <= -60);
}

TEST_CASE("oscillator: aliases of the triangle stay 116 dB down to 16 kHz", "[dsp]") {
    const auto note = GENERATE(from_range(std::begin(kNotes), std::end(kNotes)));
    const Spectrum spectrum(wave_of(Wave::triangle, hz_of(note)), kFs);
    CAPTURE(hz_of(note));
    CHECK(alias_db(spectrum, hz_of(note), 16000) <= -116);
}

TEST_CASE("oscillator: harmonics have the levels of the Fourier series to 10 kHz", "[dsp]") {
    const auto note = GENERATE(from_range(std::begin(kNotes), std::end(kNotes)));
    const double hz = hz_of(note);
    CAPTURE(hz);
    CHECK(harmonic_error_db(wave_of(Wave::saw, hz), hz, "saw", 10000) <= 0.15);
    CHECK(harmonic_error_db(wave_of(Wave::saw, hz), hz, "saw", 16000) <= 1.7);
    CHECK(harmonic_error_db(wave_of(Wave::square, hz), hz, "square", 10000) <= 0.15);
    CHECK(harmonic_error_db(wave_of(Wave::triangle, hz), hz, "triangle", 10000) <= 0.15);
    auto quarter = plain(Wave::square, static_cast<float>(hz));
    quarter.width = 0.25f;
    CHECK(harmonic_error_db(source_of(quarter), hz, "pulse25", 10000) <= 0.15);
}

TEST_CASE("oscillator: the sine has no harmonic above -144 dB", "[dsp]") {
    const auto note = GENERATE(from_range(std::begin(kNotes), std::end(kNotes)));
    const Spectrum spectrum(wave_of(Wave::sine, hz_of(note)), kFs);
    const double fundamental = spectrum.line(hz_of(note));
    CHECK(fundamental == Approx(1).epsilon(1e-4));
    CHECK(decibels(spectrum.largest(20, 23900, [&](double hz) {
              return std::abs(hz - hz_of(note)) > 12 * spectrum.bin_hz();
          }) / fundamental) <= -144);
}

TEST_CASE("oscillator: every wave is in tune within 0.001 cent from 27.5 Hz to 14 kHz", "[dsp]") {
    const auto wave = GENERATE(Wave::sine, Wave::saw, Wave::square, Wave::triangle);
    const double hz = GENERATE(27.5, 440.0, 3520.0, 7902.13, 14080.0);
    CAPTURE(static_cast<int>(wave), hz);
    const double found = pitch_of(wave_of(wave, hz, 48000), hz, kFs);
    CHECK(std::abs(cents(found, hz)) <= 0.001);
}

TEST_CASE("oscillator: no wave carries DC, whatever the width of the pulse", "[dsp]") {
    const auto wave = GENERATE(Wave::saw, Wave::square, Wave::triangle);
    const float width = GENERATE(0.05f, 0.3f, 0.5f);
    auto controls = plain(wave, 375.0f); // 128 frames: whole periods
    controls.width = width;
    CHECK(std::abs(mean(source_of(controls, 48000))) < 1e-6);
}

TEST_CASE("oscillator: from 20 Hz to 16 kHz the fundamental never steps by half a dB", "[dsp]") {
    const auto wave = GENERATE(Wave::sine, Wave::saw, Wave::square, Wave::triangle);
    double before = 0;
    for (double hz = 40; hz < 16000; hz *= 1.05946309) {
        const double level = decibels(Spectrum(wave_of(wave, hz, 16384), kFs).line(hz));
        CAPTURE(static_cast<int>(wave), hz, before, level);
        // A bin's flat top hides up to 0.1 dB of a line between two bins.
        if (before != 0) CHECK(std::abs(level - before) <= 0.35);
        before = level;
    }
}

TEST_CASE("oscillator: high notes alias no louder than they mask", "[dsp]") {
    // Lehtonen, Pekonen, Valimaki 2012: at 3951 Hz aliases 41 dB down are inaudible; above it we
    // ask the same of all below 15 kHz, while the shape gives way to its fundamental.
    const auto wave = GENERATE(Wave::saw, Wave::square, Wave::triangle);
    const double hz = GENERATE(6331.0, 7523.0, 8831.0, 10337.0, 12611.0, 15803.0);
    const Spectrum spectrum(wave_of(wave, hz), kFs);
    CAPTURE(static_cast<int>(wave), hz);
    CHECK(alias_db(spectrum, hz, 15000) <= -47);
}

TEST_CASE("oscillator: a synced saw has the harmonics of one, and aliases as faint as a free one's",
          "[dsp]") {
    const auto note = GENERATE(from_range(std::begin(kNotes), std::end(kNotes)));
    const double ratio = GENERATE(1.0, 1.3, 2.0, 3.77, 6.5, 16.0);
    const double hz = hz_of(note);
    auto controls = plain(Wave::synced, static_cast<float>(hz));
    controls.sync = static_cast<float>(ratio);
    const Spectrum spectrum(source_of(controls), kFs);
    const double heard =
        std::max(1.0, std::min(ratio, 5000 / hz)); // the saw's own pitch ends there
    const double full = 2 / std::numbers::pi;
    CAPTURE(hz, ratio);
    for (int h = 1; h * hz < 10000; ++h) {
        const double want = synced_harmonic(heard, h);
        if (want < 0.001 * full) continue;
        CAPTURE(h, want, spectrum.line(h * hz));
        CHECK(std::abs(decibels(spectrum.line(h * hz) / want)) <= 0.15);
    }
    CHECK(decibels(spectrum.largest_alias(hz, 20, 16000) / full) <= -96);
    CHECK(decibels(spectrum.largest_alias(hz, 20, 20000) / full) <= -58);
}

TEST_CASE("oscillator: a supersaw is seven saws apart by their detune, of the power of one",
          "[dsp]") {
    const auto note = GENERATE(from_range(std::begin(kNotes), std::end(kNotes)));
    const double hz = hz_of(note);
    auto controls = plain(Wave::supersaw, static_cast<float>(hz));
    controls.detune_semitones = 0.8f, controls.sides = GENERATE(0.0f, 0.3f, 0.75f, 1.0f);
    const Samples x = source_of(controls);
    const Spectrum spectrum(x, kFs);
    CAPTURE(hz, controls.sides);
    CHECK(rms(x) == Approx(rms(wave_of(Wave::saw, hz))).epsilon(0.02));
    const double full = 2 / std::numbers::pi;
    std::vector<double> pitches{hz};
    for (const float place : dsp::SuperSaw::kPlaces)
        pitches.push_back(hz * (1 + static_cast<double>(place) * 0.8 * (std::exp2(1 / 12.0) - 1)));
    for (std::size_t i = 0; i < pitches.size() && hz > 500; ++i) { // lower, the lines run together
        const double power = i == 0 ? 1 - static_cast<double>(controls.sides)
                                    : static_cast<double>(controls.sides) / 6;
        CHECK(spectrum.line(pitches[i]) ==
              Approx(full * std::sqrt(power)).epsilon(0.06).margin(0.001));
    }
    const auto alias = [&](double at) {
        return std::none_of(pitches.begin(), pitches.end(), [&](double pitch) {
            return std::abs(at / pitch - std::round(at / pitch)) * pitch <= 12 * spectrum.bin_hz();
        });
    };
    CHECK(decibels(spectrum.largest(20, 16000, alias) / full) <= -96);
}

TEST_CASE("oscillator: the sub is a square an octave below, in step for ten minutes", "[dsp]") {
    const auto note = GENERATE(from_range(std::begin(kNotes), std::end(kNotes)));
    const double hz = hz_of(note) / 2;
    auto controls = plain(Wave::sine, static_cast<float>(hz_of(note)));
    controls.sub = 1;
    VoiceRig rig;
    rig.bank.set(0, controls);
    rig.bank.note_on(0, {});
    for (std::uint32_t i = 0; i < 10 * 60 * 48000 / kTick; ++i) rig.bank.generate(kTick);
    Samples x = rig.play(kLength).source[0];
    const Spectrum spectrum(x, kFs);
    CAPTURE(hz);
    for (int h = 1; h * hz < 10000; h += 2)
        CHECK(std::abs(decibels(spectrum.line(h * hz) * std::numbers::pi * h / 4)) <= 0.15);
    CHECK(decibels(spectrum.largest_alias(hz, 20, 16000) * std::numbers::pi / 4) <= -105);
    if (hz > 100) return; // an edge stands by itself only in a long period
    // In step, all is odd around where the square turns up; the sine alone moves by 0.015 a frame.
    for (std::size_t i = 1000; i < 3000; ++i)
        if (x[i] < 0 && x[i + 1] >= 0 && x[i + 4] > 0.8f)
            CHECK(std::abs(x[i - 8] + x[i + 9]) < 0.03f);
}

TEST_CASE("oscillator: a note struck from rest starts at phase 0 and rises", "[dsp]") {
    const auto wave = GENERATE(Wave::sine, Wave::saw, Wave::triangle);
    const Samples x = wave_of(wave, 100, 32);
    CHECK(x[0] == 0.0f);
    CHECK(x[1] > 0.0f);
}
