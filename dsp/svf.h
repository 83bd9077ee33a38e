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
    /// What the sample loop needs; costs a tangent and a reciprocal.
    struct Coeffs {
        F8 a1, a2, a3;
    };
    static CHRONUS_INLINE Coeffs solve(F8 cutoff, F8 damping) CHRONUS_RT {
        const F8 g = tan_pi(cutoff);
        const F8 a1 = 1.0f / (1.0f + g * (g + damping));
        const F8 a2 = g * a1;
        return {a1, a2, g * a2};
    }

    /// All that the filter knows of one frame; high is in - k band - low, notch in - k band.
    struct Out {
        F8 band, low;
    };
    CHRONUS_INLINE Out next(F8 in, const Coeffs &c) CHRONUS_RT {
        const F8 rest = in - s2_;
        const F8 band = c.a1 * s1_ + c.a2 * rest;
        const F8 low = s2_ + c.a2 * s1_ + c.a3 * rest;
        s1_ = 2.0f * band - s1_;
        s2_ = 2.0f * low - s2_;
        return {band, low};
    }

    void reset(std::size_t lane) CHRONUS_RT { s1_[lane] = s2_[lane] = 0.0f; }
    F8 magnitude() const CHRONUS_RT { return abs(s1_) + abs(s2_); }

private:
    F8 s1_ = {}, s2_ = {};
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
