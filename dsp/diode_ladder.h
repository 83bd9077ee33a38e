#pragma once

#include "dsp/lanes.h"
#include "dsp/math.h"
#include "dsp/rt.h"
#include "dsp/units.h"

#include <span>

namespace chronus::dsp {

/// The four-capacitor diode ladder with its coupling capacitors inside the feedback loop, solved
/// without a unit delay: tuned to a cent, and its resonance fades at low cutoffs as in the
/// hardware.
///
/// Shapes: one sample in, one out.
/// Units:  u, y in units of the diode pairs' 2 V_T: below 0.1 it is as good as linear.
/// Thread: audio. Made for twice the rate of the sound around it, or more.
/// Errors: none; the caller watches `total()` and resets.
/// Source: T. Stinchcombe, "Diode ladder filters" (2009) for the transfer function, dsp.md 3.2 for
///         the state equations; trapezoidal rule, one Newton step a sample, tanh for every diode.
class DiodeLadder {
public:
    /// Loop gain of the knob at its end: half a decibel below oscillation at 2.4 kHz.
    static constexpr float kFullKnob = 0.906f;
    /// The loop gain of the sections' product is this times k.
    static constexpr float kLoopScale = 18.7f;

    explicit DiodeLadder(SampleRate fs) CHRONUS_RT;

    /// The integrators' gain for a cutoff, or eight; exact at the resonance, 2^(1/4) above it.
    template <class V>
    CHRONUS_INLINE V gain_for(V cutoff_hz) const CHRONUS_RT {
        constexpr float kResonance = 1.189207115f;  // 2^(1/4)
        constexpr float kIntegrator = 0.707106781f; // (fc / 2^(1/4)) / (fc 2^(1/4))
        return tan_pi(cutoff_hz * kResonance / rate_) * kIntegrator;
    }

    /// One sample; `g` from `gain_for`, `k` the loop gain (the knob times `kFullKnob`).
    float step(float x, float g, float k) CHRONUS_RT;
    /// As many samples in place for each of the controls as there are.
    void process(std::span<float> io, std::span<const float> g,
                 std::span<const float> k) CHRONUS_RT;

    /// Goes on where another one stands, made for whatever rate.
    void follow(const DiodeLadder &other) CHRONUS_RT {
        couple_ = other.couple_;
        y_ = other.y_;
        s_ = other.s_;
    }
    /// Sum of the state's magnitudes: small when silent, not a number when one part is not.
    float total() const CHRONUS_RT;
    void reset() CHRONUS_RT;

private:
    struct Knobs { // what a step needs of them
        float g, loop, back, push;
        F4 gains;
    };
    Knobs knobs(float g, float k) const CHRONUS_RT;
    float advance(float x, const Knobs &knobs) CHRONUS_RT;

    float rate_;
    F8 couple_gain_{};  // of the coupling sections as parallel low-passes: input to state
    F8 couple_kept_{};  // state to the loop's output, one step on
    float through_ = 1; // the loop's instant gain
    float taken_ = 0;   // what the sections' share of the output grows by, of the present y[3]
    F8 couple_{};       // their states, a step behind
    F4 y_{};            // capacitor voltages
    F4 s_{};            // trapezoidal integrators' states
};

} // namespace chronus::dsp
