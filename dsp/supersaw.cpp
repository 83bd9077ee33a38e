#include "dsp/supersaw.h"

#include "dsp/wave_kinds.h"

namespace chronus::dsp {

namespace {

/// In turns, at a note's start.
constexpr std::array kStarts{0.137f, 0.411f, 0.702f, 0.289f, 0.853f, 0.566f};
constexpr float kSemitone = 0.0594630944f; // 2^(1/12) - 1

/// How far the run's own phase goes in a frame, in 2^-32 turns.
CHRONUS_INLINE F8 step_at(const PhaseRun &run, std::uint32_t frame) CHRONUS_RT {
    return detail::to_float(std::bit_cast<I8>(run.phase[frame + 1] - run.phase[frame]));
}

/// As `PhaseRun::reach`, of a saw that takes this step.
CHRONUS_INLINE F8 reach_of(F8 step) CHRONUS_RT { return max(0x1p29f / step, splat(1.0f)); }

CHRONUS_INLINE U8 whole_step(F8 step, I8 running) CHRONUS_RT {
    return std::bit_cast<U8>(detail::to_int(step) & running);
}

/// A saw beside the middle one, and how it goes on.
struct Side {
    U8 phase, step;
    F8 reach;
};

} // namespace

void SuperSaw::restart(std::size_t lane) CHRONUS_RT {
    for (std::size_t side = 0; side < kSides; ++side)
        phase_[side][lane] = static_cast<std::uint32_t>(kStarts[side] * 0x1p32f);
}

void SuperSaw::add(const WaveRun &run, Lines &lines) CHRONUS_RT {
    add_saw(run, lines.middle);
    const WaveRun more{run.phases, run.out, run.frames, false, run.heard};
    const Lines start = lines;
    for (std::size_t side = 0; side < kSides; ++side) {
        lines.side = start.side, lines.detune = start.detune;
        add_side(more, side, lines);
    }
}

void SuperSaw::add_side(const WaveRun &run, std::size_t side, Lines &lines) CHRONUS_RT {
    const PhaseRun &p = run.phases;
    const auto towards = [&](std::uint32_t frame, F8 semitones, Side &to) CHRONUS_PART {
        const F8 step = step_at(p, frame) * (1.0f + (kSemitone * kPlaces[side]) * semitones);
        to.step = whole_step(step, run.heard);
        to.reach = reach_of(step);
    };
    by_kind(run, [&]<RunKind kKind>() {
        Line<true> detune = lines.detune;
        Side saw{phase_[side], {}, {}};
        towards(0, detune.value, saw);
        dsp::add<kKind>(run, lines.side, [&](std::uint32_t i) {
            if constexpr (!is_steady(kKind)) towards(i, detune.next(), saw);
            const F8 s = half_turns(saw.phase);
            saw.phase = saw.phase + saw.step;
            const F8 wave = saw_point(s, saw.reach, run.heard);
            if constexpr (kKind != RunKind::bright) return wave;
            return fade(wave, kSawFundamental * sine_point(s), p.purity[i]);
        });
        phase_[side] = saw.phase;
        lines.detune = detune;
    });
}

void SubOctave::add(const WaveRun &run, Line<true> &weight) CHRONUS_RT {
    const PhaseRun &p = run.phases;
    U8 phase = phase_;
    F8 reach = reach_of(0.5f * step_at(p, 0));
    by_kind(run, [&]<RunKind kKind>() {
        dsp::add<kKind>(run, weight, [&](std::uint32_t i) {
            const U8 step = p.phase[i + 1] - p.phase[i];
            if constexpr (!is_steady(kKind)) reach = reach_of(0.5f * step_at(p, i));
            const F8 s = half_turns(phase), t = half_turns(phase + 0x80000000u);
            phase = phase + ((step >> 1) & std::bit_cast<U8>(run.heard));
            return saw_point(s, reach, run.heard) - saw_point(t, reach, run.heard);
        });
    });
    phase_ = phase;
}

} // namespace chronus::dsp
