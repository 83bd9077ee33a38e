#pragma once

#include "dsp/math.h"
#include "dsp/rt.h"

#include <bit>
#include <cstddef>

/// Band-limited steps and corners as polynomials of the distance from them, and the shapes of a
/// period made with them, eight at a time.
///
/// Source: V. Valimaki, J. Pekonen, J. Nam, "Perceptually informed synthesis of bandlimited
///         classical waveforms using integrated polynomial interpolation", JASA 2012, for steps as
///         polynomials; the coefficients are our own: tests/files/dsp/blep8-coefficients.json.
namespace chronus::dsp {

/// The phase as a saw in [-1, 1], 0 at phase 0, with its jump half a turn on.
CHRONUS_INLINE F8 half_turns(U8 phase) CHRONUS_RT {
    return detail::to_float(std::bit_cast<I8>(phase)) * 0x1p-31f;
}

/// Powers of (x^2 - 1/2), eight times each: read from memory, they leave the registers to what
/// changes. In powers of x^2 itself they would cancel away 20 dB of a float.
extern const F8 kStepPowers[11], kCornerPowers[11];

CHRONUS_INLINE F8 polynomial(const F8 (&c)[11], F8 v) CHRONUS_RT {
    F8 p = c[10];
    for (std::size_t i = 10; i-- > 0;) p = p * v + c[i];
    return p;
}

/// What an ideal step of height 2 lacks to be band-limited, at share x of the support after it.
CHRONUS_INLINE F8 step_residual(F8 x) CHRONUS_RT {
    return x * polynomial(kStepPowers, x * x - 0.5f) - 1.0f;
}

/// Half of it integrated once: what a corner lacks, in supports; nothing where x is 1.
CHRONUS_INLINE F8 corner_residual(F8 x) CHRONUS_RT {
    const F8 square = x * x;
    return 0.0329605214f - 0.5f * x + square * polynomial(kCornerPowers, square - 0.5f);
}

CHRONUS_INLINE F8 sine_point(F8 s) CHRONUS_RT { return sin_turns(0.5f * s); }

/// `reach` turns a distance from the jump, in half turns, into a share of the step's support. Most
/// frames of low notes are farther from it in all lanes that are heard; those of the others may be
/// anything.
CHRONUS_INLINE F8 saw_point(F8 s, F8 reach, I8 heard) CHRONUS_RT {
    const F8 x = (1.0f - abs(s)) * reach;
    const I8 near = (x < 1.0f) & heard;
    if (!any(near)) return s;
    return s + signed_as(where(near, step_residual(x)), s);
}

/// The same with its two corners, which both reach every frame once the period is short.
CHRONUS_INLINE F8 triangle_point(F8 s, F8 reach, I8 heard) CHRONUS_RT {
    const F8 from_corner = abs(abs(s) - 0.5f);
    const F8 ideal = copysign(1.0f - 2.0f * from_corner, s);
    if (!any((from_corner * reach < splat(1.0f)) & heard)) return ideal;
    // From the crest at s = 1/2, around the circle, in half turns; the trough is the rest away.
    const F8 straight = abs(s - 0.5f);
    const F8 away = min(straight, 2.0f - straight);
    const F8 crest = corner_residual(min(away * reach, splat(1.0f)));
    const F8 trough = corner_residual(min((1.0f - away) * reach, splat(1.0f)));
    return ideal - (4.0f / reach) * (crest - trough);
}

} // namespace chronus::dsp
