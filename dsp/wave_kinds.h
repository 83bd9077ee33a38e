#pragma once

#include "dsp/blep.h"
#include "dsp/oscillator.h"
#include "dsp/rt.h"

#include <algorithm>
#include <cstdint>

/// What the waves' sample loops have in common.
namespace chronus::dsp {

/// What a run asks of its waves; `alone` is steady, and the first.
enum class RunKind { alone, steady, moving, bright };
constexpr bool is_steady(RunKind kind) { return kind == RunKind::alone || kind == RunKind::steady; }

/// Amplitudes of the fundamentals: what is left of a wave when only that fits.
inline constexpr float kSawFundamental = 0.636619772f, kTriangleFundamental = 0.810569469f;

CHRONUS_INLINE F8 fade(F8 wave, F8 fundamental, F8 purity) CHRONUS_RT {
    return wave + purity * (fundamental - wave);
}

/// The saw of a frame, at a phase that need not be the run's own.
template <RunKind kKind>
CHRONUS_INLINE F8 saw_at(const WaveRun &run, std::uint32_t frame, U8 phase) CHRONUS_RT {
    const PhaseRun &p = run.phases;
    const F8 s = half_turns(phase);
    const F8 wave = saw_point(s, p.reach[is_steady(kKind) ? 0 : frame], run.heard);
    if constexpr (kKind != RunKind::bright) return wave;
    return fade(wave, kSawFundamental * sine_point(s), p.purity[frame]);
}

/// Adds `point(frame)` to a run, weighted.
template <RunKind kKind, class Point>
CHRONUS_INLINE void add(const WaveRun &run, Line<true> &weight, Point point) CHRONUS_RT {
    Line<!is_steady(kKind)> w{weight.value, weight.slope};
    if (!is_steady(kKind) && run.first) std::fill_n(run.out, run.frames, F8{});
    for (std::uint32_t i = 0; i < run.frames; ++i) {
        const F8 x = w.next() * point(i);
        run.out[i] = kKind == RunKind::alone ? x : run.out[i] + x;
    }
    weight.value = w.value;
}

/// Calls `f` with the run's kind as a constant.
template <class F>
CHRONUS_INLINE void by_kind(const WaveRun &run, F f) CHRONUS_RT {
    const PhaseRun &phases = run.phases;
    if (phases.steady && run.first) return f.template operator()<RunKind::alone>();
    if (phases.steady) return f.template operator()<RunKind::steady>();
    if (phases.bright) return f.template operator()<RunKind::bright>();
    f.template operator()<RunKind::moving>();
}

} // namespace chronus::dsp
