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
#include <memory>
#include <string_view>
#include <utility>

namespace {

using namespace chronus;
using dsp::kLanes;

constexpr SampleRate kFs{48000.0f};

/// Eight saws over five octaves with both sends.
struct Voices {
    dsp::VoiceBank bank{kFs, 1};
    std::array<dsp::VoiceControls, kLanes> controls{};
    dsp::Buses buses{};
    bool sweeps = false, up = false;

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
    /// A cutoff takes 20 ticks to arrive: it is under way in every frame.
    void turn() {
        up = !up;
        for (std::size_t lane = 0; lane < kLanes && sweeps; ++lane) {
            controls[lane].cutoff_hz = up ? 4000.0f : 500.0f;
            bank.set(lane, controls[lane]);
        }
    }
    void play() {
        bank.generate(kTick);
        bank.mix(buses, 0, kTick);
    }
};

/// The acid's filter on a saw, with a hit every 125 ms and every third accented.
struct AcidLine {
    dsp::Acid acid{kFs};
    std::array<float, kTick> saw{}, out{};
    unsigned ticks = 0;

    void turn() {}
    void play() {
        if (ticks % 188 == 0) acid.note_on(ticks / 188 % 3 == 0 ? 1.0f : 0.0f, false);
        ++ticks;
        for (std::size_t i = 0; i < kTick; ++i) saw[i] = static_cast<float>(i) / 16.0f - 1.0f;
        acid.process(saw, out);
    }
};

constexpr std::size_t kTicks = 16; // between two turns of the knobs

struct Played {
    std::function<void()> turn; ///< what a message does, and no frame owes
    std::function<void()> tick;
    std::size_t voices = 1;
};

template <class What>
Played played(What what, std::size_t voices) {
    const auto kept = std::make_shared<What>(std::move(what));
    return {[kept] { kept->turn(); }, [kept] { kept->play(); }, voices};
}

Played played(std::string_view name) {
    if (name == "still") return played(Voices(false), kLanes);
    if (name == "swept") return played(Voices(true), kLanes);
    if (name == "acid") return played(AcidLine{}, 1);
    std::cerr << "usage: perf_voices still|swept|acid [SECONDS]\n"
                 "       swept: with the cutoffs moving in every frame\n";
    std::exit(64);
}

} // namespace

extern "C" [[gnu::noipa]] void chronus_measured(const Played &what) {
    for (std::size_t i = 0; i < kTicks; ++i) what.tick();
}

int main(int argc, char **argv) {
    const dsp::FlushToZero flush;
    const Played what = played(argc > 1 ? argv[1] : "");
    const double seconds = argc > 2 ? std::atof(argv[2]) : 1;
    const auto turns = static_cast<std::size_t>(seconds * 48000 / kTick / kTicks);
    for (int i = 0; i < 300; ++i) what.tick();
    using Clock = std::chrono::steady_clock;
    std::chrono::nanoseconds took{};
    for (std::size_t i = 0; i < turns; ++i) {
        what.turn();
        const Clock::time_point begin = Clock::now();
        chronus_measured(what);
        took += Clock::now() - begin;
    }
    std::cout << "frames " << turns * kTicks * kTick * what.voices << " nanoseconds "
              << took.count() << "\n";
}
