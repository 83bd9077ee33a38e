#include "dsp/voice_bank.h"

#include "dsp/math.h"

#include <algorithm>

/// The sample loops of the bank up to the source: voice_bank.cpp decides, this file computes.
namespace chronus::dsp {

namespace {

constexpr float kTopTurns = 0.45f; // of the sample rate

constexpr unsigned bit(Wave wave) noexcept { return 1u << static_cast<unsigned>(wave); }

} // namespace

void VoiceBank::lay_phases(PhaseRun &phases, std::uint32_t frames) CHRONUS_RT {
    F8 octave, fastest = {};
    const auto turns = [&] {
        octave = pitch_.value() + pitch_envelope_.value();
        return clamp(exp2(octave) * (1.0f / fs_.hz), 0.0f, kTopTurns);
    };
    const bool tracked = (tone_.alive() & 1u << filter_track) != 0;
    F8 now = turns();
    if (!pitch_.moving() && !pitch_envelope_.moving()) {
        phases.bright = any(now > splat(PhaseRun::kPureFrom));
        phases.steady = !tone_.moving() && !phases.bright;
        clock_.lay(phases.phase, frames, PhaseClock::step_of(now));
        for (std::uint32_t i = 0; i < (phases.steady ? 1 : frames); ++i) lay_edges(phases, i, now);
        if (tracked) std::fill_n(phases.octave, frames, octave);
        return;
    }
    for (std::uint32_t i = 0; i < frames; ++i) {
        phases.phase[i] = clock_.next(PhaseClock::step_of(now));
        phases.octave[i] = octave;
        lay_edges(phases, i, now);
        fastest = max(fastest, now);
        pitch_.step();
        pitch_envelope_.step();
        now = turns();
    }
    phases.phase[frames] = clock_.now();
    pitch_.settle();
    pitch_envelope_.settle();
    phases.bright = any(fastest > splat(PhaseRun::kPureFrom));
    phases.steady = false;
}

void VoiceBank::make_source(const WaveRun &whole) CHRONUS_RT {
    WaveRun run = whole;
    const unsigned alive = tone_.alive(awake_);
    const auto with = [&](std::size_t i, auto add) CHRONUS_PART {
        if ((alive & 1u << i) == 0) return;
        Line<true> weight = tone_.line<true>(i);
        run.heard = tone_.lanes_with(1u << i) & awake_;
        add(weight);
        tone_.keep(i, weight);
        run.first = false;
    };
    const auto wave = [](Wave w) CHRONUS_PART { return static_cast<std::size_t>(w); };
    Line<true> pulse_width = tone_.line<true>(width), ratio = tone_.line<true>(sync);
    with(wave(Wave::sine), [&](auto &weight) { add_sine(run, weight); });
    with(wave(Wave::saw), [&](auto &weight) { add_saw(run, weight); });
    with(wave(Wave::triangle), [&](auto &weight) { add_triangle(run, weight); });
    with(wave(Wave::square), [&](auto &weight) { add_pulse(run, weight, pulse_width); });
    with(wave(Wave::synced), [&](auto &weight) { add_synced(run, weight, ratio); });
    if (alive & kSevenSaws) {
        run.heard = tone_.lanes_with(kSevenSaws) & awake_;
        add_supersaw(run);
        run.first = false;
    }
    with(sub, [&](auto &weight) { sub_.add(run, weight); });
    if (tone_.moving()) // they go on with or without a wave to hear them
        for (const Tone line : {width, sync, detune}) tone_.pass(line, run.frames);
    if (run.first) std::fill_n(run.out, run.frames, F8{});
    add_noises(run);
}

void VoiceBank::add_supersaw(const WaveRun &run) CHRONUS_RT {
    constexpr auto kMiddle = static_cast<std::size_t>(Wave::supersaw);
    SuperSaw::Lines lines{tone_.line<true>(kMiddle), tone_.line<true>(sides),
                          tone_.line<true>(detune)};
    supersaw_.add(run, lines);
    tone_.keep(kMiddle, lines.middle);
    tone_.keep(sides, lines.side);
}

void VoiceBank::add_noises(const WaveRun &run) CHRONUS_RT {
    constexpr unsigned kNoisy = bit(Wave::white) | bit(Wave::pink) | bit(Wave::brown) | 1u << noise;
    const unsigned alive = tone_.alive(); // at rest, too: what a note begins with hangs on it
    if ((alive & kNoisy) == 0) return;
    F8 hiss[kTick], *const out = run.out;
    const std::uint32_t frames = run.frames;
    WhiteNoise white = white_;
    for (std::uint32_t i = 0; i < frames; ++i) hiss[i] = white.next();
    white.keep(white_, tone_.lanes_with(kNoisy));
    white_ = white;
    const auto line = [&](std::size_t part, auto point) {
        if ((alive & 1u << part) == 0) return;
        Line<true> weight = tone_.line<true>(part);
        for (std::uint32_t i = 0; i < frames; ++i) out[i] = out[i] + weight.next() * point(i);
        tone_.keep(part, weight);
    };
    const auto add = [&](Wave wave, auto &filter) {
        auto now = filter; // in registers
        line(static_cast<std::size_t>(wave), [&](std::uint32_t i) { return now.next(hiss[i]); });
        filter = now;
    };
    line(static_cast<std::size_t>(Wave::white), [&](std::uint32_t i) { return hiss[i]; });
    add(Wave::pink, pink_);
    add(Wave::brown, brown_);
    line(noise, [&](std::uint32_t i) { return hiss[i] - out[i]; });
}

} // namespace chronus::dsp
