// What one effect costs a frame. Feeds it noise at -6 dBFS, as loud as told, or silence after it
// ("tail"), tick by tick, and prints
//
//     frames N nanoseconds N
//
// for the stretch inside `chronus_measured`; scripts/perf runs it, under callgrind for
// instructions.

#include "dsp/dc_block.h"
#include "dsp/delay.h"
#include "dsp/distortion.h"
#include "dsp/limiter.h"
#include "dsp/loudness.h"
#include "dsp/meters.h"
#include "dsp/reverb.h"
#include "dsp/rt.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string_view>
#include <vector>

namespace {

using namespace chronus;

constexpr SampleRate kFs{48000.0f};
constexpr std::size_t kWarm = 600; // ticks before those that count
using Effect = std::function<void(StereoBlock in, StereoBlock out)>;

/// Two seconds of one sound, gone through over and over.
struct Noise {
    std::vector<float> left, right;
    std::size_t at = 0;

    explicit Noise(float gain) : left(96000), right(96000) {
        std::uint32_t x = 1;
        for (std::vector<float> *side : {&left, &right})
            for (float &sample : *side) {
                x = x * 1664525u + 1013904223u;
                sample = gain * static_cast<float>(static_cast<std::int32_t>(x)) * 0x1p-31f;
            }
    }
    StereoBlock next() {
        at = (at + kTick) % left.size();
        return StereoBlock{left, right}.sub(at, kTick);
    }
};

std::vector<float> memory; // of the one unit under the glass

Effect effect_of(std::string_view name) {
    if (name == "reverb") {
        memory.resize(dsp::Reverb::memory_needed(kFs));
        return [unit = dsp::Reverb(kFs, memory)](StereoBlock in, StereoBlock out) mutable {
            unit.process(in, out);
        };
    }
    if (name == "delay" || name == "tape") {
        memory.resize(dsp::Delay::memory_needed(kFs));
        dsp::DelayControls controls;
        if (name == "tape") controls.mode = dsp::DelayMode::tape;
        return [unit = dsp::Delay(kFs, memory), controls, ticks = 0](StereoBlock in,
                                                                     StereoBlock out) mutable {
            if (controls.mode == dsp::DelayMode::tape && ticks++ % 1500 == 1) { // always under way
                controls.time_s = 2.1f - controls.time_s;
                unit.set(controls);
            }
            unit.process(in, out);
        };
    }
    const auto in_place = [](auto unit) -> Effect {
        return [unit](StereoBlock, StereoBlock io) mutable { unit.process(io); };
    };
    if (name == "distortion") {
        dsp::Distortion unit(kFs);
        unit.set({.drive = 0.5f, .mix = 0.5f});
        return in_place(unit);
    }
    if (name == "loudness") return in_place(dsp::LoudnessMeter(kFs));
    if (name == "voice_levels")
        return [unit = dsp::VoiceLevels(kFs)](StereoBlock in, StereoBlock) mutable {
            std::array<dsp::F8, kTick> voices;
            for (std::size_t i = 0; i < kTick; ++i)
                voices[i] = in.left[i] * dsp::lanes(1, 2, 3, 4, 5, 6, 7, 8);
            unit.process(voices);
        };
    if (name == "limiter") return in_place(dsp::Limiter(kFs));
    if (name == "meters") return in_place(dsp::Meters(kFs));
    if (name == "dc_block") return in_place(dsp::DcBlock(kFs));
    std::cerr
        << "usage: perf_effects reverb|delay|tape|distortion|limiter|loudness|voice_levels|meters|"
           "dc_block [SECONDS [GAIN|tail]]\n";
    std::exit(64);
}

} // namespace

extern "C" [[gnu::noipa]] void chronus_measured(Effect &unit, StereoBlock in, StereoBlock out) {
    unit(in, out);
}

int main(int argc, char **argv) {
    const dsp::FlushToZero flush;
    Effect unit = effect_of(argc > 1 ? argv[1] : "");
    const std::string_view gain = argc > 3 ? argv[3] : "0.5";
    const bool tail = gain == "tail";
    Noise in(tail ? 0.5f : static_cast<float>(std::atof(gain.data())));
    const double seconds = argc > 2 ? std::atof(argv[2]) : 1;
    const auto ticks = static_cast<std::size_t>(seconds * 48000 / kTick);
    std::vector<float> left(kTick), right(kTick);
    using Clock = std::chrono::steady_clock;
    Clock::duration took{};
    for (std::size_t i = 0; i < kWarm + ticks; ++i) {
        const StereoBlock from = in.next();
        if (tail && i >= kWarm) {
            std::ranges::fill(from.left, 0.0f);
            std::ranges::fill(from.right, 0.0f);
        }
        left.assign(from.left.begin(), from.left.end());
        right.assign(from.right.begin(), from.right.end());
        if (i < kWarm) {
            unit(from, {left, right});
            continue;
        }
        const Clock::time_point begin = Clock::now();
        chronus_measured(unit, from, {left, right});
        took += Clock::now() - begin;
    }
    std::cout << "frames " << ticks * kTick << " nanoseconds "
              << std::chrono::nanoseconds(took).count() << "\n";
}
