#include "dsp/oscillator.h"

namespace chronus::dsp {

namespace {

/// The phase as a saw in [-1, 1], 0 at phase 0, with its jump half a turn on.
CHRONUS_INLINE F8 half_turns(U8 phase) CHRONUS_RT {
    return detail::to_float(std::bit_cast<I8>(phase)) * 0x1p-31f;
}

template <std::size_t kCount>
CHRONUS_INLINE F8 polynomial(const float (&c)[kCount], F8 v) CHRONUS_RT {
    F8 p = splat(c[kCount - 1]);
    for (std::size_t i = kCount - 1; i-- > 0;) p = p * v + c[i];
    return p;
}

/// What an ideal unit step lacks to be band-limited, at share x of the support after its edge.
CHRONUS_INLINE F8 step_residual(F8 x) CHRONUS_RT {
    constexpr float kStep[] = {0.685854074f,  -0.292336298f,  0.244930828f, -0.374091978f,
                               0.515393149f,  -0.514560372f,  0.375388821f, -0.195409315f,
                               0.0790182613f, -0.0362377303f, 0.0120505602f};
    return x * polynomial(kStep, 2.0f * x * x - 1.0f) - 0.5f;
}

/// The step residual integrated once: what a corner lacks, in supports. The polynomial is in
/// v = 2x^2 - 1 because in x^2 its coefficients cancel away 20 dB of a float.
CHRONUS_INLINE F8 corner_residual(F8 x) CHRONUS_RT {
    constexpr float kCorner[] = {0.643789864f,   -0.300862828f,   0.227778793f,   -0.186956916f,
                                 0.140195484f,   -0.0886561285f,  0.045776118f,   -0.0189626234f,
                                 0.00674954277f, -0.00235963926f, 0.000547752734f};
    const F8 square = x * x;
    return 0.0329607002f - 0.5f * x + square * polynomial(kCorner, 2.0f * square - 1.0f);
}

CHRONUS_INLINE F8 sine_point(F8 s) CHRONUS_RT { return sin_turns(0.5f * s); }

CHRONUS_INLINE F8 saw_point(F8 s, F8 reach) CHRONUS_RT {
    const F8 x = min((1.0f - abs(s)) * reach, splat(1.0f));
    return s + copysign(splat(2.0f), s) * step_residual(x);
}

/// Both corners reach every frame once the period is short, so both are always applied.
CHRONUS_INLINE F8 triangle_point(F8 s, F8 reach) CHRONUS_RT {
    const F8 size = abs(s);
    const F8 ideal = copysign(1.0f - abs(2.0f * size - 1.0f), s);
    // From the crest at s = 1/2, around the circle, in half turns; the trough is the rest away.
    const F8 straight = abs(s - 0.5f);
    const F8 away = min(straight, 2.0f - straight);
    const F8 crest = corner_residual(min(away * reach, splat(1.0f)));
    const F8 trough = corner_residual(min((1.0f - away) * reach, splat(1.0f)));
    return ideal - (4.0f / reach) * (crest - trough);
}

/// Amplitudes of the fundamentals: what is left of a wave when only that fits.
constexpr float kSawFundamental = 0.636619772f, kTriangleFundamental = 0.810569469f;

CHRONUS_INLINE F8 fade(F8 wave, F8 fundamental, F8 purity) CHRONUS_RT {
    return wave + purity * (fundamental - wave);
}

template <bool kBright>
CHRONUS_INLINE F8 saw_at(const PhaseRun &run, std::uint32_t frame, U8 phase) CHRONUS_RT {
    const F8 s = half_turns(phase);
    const F8 wave = saw_point(s, run.reach[frame]);
    if constexpr (!kBright) return wave;
    return fade(wave, kSawFundamental * sine_point(s), run.purity[frame]);
}

template <bool kBright>
CHRONUS_INLINE F8 triangle_at(const PhaseRun &run, std::uint32_t frame) CHRONUS_RT {
    const F8 s = half_turns(run.phase[frame]);
    const F8 wave = triangle_point(s, run.reach[frame]);
    if constexpr (!kBright) return wave;
    return fade(wave, kTriangleFundamental * sine_point(s), run.purity[frame]);
}

/// The second edge's phase lies `width` behind the first; width - 1/2 fits a signed integer.
CHRONUS_INLINE U8 behind(U8 phase, F8 width) CHRONUS_RT {
    return phase + std::bit_cast<U8>(detail::to_int((width - 0.5f) * 0x1p32f)) + 0x80000000u;
}

template <class Point>
CHRONUS_INLINE void add(const WaveRun &run, Line<true> &weight, Point point) CHRONUS_RT {
    Line<true> w = weight;
    for (std::uint32_t i = 0; i < run.frames; ++i) run.out[i] = run.out[i] + w.next() * point(i);
    weight = w;
}

template <bool kBright>
void add_saw_as(const WaveRun &run, Line<true> &weight) CHRONUS_RT {
    const PhaseRun &p = run.phases;
    add(run, weight, [&](std::uint32_t i) { return saw_at<kBright>(p, i, p.phase[i]); });
}

template <bool kBright>
void add_pulse_as(const WaveRun &run, Line<true> &weight, Line<true> &width) CHRONUS_RT {
    const PhaseRun &p = run.phases;
    Line<true> w = width;
    add(run, weight, [&](std::uint32_t i) {
        return saw_at<kBright>(p, i, p.phase[i]) -
               saw_at<kBright>(p, i, behind(p.phase[i], w.next()));
    });
    width = w;
}

} // namespace

void add_sine(const WaveRun &run, Line<true> &weight) CHRONUS_RT {
    add(run, weight, [&](std::uint32_t i) { return sine_point(half_turns(run.phases.phase[i])); });
}

void add_saw(const WaveRun &run, Line<true> &weight) CHRONUS_RT {
    run.phases.bright ? add_saw_as<true>(run, weight) : add_saw_as<false>(run, weight);
}

void add_pulse(const WaveRun &run, Line<true> &weight, Line<true> &width) CHRONUS_RT {
    run.phases.bright ? add_pulse_as<true>(run, weight, width)
                      : add_pulse_as<false>(run, weight, width);
}

void add_triangle(const WaveRun &run, Line<true> &weight) CHRONUS_RT {
    const PhaseRun &p = run.phases;
    if (p.bright)
        add(run, weight, [&](std::uint32_t i) { return triangle_at<true>(p, i); });
    else
        add(run, weight, [&](std::uint32_t i) { return triangle_at<false>(p, i); });
}

} // namespace chronus::dsp
