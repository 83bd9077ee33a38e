#include "dsp/oscillator.h"

#include "dsp/wave_kinds.h"

namespace chronus::dsp {

namespace {

template <RunKind kKind>
CHRONUS_INLINE F8 triangle_at(const WaveRun &run, std::uint32_t frame) CHRONUS_RT {
    const PhaseRun &p = run.phases;
    const F8 s = half_turns(p.phase[frame]);
    const F8 wave = triangle_point(s, p.reach[is_steady(kKind) ? 0 : frame], run.heard);
    if constexpr (kKind != RunKind::bright) return wave;
    return fade(wave, kTriangleFundamental * sine_point(s), p.purity[frame]);
}

/// The second edge's phase lies `width` behind the first; width - 1/2 fits a signed integer.
CHRONUS_INLINE U8 behind(U8 phase, F8 width) CHRONUS_RT {
    return phase + std::bit_cast<U8>(detail::to_int((width - 0.5f) * 0x1p32f)) + 0x80000000u;
}

} // namespace

void add_sine(const WaveRun &run, Line<true> &weight) CHRONUS_RT {
    by_kind(run, [&]<RunKind kKind>() {
        add<kKind>(run, weight,
                   [&](std::uint32_t i) { return sine_point(half_turns(run.phases.phase[i])); });
    });
}

void add_saw(const WaveRun &run, Line<true> &weight) CHRONUS_RT {
    const PhaseRun &p = run.phases;
    by_kind(run, [&]<RunKind kKind>() {
        add<kKind>(run, weight, [&](std::uint32_t i) { return saw_at<kKind>(run, i, p.phase[i]); });
    });
}

void add_pulse(const WaveRun &run, Line<true> &weight, Line<true> &width) CHRONUS_RT {
    const PhaseRun &p = run.phases;
    Line<true> w = width;
    by_kind(run, [&]<RunKind kKind>() {
        add<kKind>(run, weight, [&](std::uint32_t i) {
            return saw_at<kKind>(run, i, p.phase[i]) -
                   saw_at<kKind>(run, i, behind(p.phase[i], w.next()));
        });
    });
    width = w;
}

void add_triangle(const WaveRun &run, Line<true> &weight) CHRONUS_RT {
    by_kind(run, [&]<RunKind kKind>() {
        add<kKind>(run, weight, [&](std::uint32_t i) { return triangle_at<kKind>(run, i); });
    });
}

namespace {

constexpr float kTopSynced = 5.0f / 6.0f; // 5 kHz, as a share of what `reach` counts from

/// One period of a master in half turns, and a saw that starts `ratio` times faster in it, anew
/// with each. Its own jumps and the restart are rounded alike: no two of its own are ever near.
CHRONUS_INLINE F8 synced_point(F8 s, F8 ratio, F8 reach) CHRONUS_RT {
    const auto whole = [](F8 x) CHRONUS_PART { return floated(truncated(x)); };
    const F8 up = whole(ratio);
    const F8 last = select(up >= ratio, up - 1.0f, up); // of its cycles, counted from 0
    const F8 rest = ratio - last;                       // how much of the last there is
    const F8 since = (0.5f * s + 0.5f) * ratio;         // cycles since the restart
    const F8 cycle = min(whole(since), last), at = since - cycle;
    // Cycles to its own jumps on either side, past the restart where that comes first.
    const F8 behind = at + where(cycle < splat(1.0f), rest);
    const F8 ahead = 1.0f - at + where(cycle >= last, rest);
    const F8 share = 2.0f * reach / ratio; // of the support, a cycle
    const auto jump = [&](F8 before, F8 after, F8 height) CHRONUS_PART {
        const F8 x = min(before, after) * share;
        const F8 r = where(x < splat(1.0f), step_residual(x)) * height;
        return signed_as(r, before - after);
    };
    const F8 saw = 2.0f * at - 1.0f - (rest * rest - rest) / ratio;
    return saw - jump(ahead, behind, splat(1.0f)) - jump(ratio - since, since, rest);
}

} // namespace

void add_synced(const WaveRun &run, Line<true> &weight, Line<true> &ratio) CHRONUS_RT {
    const PhaseRun &p = run.phases;
    Line<true> r = ratio;
    by_kind(run, [&]<RunKind kKind>() {
        add<kKind>(run, weight, [&](std::uint32_t i) {
            const F8 s = half_turns(p.phase[i]);
            const F8 reach = p.reach[is_steady(kKind) ? 0 : i];
            const F8 heard = max(min(r.next(), kTopSynced * reach), splat(1.0f));
            const F8 wave = synced_point(s, heard, reach);
            if constexpr (kKind != RunKind::bright) return wave;
            return fade(wave, kSawFundamental * sine_point(s), p.purity[i]);
        });
    });
    ratio = r;
}

} // namespace chronus::dsp
