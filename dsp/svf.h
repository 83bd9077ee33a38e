#pragma once

#include "dsp/math.h"
#include "dsp/rt.h"

#include <cstddef>
#include <cstdint>

namespace chronus::dsp {

enum class FilterType : std::uint8_t { low, band, high, notch };

/// Eight two-pole state-variable filters; stable while their cutoff moves every frame.
///
/// Units:  cutoff in turns a frame, in (0, 0.49]; damping k = 1 / Q, above 0.
/// Thread: audio.
/// Errors: none. What is not finite stays in a lane until `reset`.
/// Source: A. Simper, "Solving the continuous SVF equations using trapezoidal integration and
///         equivalent currents", Cytomic 2013; V. Zavalishin, "The Art of VA Filter Design".
class Svf {
public:
    /// What the sample loop needs, for eight or a part of them; costs a tangent and a division.
    template <class V>
    struct Solved {
        V g, gk, share; // share: of what the loop is not at rest by, into the first integrator
    };
    using Coeffs = Solved<F8>;
    static CHRONUS_INLINE Coeffs solve(F8 cutoff, F8 damping) CHRONUS_RT {
        return solve_15(cutoff * kPi15, damping);
    }
    /// The same from pi/15 times the cutoff.
    template <class V>
    static CHRONUS_INLINE Solved<V> solve_15(V cutoff, V damping) CHRONUS_RT {
        const V g = tan_15(cutoff), gk = g + damping;
        return {g, gk, g / (1.0f + g * gk)};
    }

    /// All that the filter knows of one frame; high is in - k band - low, notch in - k band.
    struct Out {
        F8 band, low;
    };
    CHRONUS_INLINE Out next(F8 in, const Coeffs &c) CHRONUS_RT {
        Out out;
        out.band = next(s1, s2, in, c, out.low);
        return out;
    }
    /// The same of states kept elsewhere; gives the band.
    template <class V>
    static CHRONUS_INLINE V next(V &s1, V &s2, V in, const Solved<V> &c, V &low) CHRONUS_RT {
        const V into_band = (in - c.gk * s1 - s2) * c.share;
        const V band = s1 + into_band;
        const V into_low = c.g * band;
        low = s2 + into_low;
        s1 = band + into_band;
        s2 = low + into_low;
        return band;
    }

    F8 s1 = {}, s2 = {}; // the integrators

    void reset(std::size_t lane) CHRONUS_RT { s1[lane] = s2[lane] = 0.0f; }
    template <class Self, class F>
    static void each(Self &self, F f) CHRONUS_RT {
        f(self.s1), f(self.s2);
    }
};

/// A filter type as weights of what goes in and comes out, so that one type can fade to another.
struct FilterMix {
    float in, band, damped_band, low;
};
constexpr FilterMix filter_mix(FilterType type) noexcept {
    switch (type) {
    case FilterType::low:
        break;
    case FilterType::band:
        return {0, 1, 0, 0};
    case FilterType::high:
        return {1, 0, -1, -1};
    case FilterType::notch:
        return {1, 0, -1, 0};
    }
    return {0, 0, 0, 1};
}

} // namespace chronus::dsp
