#include "tests/dsp/voice_rig.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <random>

using namespace chronus;
using namespace chronus::test;
using dsp::Bursts;
using dsp::VoiceBank;

namespace {

constexpr std::size_t kApart = 528; // 11 ms
constexpr std::uint32_t kHit = 4800;

/// The gain that strikes put on a voice of full sustain.
Samples gain_of(float strikes) {
    VoiceRig rig;
    auto voice = plain(dsp::Wave::saw, 110);
    voice.attack_s = 0;
    voice.strikes = strikes;
    rig.bank.set(0, voice);
    rig.events[kHit] = [](VoiceBank &bank) { bank.note_on(0, {}); };
    const Samples envelope = rig.play(kHit + 9600).envelope[0];
    return {envelope.begin() + kHit, envelope.end()};
}

} // namespace

TEST_CASE("bursts: a note strikes as often as asked, 11 ms apart, and then holds", "[dsp]") {
    const std::size_t strikes = GENERATE(1, 2, 4, 8);
    const Samples gain = gain_of(static_cast<float>(strikes));
    for (std::size_t n = 0; n + 1 < strikes; ++n) {
        CAPTURE(strikes, n);
        CHECK(gain[n * kApart + (n == 0 ? 1 : 90)] > 0.9f);             // up within 2 ms
        CHECK(gain[(n + 1) * kApart - 1] == Approx(0.05).margin(0.04)); // and 26 dB down
    }
    for (std::size_t i = (strikes - 1) * kApart + 97; i < gain.size(); ++i) REQUIRE(gain[i] == 1);
}

TEST_CASE("bursts: notes that come while hands still clap make no step", "[dsp]") {
    VoiceRig rig;
    auto voice = plain(dsp::Wave::saw, 110);
    voice.attack_s = 0.001f;
    std::mt19937 dice(3);
    for (std::uint32_t at = 0; at < 96000; at += static_cast<std::uint32_t>(1 + dice() % 900)) {
        voice.strikes = static_cast<float>(1 + dice() % 8);
        rig.events[at] = [voice](VoiceBank &bank) {
            bank.set(0, voice);
            bank.note_on(0, {});
        };
    }
    const Samples envelope = rig.play(96000).envelope[0];
    // A rise goes a fifteenth of its way in the first frame, the attack of 1 ms little more than
    // 1/32.
    CHECK(steepest(envelope) < 1.0 / 15 + 1.0 / 30);
    CHECK(*std::ranges::max_element(envelope) <= 1);
}
