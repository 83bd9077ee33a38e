#include "dsp/rt.h"
#include "tests/dsp/voice_rig.h"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <complex>
#include <numbers>

using namespace chronus;
using namespace chronus::test;
using dsp::FilterType;
using dsp::VoiceControls;
using dsp::Wave;

namespace {

/// What the filters of eight voices make of their sources, once all has settled.
struct Filtered {
    std::array<Samples, dsp::kLanes> in, out;
};

Filtered play(const std::array<VoiceControls, dsp::kLanes> &voices, std::uint32_t settle,
              std::uint32_t frames) {
    VoiceRig rig;
    for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) {
        rig.bank.set(lane, voices[lane]);
        rig.bank.note_on(lane, {});
    }
    const auto sound = rig.play(settle + frames);
    Filtered f;
    for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) {
        const auto last = [&](const Samples &x) { return Samples(x.begin() + settle, x.end()); };
        f.in[lane] = last(sound.source[lane]);
        f.out[lane] = last(sound.amplified[lane]); // the envelope stands at 1
    }
    return f;
}

/// How strong a frequency is, and when, seen through a Blackman-Harris window.
std::complex<double> phasor(const Samples &x, double hz) {
    std::complex<double> sum = 0;
    const double n = static_cast<double>(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double at = 2 * std::numbers::pi * static_cast<double>(i) / n;
        const double window = 0.35875 - 0.48829 * std::cos(at) + 0.14128 * std::cos(2 * at) -
                              0.01168 * std::cos(3 * at);
        const double turns = std::fmod(hz * static_cast<double>(i) / 48000, 1);
        sum += window * static_cast<double>(x[i]) * std::polar(1.0, -2 * std::numbers::pi * turns);
    }
    return sum;
}

std::complex<double> gain(const Filtered &f, std::size_t lane, double hz) {
    return phasor(f.out[lane], hz) / phasor(f.in[lane], hz);
}

VoiceControls through(FilterType type, double cutoff_hz, double q, double hz) {
    VoiceControls voice = plain(Wave::sine, static_cast<float>(hz));
    voice.filter = type;
    voice.cutoff_hz = static_cast<float>(cutoff_hz), voice.q = static_cast<float>(q);
    return voice;
}

} // namespace

TEST_CASE("voice filter: all four responses are the analogue ones within 0.001 dB", "[dsp]") {
    const Table table = read_table("dsp/svf-response.csv");
    const auto [type, column] = GENERATE(
        Catch::Generators::table<FilterType, const char *>({{FilterType::low, "lp_dB"},
                                                            {FilterType::band, "bp_dB"},
                                                            {FilterType::high, "hp_dB"},
                                                            {FilterType::notch, "notch_dB"}}));
    for (std::size_t row = 0; row < table.rows.size(); row += dsp::kLanes) {
        std::array<VoiceControls, dsp::kLanes> voices;
        const auto of = [&](std::size_t lane) {
            return std::min(row + lane, table.rows.size() - 1);
        };
        for (std::size_t lane = 0; lane < dsp::kLanes; ++lane)
            voices[lane] = through(type, table.at(of(lane), "fc_hz"), table.at(of(lane), "Q"),
                                   table.at(of(lane), "f_hz"));
        const Filtered f = play(voices, 40000, 16384);
        for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) {
            const double hz = table.at(of(lane), "f_hz"), want = table.at(of(lane), column);
            if (want < -80) continue; // rounding of floats
            CAPTURE(column, hz, want, table.at(of(lane), "fc_hz"), table.at(of(lane), "Q"));
            CHECK(std::abs(decibels(std::abs(gain(f, lane, hz))) - want) <= 0.001);
        }
    }
}

TEST_CASE("voice filter: in tune within 0.005 cent from 20 Hz to 20 kHz", "[dsp]") {
    std::array<double, dsp::kLanes> cutoffs{};
    const bool low = GENERATE(true, false);
    for (std::size_t lane = 0; lane < dsp::kLanes; ++lane)
        cutoffs[lane] =
            (low ? 20 : 700) * std::exp2(static_cast<double>(lane) * (low ? 0.7 : 0.69));
    std::array<VoiceControls, dsp::kLanes> voices;
    for (std::size_t lane = 0; lane < dsp::kLanes; ++lane)
        voices[lane] = through(FilterType::band, cutoffs[lane], 10, cutoffs[lane]);
    const Filtered f = play(voices, 96000, 65536);
    for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) {
        CAPTURE(cutoffs[lane]);
        // A band-pass turns no phase at its cutoff, and 2 Q radians a neper beside it.
        const double warped = 2 * std::numbers::pi * cutoffs[lane] / 48000;
        const double nepers =
            std::arg(gain(f, lane, cutoffs[lane])) / 20 * std::sin(warped) / warped;
        CHECK(std::abs(nepers * 1200 / std::numbers::ln2) <= 0.005);
    }
}

TEST_CASE("voice filter: follows the pitch as far as it is told to", "[dsp]") {
    const float track = GENERATE(0.0f, 0.5f, 1.0f);
    const FilterType type = GENERATE(FilterType::low, FilterType::notch);
    std::array<VoiceControls, dsp::kLanes> told, by_hand;
    for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) {
        const double hz = 110 * std::exp2(0.5 * static_cast<double>(lane));
        told[lane] = by_hand[lane] = through(type, 800, 4, hz);
        told[lane].filter_track = track;
        by_hand[lane].cutoff_hz =
            static_cast<float>(800 * std::pow(hz / 440, static_cast<double>(track)));
    }
    const Filtered a = play(told, 9600, 16384), b = play(by_hand, 9600, 16384);
    for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) {
        const double hz = static_cast<double>(told[lane].hz);
        CHECK(std::abs(decibels(std::abs(gain(a, lane, hz) / gain(b, lane, hz)))) <= 0.01);
    }
}

TEST_CASE("voice filter: its envelope is the ADSR curve in octaves, from every strike on",
          "[dsp]") {
    VoiceControls voice = through(FilterType::low, 200, 0.70710678, 6000);
    voice.filter_env_semitones = 36;
    voice.filter_attack_s = 0.010f, voice.filter_decay_s = 0.1f, voice.filter_sustain = 0.5f;
    voice.release_s = 0.2f;
    VoiceRig rig;
    rig.bank.set(2, voice);
    rig.events[4800] = [](auto &bank) { bank.note_on(2, {}); };
    rig.events[4800 + 14400] = [](auto &bank) { bank.note_off(2); };
    const auto sound = rig.play(4800 + 28800);
    const Table curve = read_table("dsp/adsr-curve.csv");
    for (std::size_t row = 0; row < curve.rows.size(); ++row) {
        const double ms = curve.at(row, "ms");
        // Where the envelope is slow enough that the response of the moment is heard.
        if (ms < 15 || (ms > 298 && ms < 304) || ms > 450) continue;
        const double share = curve.at(row, "adsr_A10_D100_S0.5_R200_gate300");
        const double cutoff = 200 * std::exp2(3 * share);
        const double ratio =
            std::tan(std::numbers::pi * 6000 / 48000) / std::tan(std::numbers::pi * cutoff / 48000);
        const double want = -10 * std::log10(1 + std::pow(ratio, 4));
        // Eight frames are one turn of the tone.
        const std::size_t at = 4800 + static_cast<std::size_t>(ms * 48);
        double heard = 0;
        for (std::size_t i = at; i < at + 8; ++i) {
            const double y = static_cast<double>(sound.amplified[2][i]) /
                             static_cast<double>(sound.envelope[2][i]);
            heard += y * y / 4;
        }
        CAPTURE(ms, cutoff);
        CHECK(10 * std::log10(heard) == Approx(want).margin(0.25));
    }
}

TEST_CASE("voice filter: a minute of cutoffs at random stays bounded at any sharpness", "[dsp]") {
    const dsp::FlushToZero flush;
    std::array<VoiceControls, dsp::kLanes> voices;
    VoiceRig rig;
    for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) {
        voices[lane] = plain(Wave::white, 440);
        voices[lane].filter = static_cast<FilterType>(lane / 2);
        voices[lane].q = lane % 2 == 0 ? 0.5f : 10.0f;
        rig.bank.set(lane, voices[lane]);
        rig.bank.note_on(lane, {});
    }
    const Samples dice = uniform_noise(60 * 48000 / 3, 2);
    double worst = 0;
    for (std::size_t i = 0; i < dice.size(); ++i) { // a new cutoff every third frame
        for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) {
            voices[lane].cutoff_hz = 20.0f * dsp::exp2(4.98f * (dice[i] + 1.0f));
            rig.bank.set(lane, voices[lane]);
        }
        rig.bank.generate(3);
        for (std::uint32_t frame = 0; frame < 3; ++frame)
            for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) {
                const float y = rig.bank.filtered(lane, frame);
                if (!std::isfinite(y)) FAIL("lane " << lane << " is lost");
                worst = std::max(worst, std::abs(static_cast<double>(y)));
            }
    }
    CHECK(worst <= 3.2);
}
