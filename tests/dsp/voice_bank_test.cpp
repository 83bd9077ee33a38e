#include "dsp/rt.h"
#include "tests/dsp/voice_rig.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <optional>
#include <random>

namespace chronus::dsp {
/// Plants faults where only time would.
struct VoiceBankDoor {
    static std::size_t states(VoiceBank &bank) {
        std::size_t count = 0;
        VoiceBank::each(bank, [&](F8 &) { ++count; });
        return count;
    }
    static void poison(VoiceBank &bank, std::size_t state, std::size_t lane, float with) {
        std::size_t n = 0;
        VoiceBank::each(bank, [&](F8 &x) {
            if (n++ == state) x[lane] = with;
        });
    }
};
} // namespace chronus::dsp

using namespace chronus;
using namespace chronus::test;
using dsp::VoiceBank;
using dsp::VoiceControls;
using dsp::Wave;

namespace {

VoiceControls any_voice(std::mt19937 &dice) {
    const auto in = [&](double lo, double hi) {
        return static_cast<float>(std::uniform_real_distribution<double>(lo, hi)(dice));
    };
    VoiceControls c;
    c.wave = static_cast<Wave>(dice() % dsp::kWaves);
    c.filter = static_cast<dsp::FilterType>(dice() % 4);
    c.hz = 20 * std::exp2(in(0, 9.96)), c.cutoff_hz = 20 * std::exp2(in(0, 9.96));
    c.level = in(0, 1), c.pan = in(-1, 1), c.width = in(0.01, 0.99), c.q = in(0.5, 10);
    c.noise = dice() % 2 ? in(0, 1) : 0, c.drive = dice() % 2 ? in(0, 1) : 0;
    c.send_reverb = dice() % 2 ? in(0, 1) : 0, c.send_delay = dice() % 2 ? in(0, 1) : 0;
    c.attack_s = in(0, 0.02), c.decay_s = in(0, 0.1), c.sustain = in(0, 1),
    c.release_s = in(0, 0.1);
    c.pitch_env_semitones = in(-24, 48), c.pitch_env_decay_s = in(0, 0.1);
    c.slide_s = dice() % 2 ? in(0, 0.05) : 0;
    c.detune_semitones = in(0, 1), c.sides = in(0, 1), c.sync = 16 * in(0.0625, 1);
    c.sub = dice() % 2 ? in(0, 1) : 0, c.filter_track = dice() % 2 ? in(0, 1) : 0;
    c.filter_env_semitones = dice() % 2 ? in(-96, 96) : 0;
    c.filter_attack_s = in(0, 0.02), c.filter_decay_s = in(0, 0.1), c.filter_sustain = in(0, 1);
    return c;
}

/// A second of every kind of event at frames of every kind, the same for the same seed. Events of
/// a lane depend on the lane alone.
void riot(VoiceRig &rig, unsigned seed, std::uint32_t frames, unsigned lanes = 0xff) {
    std::map<std::uint32_t, std::vector<std::function<void(VoiceBank &)>>> all;
    for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) {
        std::mt19937 dice(seed + static_cast<unsigned>(lane));
        for (auto now = dice() % 100; now < frames; now += dice() % 1500) {
            const auto kind = dice() % 8;
            const VoiceControls voice = any_voice(dice);
            if ((lanes & dsp::lane_bit(lane)) == 0) continue;
            all[static_cast<std::uint32_t>(now)].push_back([=](VoiceBank &bank) {
                if (kind < 4) bank.set(lane, voice);
                if (kind == 1 || kind == 4) bank.note_on(lane, {0.8f, false});
                if (kind == 2 || kind == 5) bank.note_on(lane, {1.0f, true});
                if (kind == 6) bank.note_off(lane);
                if (kind == 7) bank.hush(lane);
            });
        }
    }
    for (auto &[frame, calls] : all)
        rig.events[frame] = [calls](VoiceBank &bank) {
            for (const auto &call : calls) call(bank);
        };
}

VoiceControls steady_sine() { return plain(Wave::sine, 440); }

} // namespace

TEST_CASE("voice bank: how a run is cut into calls changes no bit", "[dsp]") {
    const auto play = [](std::uint32_t call) {
        VoiceRig rig;
        rig.call = call;
        riot(rig, 77, 48000);
        return rig.play(48000);
    };
    const auto whole = play(32);
    for (const std::uint32_t call : {1u, 17u}) {
        const auto cut = play(call);
        CHECK(cut.left == whole.left);
        CHECK(cut.right == whole.right);
        CHECK(cut.reverb == whole.reverb);
        CHECK(cut.delay == whole.delay);
    }
    CHECK(rms(whole.left) > 0.01);
    CHECK(rms(whole.delay) > 0.01);
}

TEST_CASE("voice bank: a lane sounds the same whatever its neighbours do", "[dsp]") {
    VoiceRig together, alone;
    riot(together, 5, 48000);
    riot(alone, 5, 48000, dsp::lane_bit(3));
    CHECK(together.play(48000).amplified[3] == alone.play(48000).amplified[3]);
}

TEST_CASE("voice bank: stays finite and sane under any controls", "[dsp]") {
    VoiceRig rig;
    riot(rig, GENERATE(1u, 2u, 3u), 5 * 48000);
    const auto sound = rig.play(5 * 48000);
    CHECK(finite(sound.left));
    CHECK(peak(sound.left) < 100); // eight voices, q 10
    CHECK(rig.bank.heal() == 0);
}

TEST_CASE("voice bank: equal notes from rest are equal to the sample", "[dsp]") {
    VoiceRig rig;
    auto kick = plain(Wave::sine, 50);
    kick.sustain = 0, kick.decay_s = 0.05f, kick.pitch_env_semitones = 36, kick.cutoff_hz = 3000;
    rig.bank.set(2, kick);
    for (const std::uint32_t at : {100u, 12345u, 30011u})
        rig.events[at] = [](auto &bank) { bank.note_on(2, {}); };
    const auto x = rig.play(48000).amplified[2];
    const auto from = [&](std::uint32_t at) {
        return Samples(x.begin() + at, x.begin() + at + 9000);
    };
    CHECK(from(12345) == from(100));
    CHECK(from(30011) == from(100));
    CHECK(peak(from(100)) > 0.5);
}

TEST_CASE("voice bank: a slide follows the RC curve of 22 ms within 3 cents", "[dsp]") {
    VoiceRig rig;
    auto voice = plain(Wave::sine, 110);
    rig.bank.set(0, voice);
    rig.bank.note_on(0, {});
    voice.hz = 220;
    rig.events[4800] = [=](auto &bank) {
        bank.set(0, voice);
        bank.note_on(0, {1, true});
    };
    const auto x = rig.play(4800 + 9600).source[0];
    // The phase at frame n is the sum of all pitches before it: compare it with the summed curve.
    const Table curve = read_table("dsp/slide-curve.csv");
    double turns = 110.0 * 4800 / 48000;
    std::size_t frame = 0;
    for (std::size_t row = 0; row < curve.rows.size(); ++row) {
        const auto until = static_cast<std::size_t>(curve.at(row, "ms") * 48);
        for (; frame < until; ++frame)
            turns += 110 * std::exp2(1 - std::exp(-static_cast<double>(frame) / 1056)) / 48000;
        const double fraction = curve.at(row, "fraction_of_interval_tau22ms");
        CHECK(110 * std::exp2(fraction) ==
              Approx(110 * std::exp2(1 - std::exp(-static_cast<double>(frame) / 1056)))
                  .epsilon(1e-4));
        // 0.01 cents of 220 Hz for 22 ms are 3e-5 turns.
        CAPTURE(curve.at(row, "ms"));
        CHECK(static_cast<double>(x[4800 + frame]) ==
              Approx(std::sin(2 * M_PI * turns)).margin(1e-4));
    }
}

TEST_CASE("voice bank: a note without slide is on its pitch from the first frame", "[dsp]") {
    const bool set_first = GENERATE(true, false);
    VoiceRig rig;
    auto voice = plain(Wave::sine, 200);
    rig.bank.set(0, voice);
    rig.bank.note_on(0, {});
    voice.hz = 3000;
    rig.events[4800] = [=](auto &bank) {
        if (set_first) bank.set(0, voice);
        bank.note_on(0, {});
        if (!set_first) bank.set(0, voice);
    };
    const auto x = rig.play(9600).source[0];
    for (std::size_t i = 0; i < 480; ++i) {
        // 4800 frames of 200 Hz are 20 whole turns: the retrigger keeps phase 0.
        const double turns = 3000.0 * static_cast<double>(i) / 48000;
        REQUIRE(static_cast<double>(x[4800 + i]) ==
                Approx(std::sin(2 * M_PI * turns)).margin(1e-3));
    }
}

TEST_CASE("voice bank: the pitch envelope falls to 1 % in its time", "[dsp]") {
    VoiceRig rig;
    auto voice = plain(Wave::sine, 100);
    voice.pitch_env_semitones = 36, voice.pitch_env_decay_s = 0.05f;
    rig.bank.set(0, voice);
    rig.bank.note_on(0, {});
    const auto x = rig.play(4800).source[0];
    double turns = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        REQUIRE(static_cast<double>(x[i]) == Approx(std::sin(2 * M_PI * turns)).margin(0.01));
        turns +=
            100 * std::exp2(3 * std::exp(-std::log(100.0) * static_cast<double>(i) / 2400)) / 48000;
    }
}

TEST_CASE("voice bank: pan keeps power, -3 dB a side in the middle", "[dsp]") {
    const float pan = GENERATE(-1.0f, -0.5f, 0.0f, 0.3f, 1.0f);
    VoiceRig rig;
    auto voice = steady_sine();
    voice.pan = pan;
    rig.bank.set(4, voice);
    rig.bank.note_on(4, {});
    const auto sound = rig.play(48000);
    const double l = rms(sound.left), r = rms(sound.right);
    CHECK(l * l + r * r == Approx(0.5).epsilon(0.01));
    CHECK(
        r ==
        Approx(std::sqrt(0.5) * std::sin((static_cast<double>(pan) + 1) * M_PI / 4)).margin(0.005));
}

TEST_CASE("voice bank: sends carry the panned voice by their share", "[dsp]") {
    VoiceRig rig;
    auto voice = steady_sine();
    voice.send_reverb = 0.5f, voice.send_delay = 0.25f, voice.pan = -0.4f;
    rig.bank.set(1, voice);
    rig.bank.note_on(1, {});
    const auto sound = rig.play(4800);
    for (std::size_t i = 0; i < sound.left.size(); ++i) {
        REQUIRE(sound.reverb[i] == 0.5f * sound.left[i]);
        REQUIRE(sound.delay[i] == 0.25f * sound.left[i]);
    }
}

TEST_CASE("voice bank: a moving control never makes a click", "[dsp]") {
    // The rule: no step beyond twice the tone's own steepest plus 0.01.
    const auto sweep = GENERATE(0, 1, 2, 3, 4, 5, 6, 7, 8);
    VoiceRig rig;
    VoiceControls low = steady_sine(), high = low;
    switch (sweep) {
    case 0:
        low.level = 0.2f;
        break;
    case 1:
        low.pan = -1, high.pan = 1;
        break;
    case 2:
        low.cutoff_hz = 900;
        break;
    case 3:
        low.q = 0.5f, high.q = 10, low.cutoff_hz = high.cutoff_hz = 1000;
        break;
    case 4:
        high.drive = 1;
        break;
    case 5:
        low.wave = Wave::triangle;
        break;
    case 6:
        low.filter = dsp::FilterType::notch;
        break;
    case 7:
        low.cutoff_hz = high.cutoff_hz = 300, high.filter_env_semitones = 48;
        low.filter_sustain = high.filter_sustain = 1;
        break;
    case 8:
        low.hz = high.hz = 1000, low.cutoff_hz = high.cutoff_hz = 500, high.filter_track = 1;
        break;
    }
    rig.bank.set(0, low);
    rig.bank.note_on(0, {});
    for (std::uint32_t at = 4800; at < 48000; at += 4800)
        rig.events[at + at % 7] = [=](auto &bank) { bank.set(0, at / 4800 % 2 ? high : low); };
    const auto sound = rig.play(48000);
    const auto still = [&](const VoiceControls &voice) {
        VoiceRig other;
        other.bank.set(0, voice);
        other.bank.note_on(0, {});
        const auto x = other.play(9600);
        return std::max(steepest(Signal(x.left).last(4800)), steepest(Signal(x.right).last(4800)));
    };
    CAPTURE(sweep);
    const double allowed = 2 * std::max(still(low), still(high)) + 0.01;
    CHECK(steepest(Signal(sound.left).subspan(2400)) <= allowed);
    CHECK(steepest(Signal(sound.right).subspan(2400)) <= allowed);
}

TEST_CASE("voice bank: a note that takes a sounding voice over makes no click", "[dsp]") {
    // The rule: no step beyond twice the steeper tone's own plus 0.01.
    const auto at = GENERATE(4800u, 4831u, 5003u, 9600u);
    VoiceRig rig;
    auto first = plain(Wave::sine, 110), second = plain(Wave::triangle, 329.6f);
    for (auto *voice : {&first, &second})
        voice->attack_s = 0.001f, voice->decay_s = 0.1f, voice->sustain = 0.5f;
    second.cutoff_hz = 700, second.q = 3, second.pan = 0.8f, second.drive = 0.3f;
    rig.bank.set(0, first);
    rig.bank.note_on(0, {});
    rig.events[at] = [=](auto &bank) {
        bank.set(0, second);
        bank.note_on(0, {0.6f, false});
    };
    const auto sound = rig.play(at + 9600);
    VoiceRig alone;
    alone.bank.set(0, second);
    alone.bank.note_on(0, {0.6f, false});
    const auto x = alone.play(9600);
    const auto tone =
        std::max({steepest(x.left), steepest(x.right), steepest(Signal(sound.left).first(at)),
                  steepest(Signal(sound.right).first(at))});
    CHECK(steepest(sound.left) <= 2 * tone + 0.01);
    CHECK(steepest(sound.right) <= 2 * tone + 0.01);
}

TEST_CASE("voice bank: hush silences within 5 ms and leaves it idle", "[dsp]") {
    VoiceRig rig;
    for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) {
        rig.bank.set(lane, steady_sine());
        rig.bank.note_on(lane, {});
    }
    rig.events[4800] = [](auto &bank) {
        for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) bank.hush(lane);
    };
    const auto sound = rig.play(4800 + 300);
    CHECK(peak(Signal(sound.left).subspan(4800 + 241)) == 0.0);
    CHECK(rig.bank.idle());
    CHECK(rig.bank.peak(0) == 0.0f);
}

TEST_CASE("voice bank: idle when made, not while a note sounds, idle again when it is over",
          "[dsp]") {
    VoiceRig rig;
    CHECK(rig.bank.idle());
    rig.bank.set(0, plain(Wave::saw, 110));
    rig.bank.note_on(0, {});
    CHECK_FALSE(rig.bank.idle());
    rig.play(480);
    CHECK_FALSE(rig.bank.idle());
    rig.bank.note_off(0);
    rig.play(4800);
    CHECK(rig.bank.idle());
}

TEST_CASE("voice bank: whatever goes bad in a voice, it alone is put to rest, and sounds again",
          "[dsp]") {
    const float fault = GENERATE(std::numeric_limits<float>::quiet_NaN(),
                                 std::numeric_limits<float>::infinity(), -1e38f, 1e-40f);
    const auto play = [&](std::optional<std::size_t> state) {
        const dsp::FlushToZero flush;
        VoiceRig rig;
        riot(rig, 11, 3200, 0xff & ~dsp::lane_bit(5));
        auto voice = plain(Wave::pink, 440); // with all that a voice can have
        voice.drive = 0.5f, voice.sub = 0.5f, voice.filter_track = voice.filter_sustain = 1;
        voice.filter_env_semitones = 12;
        rig.bank.set(5, voice);
        rig.bank.note_on(5, {});
        rig.events[800] = [=, inner = rig.events[800]](VoiceBank &bank) {
            if (inner) inner(bank);
            if (state) dsp::VoiceBankDoor::poison(bank, *state, 5, fault);
        };
        rig.events[832] = [=, inner = rig.events[832]](VoiceBank &bank) {
            if (inner) inner(bank);
            if (!state) return;
            CHECK((bank.heal() & ~dsp::lane_bit(5)) == 0); // some faults pass by themselves
            CHECK(bank.heal() == 0);
        };
        rig.events[1600] = [](VoiceBank &bank) { bank.note_on(5, {}); };
        return rig.play(3200).amplified;
    };
    const auto well = play({});
    VoiceBank any(kFs, 1);
    for (std::size_t state = 0; state < dsp::VoiceBankDoor::states(any); ++state) {
        CAPTURE(state, fault);
        const auto ill = play(state);
        for (std::size_t lane = 0; lane < dsp::kLanes; ++lane)
            if (lane != 5) REQUIRE(ill[lane] == well[lane]);
        REQUIRE(finite(Signal(ill[5]).subspan(832)));
        REQUIRE(peak(Signal(ill[5]).subspan(832)) < 4);
        if (std::abs(fault) < 1) continue; // a state may well be as small
        REQUIRE(rms(Signal(ill[5]).last(800)) ==
                Approx(rms(Signal(well[5]).last(800))).epsilon(0.5));
    }
}
