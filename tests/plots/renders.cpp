#include "dsp/acid.h"
#include "dsp/limiter.h"
#include "dsp/reverb.h"
#include "dsp/rt.h"
#include "dsp/voice_bank.h"
#include "engine/model/presets.h"
#include "tests/support/rig.h"
#include "tests/support/scenes.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// Sounds for scripts/plots, as raw 32-bit floats at 48 kHz: what the engine plays, and what its
/// reverb and limiter make of an impulse and of kicks.
using namespace chronus;

namespace {

using Samples = std::vector<float>;
using Sets = std::initializer_list<std::pair<const char *, float>>;

constexpr SampleRate kRate{48000};
constexpr std::size_t kSettled = 48000, kSeen = 131072;
constexpr float kLow = 28 * 48000.0f / 65536.0f; // 20.5 Hz

void write(const std::filesystem::path &file, const Samples &x) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    for (const float v : x) out.write(reinterpret_cast<const char *>(&v), sizeof v);
    out.close();
    if (!out) throw std::runtime_error(fmt::format("{}: cannot be written", file.string()));
}

Scene scene_with(Sets sets) {
    Scene scene;
    const auto set = [&](const char *path, float value) {
        scene.params.set(*find_param(path), value);
    };
    set("acid1/source", 0);
    set("voice1/adsr/sustain", 1);
    set("voice1/adsr/decay", 0);
    set("voice1/filter/freq", 20000);
    set("voice1/filter/q", 0.70710678f);
    for (const auto &[path, value] : sets) set(path, value);
    return scene;
}

/// A note of voice 1, held, once it has settled.
Samples held(Sets sets) {
    test::Rig rig(scene_with(sets));
    if (!rig.session.gate(1, true)) throw std::runtime_error("no gate");
    rig.render(kSettled);
    return rig.render(kSeen).left;
}

void oscillators(const std::filesystem::path &folder) {
    const std::pair<const char *, float> waves[]{{"saw", 1}, {"square", 2}, {"triangle", 6}};
    for (const auto &[name, type] : waves)
        for (const int k : {153, 1355, 2887, 6815}) // far from whole parts of the sample rate
            write(folder / fmt::format("{}_{}.f32", name, k),
                  held({{"voice1/osc/type", type},
                        {"voice1/freq", static_cast<float>(k) * 48000.0f / 65536.0f}}));
}

/// A saw at 20.5 Hz has a line every 20.5 Hz to weigh a filter by.
void filters(const std::filesystem::path &folder) {
    write(folder / "open.f32", held({{"voice1/osc/type", 1}, {"voice1/freq", kLow}}));
    const char *const names[]{"low", "band", "high", "notch"};
    for (int type = 0; type < 4; ++type)
        for (const float q : {0.5f, 2.0f, 10.0f})
            write(folder / fmt::format("{}_{}.f32", names[type], q),
                  held({{"voice1/osc/type", 1},
                        {"voice1/freq", kLow},
                        {"voice1/filter/type", static_cast<float>(type)},
                        {"voice1/filter/freq", 1000},
                        {"voice1/filter/q", q}}));
}

/// A voice's saw through its acid, everything off but cutoff and resonance, once it has settled.
Samples through_acid(float cutoff, float loop_gain, float level) {
    dsp::VoiceBank voice{kRate, 1};
    dsp::VoiceControls saw;
    saw.wave = dsp::Wave::saw;
    saw.hz = kLow;
    voice.set(0, saw);
    voice.note_on(0, {});
    dsp::Acid acid{kRate};
    acid.set({.cutoff_hz = cutoff,
              .resonance = loop_gain / dsp::DiodeLadder::kFullKnob,
              .env_hz = 0,
              .drive = 0,
              .vol_comp = 0,
              .accent_hz = 0,
              .accent_resonance = 0});
    Samples x(kSettled + kSeen);
    for (std::size_t at = 0; at < x.size(); at += kTick) {
        voice.generate(kTick);
        const auto part = std::span{x}.subspan(at, kTick);
        for (std::uint32_t i = 0; i < kTick; ++i) part[i] = level * voice.source(0, i);
        acid.process(part, part);
    }
    x.erase(x.begin(), x.begin() + kSettled);
    for (float &y : x) y /= level;
    return x;
}

/// Quiet, as theory has it, and as loud as it is played.
void acid(const std::filesystem::path &folder) {
    for (const float cutoff : {200.0f, 300.0f, 500.0f, 800.0f, 1200.0f, 1700.0f, 2400.0f, 5000.0f})
        for (const float k : {0.0f, 0.25f, 0.5f, 0.75f})
            write(folder / fmt::format("acid_{}_{}.f32", cutoff, k),
                  through_acid(cutoff, k, 1e-3f));
    write(folder / "acid_loud.f32", through_acid(800, 0.75f, 1));
}

/// A unit's answer, 32 frames at a time; a reverb's stands apart from what it is given.
Samples answer(dsp::Reverb &unit, Samples in) {
    Samples right = in, left_out(in.size()), right_out(in.size());
    for (std::size_t at = 0; at < in.size(); at += kTick)
        unit.process(
            {std::span{in}.subspan(at, kTick), std::span{right}.subspan(at, kTick)},
            {std::span{left_out}.subspan(at, kTick), std::span{right_out}.subspan(at, kTick)});
    return left_out;
}

void rooms(const std::filesystem::path &folder) {
    for (const float rt60 : {0.5f, 2.0f, 8.0f}) {
        Samples memory(dsp::Reverb::memory_needed(kRate));
        dsp::Reverb reverb{kRate, memory};
        dsp::ReverbControls controls;
        controls.mix = 1;
        controls.damp = 0;
        controls.room = std::log(rt60 / 0.3f) / std::log(40.0f);
        reverb.set(controls);
        Samples impulse(static_cast<std::size_t>(rt60 * 60000) / kTick * kTick);
        impulse[0] = 1;
        write(folder / fmt::format("room_{}.f32", rt60), answer(reverb, std::move(impulse)));
    }
}

/// Kicks of 55 Hz, 12 dB above full scale at their loudest.
void limiter(const std::filesystem::path &folder) {
    Samples left(48000 / kTick * kTick);
    for (std::size_t i = 0; i < left.size(); ++i) {
        const double t = static_cast<double>(i % 12000) / 48000;
        left[i] = static_cast<float>(4 * std::exp(-t / 0.08) * std::sin(2 * M_PI * 55 * t));
    }
    write(folder / "limiter_in.f32", left);
    dsp::Limiter unit{kRate};
    unit.set({-1.0f});
    Samples right = left;
    for (std::size_t at = 0; at < left.size(); at += kTick)
        unit.process({std::span{left}.subspan(at, kTick), std::span{right}.subspan(at, kTick)});
    left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(unit.latency()));
    write(folder / "limiter_out.f32", left);
}

/// A sine of 3 kHz under kicks that are not heard, twice a second.
void duck(const std::filesystem::path &folder) {
    Scene scene = scene_with({{"voice1/amp", 0},
                              {"voice2/freq", 3000},
                              {"voice2/filter/freq", 20000},
                              {"voice2/adsr/sustain", 1},
                              {"voice2/adsr/decay", 0},
                              {"duck1/source", 1},
                              {"duck1/depth", 0.9f},
                              {"duck1/attack", 0.01f},
                              {"duck1/hold", 0.05f},
                              {"duck1/release", 0.25f}});
    scene.tracks[scene.track_count++] = test::track("kick", 1, "X...");
    test::Rig rig(scene);
    if (!rig.session.gate(2, true)) throw std::runtime_error("no gate");
    rig.render(kSettled);
    if (!rig.session.start()) throw std::runtime_error("no start");
    rig.render(rig.session.engine().latency());
    write(folder / "duck.f32", rig.render(24000).left);
}

/// Every preset, its gate open for a second; melodic ones play A3, the bass A1.
void sounds(const std::filesystem::path &folder) {
    for (const Preset &preset : kPresets) {
        Scene scene;
        const VoiceSound sound = sound_of(preset);
        scene.params.set(param("voice1/freq"), preset.name == "bass" ? 55.0f : 220.0f);
        for (std::uint16_t row = 0; row < VoiceSound::kRows; ++row)
            if (const auto value = sound.get(row)) scene.params.set(id_of({0, 0, row}), *value);
        scene.params.set(param("reverb1/mix"), 0);
        test::Rig rig(scene);
        if (!rig.session.gate(1, true)) throw std::runtime_error("no gate");
        Samples x = rig.render(kSettled).left;
        if (!rig.session.gate(1, false)) throw std::runtime_error("no gate");
        const Samples rest = rig.render(2 * kSettled).left;
        x.insert(x.end(), rest.begin(), rest.end());
        write(folder / fmt::format("preset_{}.f32", preset.name), x);
    }
}

} // namespace

int main(int argc, char **argv) {
    if (argc != 2) {
        fmt::print(stderr, "Usage: plot_renders FOLDER\n");
        return 64;
    }
    try {
        const dsp::FlushToZero flush;
        const std::filesystem::path folder = argv[1];
        for (const auto render : {oscillators, filters, acid, rooms, limiter, duck, sounds})
            render(folder);
    } catch (const std::exception &error) {
        fmt::print(stderr, "plot_renders: {}\n", error.what());
        return 1;
    }
    return 0;
}
