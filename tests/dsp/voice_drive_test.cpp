#include "tests/dsp/voice_rig.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace chronus;
using namespace chronus::test;
using dsp::VoiceControls;
using dsp::Wave;

namespace {

/// A voice's sine of full scale.
Samples driven(double hz, float drive, std::uint32_t frames = 131072) {
    VoiceRig rig;
    VoiceControls voice = plain(Wave::sine, static_cast<float>(hz));
    voice.drive = drive;
    rig.bank.set(0, voice);
    rig.bank.note_on(0, {});
    return rig.play(frames).amplified[0];
}

/// The knob that puts the top of a full sine so far up the curve.
float knob_for(double decibels) {
    return static_cast<float>(std::sqrt((std::pow(10, decibels / 20) - 0.02) / 19.98));
}

} // namespace

TEST_CASE("voice drive: a full sine aliases 70 dB down when driven by 12 dB, low ones 108",
          "[dsp]") {
    struct Driven {
        int bin; // 992, 2114 and 4991 Hz
        double gain_db, most;
    };
    const auto d = GENERATE(Driven{1355, 12, -108}, Driven{2887, 12, -108}, Driven{6815, 12, -70},
                            Driven{1355, 24, -67}, Driven{2887, 24, -58}, Driven{6815, 24, -47});
    const double hz = d.bin * 48000.0 / 65536;
    const Spectrum spectrum(driven(hz, knob_for(d.gain_db)), kFs);
    CAPTURE(hz, d.gain_db);
    CHECK(decibels(spectrum.largest_alias(hz, 20, 20000) / spectrum.line(hz)) <= d.most);
}

TEST_CASE("voice drive: it keeps the level of a sine within 1 dB while it bends it", "[dsp]") {
    double third = -200;
    for (const float drive : {0.0f, 0.05f, 0.1f, 0.3f, 0.6f, 1.0f}) {
        const auto spectrum = Spectrum{driven(187.5, drive, 32768), kFs};
        CAPTURE(drive);
        CHECK(decibels(spectrum.band_rms(20, 20000)) == Approx(-3.01).margin(1.0));
        const double now = decibels(spectrum.line(3 * 187.5));
        CHECK(now > third);
        third = now;
    }
    CHECK(third > -13); // a square's third harmonic is 9.5 dB down
    CHECK(decibels(Spectrum(driven(187.5, 0, 32768), kFs).line(3 * 187.5)) < -110);
}

TEST_CASE("voice drive: what it hardly bends comes 11 1/4 frames later, as it was", "[dsp]") {
    const Samples plain = driven(375, 0, 4800), bent = driven(375, 0.02f, 4800); // hardly bent
    constexpr std::size_t kLate = dsp::VoiceDrive::kLatency;
    for (std::size_t i = 1000; i < 4800; ++i)
        REQUIRE(static_cast<double>(bent[i]) ==
                Approx(static_cast<double>(plain[i - kLate])).margin(0.013));
}
