#include "dsp/envelope.h"
#include "tests/dsp/voice_rig.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace chronus;
using namespace chronus::test;
using namespace chronus::literals;

namespace {

constexpr dsp::Adsr kCurve{10.0_ms, 100.0_ms, 0.5f, 200.0_ms};

/// One lane of an envelope, asked for `frames` more.
struct Lane {
    dsp::Envelope envelope{kFs};
    Samples values{};

    void run(std::size_t frames) {
        dsp::F8 out[kTick];
        for (; frames > 0;) {
            const auto n = static_cast<std::uint32_t>(std::min<std::size_t>(frames, kTick));
            envelope.generate(out, n);
            for (std::uint32_t i = 0; i < n; ++i) values.push_back(out[i][3]);
            frames -= n;
        }
    }
};

} // namespace

TEST_CASE("envelope: follows the exponential ADSR curve within 0.05 per cent", "[dsp]") {
    const float peak = GENERATE(1.0f, 0.4f);
    Lane lane;
    lane.envelope.shape(3, kCurve);
    lane.envelope.strike(3, peak);
    lane.run(14400); // gate of 300 ms
    lane.envelope.release(3);
    lane.run(14400);
    const Table curve = read_table("dsp/adsr-curve.csv");
    for (std::size_t row = 1; row < curve.rows.size(); ++row) {
        const double ms = curve.at(row, "ms");
        const auto frame = static_cast<std::size_t>(ms * 48) - 1; // a value stands at a frame's end
        if (frame >= lane.values.size()) continue;
        CAPTURE(ms);
        const double want = curve.at(row, "adsr_A10_D100_S0.5_R200_gate300");
        CHECK(static_cast<double>(lane.values[frame] / peak) == Approx(want).margin(0.0005));
    }
}

TEST_CASE("envelope: a voice's follows the curve, from the very frame of its strike", "[dsp]") {
    VoiceRig rig;
    rig.call = GENERATE(1u, 7u, 16u, 32u);
    const std::uint32_t at = GENERATE(0u, 1u, 31u, 100u, 4801u);
    auto voice = plain(dsp::Wave::saw, 110);
    voice.attack_s = 0.01f, voice.decay_s = 0.1f, voice.sustain = 0.5f, voice.release_s = 0.2f;
    rig.bank.set(5, voice);
    rig.events[at] = [](auto &bank) { bank.note_on(5, {}); };
    rig.events[at + 14400] = [](auto &bank) { bank.note_off(5); };
    const Samples heard = rig.play(at + 28800).envelope[5];
    CHECK(peak(Signal(heard).first(at)) == 0.0);
    CHECK(heard[at] > 0.0f);
    const Table curve = read_table("dsp/adsr-curve.csv");
    for (std::size_t row = 1; row < curve.rows.size(); ++row) {
        const auto frame = static_cast<std::size_t>(curve.at(row, "ms") * 48) - 1;
        if (frame >= 28800) continue;
        CAPTURE(frame);
        CHECK(static_cast<double>(heard[at + frame]) ==
              Approx(curve.at(row, "adsr_A10_D100_S0.5_R200_gate300")).margin(0.0005));
    }
}

TEST_CASE("envelope: ten-second segments keep their time within 1 %", "[dsp]") {
    Lane lane;
    lane.envelope.shape(3, {10.0_s, 10.0_s, 0.5f, 10.0_s});
    lane.envelope.strike(3, 1.0f);
    lane.run(600000);
    const auto crest = std::max_element(lane.values.begin(), lane.values.end());
    CHECK(*crest == 1.0f);
    CHECK(static_cast<double>(crest - lane.values.begin()) == Approx(480000).epsilon(0.01));
}

TEST_CASE("envelope: sounds on the frame of its strike and is silent before", "[dsp]") {
    Lane lane;
    lane.envelope.shape(3, kCurve);
    lane.run(17);
    lane.envelope.strike(3, 1.0f);
    lane.run(3);
    CHECK(peak(Signal(lane.values).first(17)) == 0.0);
    CHECK(lane.values[17] > 0.0f);
}

TEST_CASE("envelope: comes to rest at zero within twice the release", "[dsp]") {
    Lane lane;
    lane.envelope.shape(3, kCurve);
    lane.envelope.strike(3, 1.0f);
    lane.run(4800);
    CHECK_FALSE(lane.envelope.resting(3));
    lane.envelope.release(3);
    lane.run(2 * 9600 + 10);
    CHECK(lane.envelope.resting(3));
    CHECK(lane.values.back() == 0.0f);
}

TEST_CASE("envelope: a plucked note rests although its key is still down", "[dsp]") {
    Lane lane;
    lane.envelope.shape(3, {0.0_s, 50.0_ms, 0.0f, 1.0_s});
    lane.envelope.strike(3, 1.0f);
    lane.run(4810);
    CHECK(lane.values.front() == 1.0f);
    CHECK(lane.envelope.resting(3));
}

TEST_CASE("envelope: a softer note over a loud one decays to it without a step", "[dsp]") {
    Lane lane;
    lane.envelope.shape(3, kCurve);
    lane.envelope.strike(3, 1.0f);
    lane.run(480);
    lane.envelope.strike(3, 0.2f);
    lane.run(9600);
    // The steepest honest change: the attack's first frame.
    CHECK(steepest(lane.values) <= 1.3 * 1.4663 / 480 + 1e-4);
    CHECK(std::is_sorted(lane.values.begin() + 480, lane.values.end(), std::greater<>()));
    CHECK(lane.values.back() == Approx(0.1).margin(0.001));
}

TEST_CASE("envelope: hush falls straight to rest within its time", "[dsp]") {
    Lane lane;
    lane.envelope.shape(3, kCurve);
    lane.envelope.strike(3, 1.0f);
    lane.run(4800);
    const double start = static_cast<double>(lane.values.back());
    lane.envelope.hush(3, 5.0_ms);
    lane.run(242);
    CHECK(lane.envelope.resting(3));
    for (std::size_t i = 0; i < 240; ++i)
        CHECK(static_cast<double>(lane.values[4800 + i]) ==
              Approx(start * (1.0 - static_cast<double>(i + 1) / 240)).margin(0.02 * start));
}

TEST_CASE("envelope: a retrigger at a zero crossing clicks no louder than -87 dB above 2 kHz",
          "[dsp]") {
    VoiceRig rig;
    auto voice = plain(dsp::Wave::sine, 55);
    voice.attack_s = 0.001f, voice.decay_s = 0.1f, voice.sustain = 0.7f, voice.release_s = 0.2f;
    rig.bank.set(0, voice);
    rig.bank.note_on(0, {});
    // 67200 frames are 77 whole turns: on a zero of the tone only the envelope's own corners count.
    rig.events[67200] = [](auto &bank) { bank.note_on(0, {}); };
    const auto sound = rig.play(131072 + 4800);
    // From 0.1 s on, so without the first onset, which comes out of silence.
    const Spectrum spectrum(Signal(sound.amplified[0]).subspan(4800), kFs);
    CHECK(decibels(spectrum.band_rms(2000, 20000) / spectrum.band_rms(20, 2000)) <= -87);
}
