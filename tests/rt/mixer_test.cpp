#include "engine/rt/mixer.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace chronus::dsp {
/// Plants faults where only time would.
struct VoiceBankDoor {
    static void break_level(VoiceBank &bank, std::size_t lane, float with) {
        bank.gains_.aim(lane, {with, with, with, with, with});
        bank.gains_.snap(lane);
    }
    static void break_pitch(VoiceBank &bank, std::size_t lane, float with) {
        bank.pitch_.displace(lane, with);
    }
    static void break_envelope(VoiceBank &bank, std::size_t lane, float with) {
        bank.envelope_state_.strike(lane, with);
    }
};
} // namespace chronus::dsp

namespace chronus::rt {
struct MixerDoor {
    static dsp::VoiceBank &bank(Mixer &mixer, std::size_t n) { return mixer.banks_[n]; }
    /// Sends one bad frame through a unit, past the guards that keep such a thing from it.
    static void poison(Mixer &mixer, Unit8 unit, float with) {
        std::array<float, kTick> left{}, right{}, into{};
        left[30] = right[30] = with; // late enough that a delay brings it out after the call
        const StereoBlock bad{left, right};
        if (unit == Unit8::acid) mixer.acid_.process(left, into);
        if (unit == Unit8::distortion) mixer.distortion_.process(bad);
        if (unit == Unit8::master) {
            mixer.dc_block_.process(bad);
            mixer.limiter_.process(bad);
            mixer.returns_[1].block()[-4] = with;
        }
    }
    /// Spoils one of the numbers it keeps besides its units.
    static void poison_own(Mixer &mixer, std::size_t where, float with) {
        if (where == 0) mixer.level_.jump(with);
        if (where == 1) mixer.acid_mix_.jump(with);
        if (where == 2) mixer.mutes_.gains_[3] = with;
        if (where == 3) mixer.peaks_[3] = with;
        if (where == 4) mixer.metering_.peaks_[0] = with;
    }
    static float shown(const Mixer &mixer) {
        return mixer.peaks_[3] + mixer.metering_.peaks_[0] + mixer.mutes_.gains_[3];
    }
};
} // namespace chronus::rt

using namespace chronus;
using rt::Controls;
using rt::Mixer;
using rt::MixerDoor;
using rt::Unit8;

namespace {

constexpr SampleRate kFs{48000};
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr std::size_t kTicks10ms = 15;

ParamValues wet() {
    ParamValues p;
    for (int v = 1; v <= 8; ++v) {
        const std::string voice = "voice" + std::to_string(v) + "/";
        p.set(*find_param(voice + "send/reverb"), 0.4f);
        p.set(*find_param(voice + "send/delay"), 0.4f);
        p.set(*find_param(voice + "osc/type"), 1);
    }
    p.set(param("dist1/mix"), 0.5f);
    p.set(param("delay1/time"), 0.01f);
    return p;
}

/// A mixer and its controls, a tick at a time.
struct Desk {
    explicit Desk(const ParamValues &params = {}, std::uint16_t voices = 8)
        : memory(Mixer::memory_needed(kFs)), controls(kFs, params), mixer(kFs, voices, 1, memory) {
        mixer.update(controls);
    }

    /// What came out in this tick.
    std::vector<float> tick() {
        const dsp::FlushToZero flush;
        std::vector<float> out(2 * kTick);
        controls.tick({});
        mixer.update(controls);
        mixer.render_voices(0, kTick);
        mixer.render_master({std::span{out}.first(kTick), std::span{out}.last(kTick)});
        healed = mixer.heal(controls);
        return out;
    }
    /// Loudest sample of the next ticks; NaN when there is one.
    float peak(std::size_t ticks) {
        float most = 0;
        for (; ticks > 0; --ticks)
            for (const float x : tick()) most = std::abs(x) <= most ? most : std::abs(x);
        return most;
    }
    /// A voice before pan and sends, as of the last tick.
    std::vector<float> stem(std::size_t voice) {
        dsp::VoiceBank &bank = MixerDoor::bank(mixer, voice / dsp::kLanes);
        std::vector<float> out;
        for (std::uint32_t i = 0; i < kTick; ++i)
            out.push_back(bank.filtered(voice % dsp::kLanes, i) *
                          bank.envelope(voice % dsp::kLanes, i));
        return out;
    }

    /// Spoils what a unit remembers.
    void poison(Unit8 unit, float with) {
        const auto delay =
            memory.end() - static_cast<std::ptrdiff_t>(dsp::Delay::memory_needed(kFs));
        const auto spoil = [&](auto begin, auto end) {
            std::replace_if(
                begin, end, [](float x) { return x != 0; }, with);
        };
        if (unit == Unit8::reverb) return spoil(memory.begin(), delay);
        if (unit == Unit8::delay) return spoil(delay, memory.end());
        MixerDoor::poison(mixer, unit, with);
    }

    std::vector<float> memory;
    Controls controls;
    Mixer mixer;
    Mixer::Bad healed;
};

constexpr std::array kFaults{kNan, kInf, -kInf, 1e38f, -1e38f, 1e-40f};

} // namespace

TEST_CASE("mixer: a voice whose state is lost is put to rest; all others play on, bit for bit") {
    using Door = dsp::VoiceBankDoor;
    for (const auto breaker : {Door::break_level, Door::break_pitch, Door::break_envelope})
        for (const float fault : kFaults) {
            INFO("fault " << fault);
            Desk ill(wet(), 16), well(wet(), 16);
            for (Desk *desk : {&ill, &well})
                for (std::uint8_t v = 0; v < 16; ++v) desk->mixer.gate_on(desk->controls, v);
            ill.peak(20), well.peak(20);
            breaker(MixerDoor::bank(ill.mixer, 0), 5, fault);
            float back = 0;
            for (std::size_t tick = 0; tick < 100; ++tick) {
                const float peak = ill.peak(1);
                REQUIRE(peak <= 1);
                if (tick >= kTicks10ms) back = std::max(back, peak);
                well.tick();
                for (std::size_t v = 0; v < 16; ++v)
                    if (v != 5) REQUIRE(ill.stem(v) == well.stem(v));
            }
            CHECK(back > 0.05f);
            ill.mixer.gate_on(ill.controls, 5);
            ill.peak(10);
            float sounds = 0;
            for (const float x : ill.stem(5)) sounds = std::max(sounds, std::abs(x));
            CHECK(sounds > 0.01f);
        }
}

TEST_CASE("mixer: an effect whose state is lost is told of, and sounds again within 10 ms") {
    for (const Unit8 unit :
         {Unit8::acid, Unit8::distortion, Unit8::reverb, Unit8::delay, Unit8::master})
        for (const float fault : {kNan, kInf, -kInf, 1e38f}) {
            INFO("unit " << static_cast<int>(unit) << ", fault " << fault);
            Desk desk(wet());
            for (std::uint8_t v = 0; v < 8; ++v) desk.mixer.gate_on(desk.controls, v);
            desk.peak(60);
            desk.poison(unit, fault);
            unsigned told = 0;
            for (std::size_t tick = 0; tick < kTicks10ms; ++tick) {
                REQUIRE(desk.peak(1) <= 1);
                CHECK(desk.healed.voices == 0);
                told |= desk.healed.units;
            }
            CHECK(told != 0); // mostly as the unit; a fault that has passed by itself as the master
            for (std::size_t tick = 0; tick < 300; ++tick) {
                REQUIRE(desk.peak(1) <= 1);
                CHECK(desk.healed.units == 0);
            }
            CHECK(desk.peak(30) > 0.05f);
        }
}

TEST_CASE("mixer: no number of its own stays bad for more than 10 ms") {
    const std::size_t where = GENERATE(range(std::size_t{0}, std::size_t{5}));
    const float fault = GENERATE(as<float>{}, kNan, kInf, -kInf, 1e38f, -1e38f);
    CAPTURE(where, fault);
    Desk ill(wet()), well(wet());
    for (Desk *desk : {&ill, &well}) {
        for (std::uint8_t v = 0; v < 8; ++v) desk->mixer.gate_on(desk->controls, v);
        desk->peak(60);
    }
    MixerDoor::poison_own(ill.mixer, where, fault);
    for (std::size_t tick = 0; tick < kTicks10ms; ++tick) {
        REQUIRE(ill.peak(1) <= 1);
        well.tick();
    }
    CHECK(MixerDoor::shown(ill.mixer) < 4);
    for (std::size_t tick = 0; tick < 1500; ++tick) ill.tick(), well.tick(); // tails even out
    const float a = ill.peak(300), b = well.peak(300);
    CHECK(a == Approx(b).epsilon(0.05));
}

TEST_CASE("mixer: faults while nothing sounds are healed before they are heard") {
    Desk desk(wet());
    desk.peak(20 * 1500);
    for (const Unit8 unit : {Unit8::acid, Unit8::distortion, Unit8::reverb, Unit8::delay})
        desk.poison(unit, kNan);
    dsp::VoiceBankDoor::break_pitch(MixerDoor::bank(desk.mixer, 0), 2, kNan);
    CHECK(desk.peak(kTicks10ms) == 0);
    desk.mixer.gate_on(desk.controls, 2);
    CHECK(desk.peak(300) > 0.05f);
}

TEST_CASE("mixer: two minutes of rest leave it as fresh as it was") {
    Desk rested(wet()), fresh(wet());
    CHECK(rested.peak(2 * 60 * 1500) == 0);
    for (Desk *desk : {&rested, &fresh}) desk->mixer.gate_on(desk->controls, 0);
    for (int n = 0; n < 100; ++n) rested.tick(), fresh.tick();
    CHECK(rested.stem(0) == fresh.stem(0));
}

TEST_CASE("mixer: the delay's time is the length of a note at the tempo, at most 2 s") {
    struct Case {
        float sync, bpm;
        int frames;
    };
    const auto [sync, bpm, frames] = GENERATE(Case{6, 120, 12000}, // 1/8
                                              Case{8, 100, 21600}, // 1/8d
                                              Case{4, 150, 6400},  // 1/8t
                                              Case{9, 60, 48000},  // 1/4
                                              Case{12, 20, 72000}, // 12 s, three times halved
                                              Case{0, 120, 4800}); // free
    ParamValues p;
    p.set(param("voice1/osc/type"), 3); // white noise: it is like itself at no other time
    p.set(param("voice1/adsr/decay"), 0.02f);
    p.set(param("voice1/adsr/sustain"), 0);
    p.set(param("voice1/send/delay"), 1);
    p.set(param("voice1/filter/freq"), 20000);
    p.set(param("delay1/mix"), 1);
    p.set(param("delay1/lowcut"), 20);
    p.set(param("delay1/highcut"), 20000);
    p.set(param("delay1/time"), 0.1f);
    p.set(param("delay1/feedback"), 0);
    p.set(param("delay1/sync"), sync);
    Desk desk(p);
    desk.controls.jump(param("seq/bpm"), bpm); // the tempo alone moves it
    desk.tick();
    desk.mixer.gate_on(desk.controls, 0);
    std::vector<float> out;
    for (int n = 0; n < frames / 32 + 100; ++n) {
        const auto tick = desk.tick();
        out.insert(out.end(), tick.begin(), tick.begin() + kTick);
    }
    const auto alike = [&](int lag) {
        double sum = 0, own = 0;
        for (std::size_t i = 0; i < 2400; ++i) {
            const double x = static_cast<double>(out[i]);
            sum += x * static_cast<double>(out[i + static_cast<std::size_t>(lag)]);
            own += x * x;
        }
        return sum / own;
    };
    CHECK(alike(frames) > 0.5);
    CHECK(alike(frames) > 2 * std::abs(alike(frames - 2)));
    CHECK(alike(frames) > 2 * std::abs(alike(frames + 2)));
}
