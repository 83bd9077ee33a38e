// What a voice costs a frame, the acid's filter with them. Plays eight in their lanes tick by tick,
// and prints
//
//     frames N nanoseconds N
//
// of one voice, for the stretch inside `chronus_measured`; scripts/perf runs it, under callgrind
// for instructions.

#include "dsp/acid.h"
#include "dsp/rt.h"
#include "dsp/voice_bank.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string_view>

namespace {

using namespace chronus;
using dsp::kLanes;

constexpr SampleRate kFs{48000.0f};

/// Eight saws over five octaves with both sends.
struct Voices {
    dsp::VoiceBank bank{kFs, 1};
    std::array<dsp::VoiceControls, kLanes> controls{};
    dsp::Buses buses{};
    bool sweeps = false;
    unsigned ticks = 0;

    explicit Voices(bool swept) : sweeps(swept) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            dsp::VoiceControls &c = controls[lane];
            c.wave = dsp::Wave::saw;
            c.hz = 55.0f * dsp::exp2(0.6f * static_cast<float>(lane));
            c.send_reverb = 0.3f, c.send_delay = 0.2f;
            bank.set(lane, c);
            bank.note_on(lane, {});
        }
    }
    void operator()() {
        // A cutoff takes 20 ticks to arrive: it is under way in every frame.
        for (std::size_t lane = 0; lane < kLanes && sweeps && ticks % 16 == 0; ++lane) {
            controls[lane].cutoff_hz = ticks % 32 == 0 ? 4000.0f : 500.0f;
            bank.set(lane, controls[lane]);
        }
        ++ticks;
        bank.generate(kTick);
        bank.mix(buses, 0, kTick);
    }
};

/// The acid's filter on a saw, with a hit every 125 ms and every third accented.
struct AcidLine {
    dsp::Acid acid{kFs};
    std::array<float, kTick> saw{}, out{};
    unsigned ticks = 0;

    void operator()() {
        if (ticks % 188 == 0) acid.note_on(ticks / 188 % 3 == 0 ? 1.0f : 0.0f, false);
        ++ticks;
        for (std::size_t i = 0; i < kTick; ++i) saw[i] = static_cast<float>(i) / 16.0f - 1.0f;
        acid.process(saw, out);
    }
};

struct Played {
    std::function<void()> tick;
    std::size_t voices = 1;
};

Played played(std::string_view name) {
    if (name == "still") return {Voices(false), kLanes};
    if (name == "swept") return {Voices(true), kLanes};
    if (name == "acid") return {AcidLine{}};
    std::cerr << "usage: perf_voices still|swept|acid [SECONDS]\n"
                 "       swept: with the cutoffs moving in every frame\n";
    std::exit(64);
}

} // namespace

extern "C" [[gnu::noipa]] void chronus_measured(const Played &what, std::size_t ticks) {
    for (std::size_t i = 0; i < ticks; ++i) what.tick();
}

int main(int argc, char **argv) {
    const dsp::FlushToZero flush;
    const Played what = played(argc > 1 ? argv[1] : "");
    const double seconds = argc > 2 ? std::atof(argv[2]) : 1;
    const auto ticks = static_cast<std::size_t>(seconds * 48000 / kTick);
    for (int i = 0; i < 300; ++i) what.tick();
    using Clock = std::chrono::steady_clock;
    const Clock::time_point begin = Clock::now();
    chronus_measured(what, ticks);
    const std::chrono::nanoseconds took = Clock::now() - begin;
    std::cout << "frames " << ticks * kTick * what.voices << " nanoseconds " << took.count()
              << "\n";
}
