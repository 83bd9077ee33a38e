#include "dsp/oscillator.h"

#include "dsp/blep.h"

#include <algorithm>

namespace chronus::dsp {

namespace {

/// Amplitudes of the fundamentals: what is left of a wave when only that fits.
constexpr float kSawFundamental = 0.636619772f, kTriangleFundamental = 0.810569469f;

/// What a run asks of its waves; `alone` is steady, and the first.
enum class Kind { alone, steady, moving, bright };
constexpr bool is_steady(Kind kind) { return kind == Kind::alone || kind == Kind::steady; }

CHRONUS_INLINE F8 fade(F8 wave, F8 fundamental, F8 purity) CHRONUS_RT {
    return wave + purity * (fundamental - wave);
}

template <Kind kKind>
CHRONUS_INLINE F8 saw_at(const PhaseRun &run, std::uint32_t frame, U8 phase) CHRONUS_RT {
    const F8 s = half_turns(phase);
    const F8 wave = saw_point(s, run.reach[is_steady(kKind) ? 0 : frame]);
    if constexpr (kKind != Kind::bright) return wave;
    return fade(wave, kSawFundamental * sine_point(s), run.purity[frame]);
}

template <Kind kKind>
CHRONUS_INLINE F8 triangle_at(const PhaseRun &run, std::uint32_t frame) CHRONUS_RT {
    const F8 s = half_turns(run.phase[frame]);
    const F8 wave = triangle_point(s, run.reach[is_steady(kKind) ? 0 : frame]);
    if constexpr (kKind != Kind::bright) return wave;
    return fade(wave, kTriangleFundamental * sine_point(s), run.purity[frame]);
}

/// The second edge's phase lies `width` behind the first; width - 1/2 fits a signed integer.
CHRONUS_INLINE U8 behind(U8 phase, F8 width) CHRONUS_RT {
    return phase + std::bit_cast<U8>(detail::to_int((width - 0.5f) * 0x1p32f)) + 0x80000000u;
}

template <Kind kKind, class Point>
CHRONUS_INLINE void add(const WaveRun &run, Line<true> &weight, Point point) CHRONUS_RT {
    Line<!is_steady(kKind)> w{weight.value, weight.slope};
    if (!is_steady(kKind) && run.first) std::fill_n(run.out, run.frames, F8{});
    for (std::uint32_t i = 0; i < run.frames; ++i) {
        const F8 x = w.next() * point(i);
        run.out[i] = kKind == Kind::alone ? x : run.out[i] + x;
    }
    weight.value = w.value;
}

/// Calls `f` with the run's kind as a constant.
template <class F>
CHRONUS_INLINE void by_kind(const WaveRun &run, F f) CHRONUS_RT {
    const PhaseRun &phases = run.phases;
    if (phases.steady && run.first) return f.template operator()<Kind::alone>();
    if (phases.steady) return f.template operator()<Kind::steady>();
    if (phases.bright) return f.template operator()<Kind::bright>();
    f.template operator()<Kind::moving>();
}

} // namespace

void add_sine(const WaveRun &run, Line<true> &weight) CHRONUS_RT {
    by_kind(run, [&]<Kind kKind>() {
        add<kKind>(run, weight,
                   [&](std::uint32_t i) { return sine_point(half_turns(run.phases.phase[i])); });
    });
}

void add_saw(const WaveRun &run, Line<true> &weight) CHRONUS_RT {
    const PhaseRun &p = run.phases;
    by_kind(run, [&]<Kind kKind>() {
        add<kKind>(run, weight, [&](std::uint32_t i) { return saw_at<kKind>(p, i, p.phase[i]); });
    });
}

void add_pulse(const WaveRun &run, Line<true> &weight, Line<true> &width) CHRONUS_RT {
    const PhaseRun &p = run.phases;
    Line<true> w = width;
    by_kind(run, [&]<Kind kKind>() {
        add<kKind>(run, weight, [&](std::uint32_t i) {
            return saw_at<kKind>(p, i, p.phase[i]) -
                   saw_at<kKind>(p, i, behind(p.phase[i], w.next()));
        });
    });
    width = w;
}

void add_triangle(const WaveRun &run, Line<true> &weight) CHRONUS_RT {
    const PhaseRun &p = run.phases;
    by_kind(run, [&]<Kind kKind>() {
        add<kKind>(run, weight, [&](std::uint32_t i) { return triangle_at<kKind>(p, i); });
    });
}

} // namespace chronus::dsp
