#pragma once

#include "dsp/block.h"
#include "dsp/delay_line.h"
#include "dsp/halfband.h"
#include "dsp/lanes.h"
#include "dsp/rt.h"
#include "dsp/units.h"

#include <array>
#include <cstddef>
#include <span>

namespace chronus::dsp {

/// What a player sets on the distortion; all 0..1.
struct DistortionControls {
    float drive = 0.0f; ///< 0..+30 dB into the curve, loudness kept about equal
    float mix = 0.0f;   ///< 0: the dry signal, bit for bit; 1: the distorted one alone
    float tone = 0.5f;  ///< low-pass on the distorted signal, 1..12 kHz
};

/// A tanh curve without audible aliases: antiderivative anti-aliasing at four times the rate.
///
/// Shapes: n <= kTick stereo frames, in place, delayed by `kLatency` (the dry part as well).
/// Units:  the curve bends at full scale; output of any input stays within about +-2.5.
/// Thread: audio.
/// Errors: none. A non-finite input poisons the state until `heal()`.
/// Source: J. Parker, V. Zavalishin, E. Le Bivic, "Reducing the aliasing of nonlinear waveshaping
///         using continuous-time convolution", DAFx 2016.
class Distortion {
public:
    /// 17 for the outer pair of filters, 3.5 for the inner, 3/8 in the curve; within 1/8 frame.
    static constexpr std::size_t kLatency = 21;

    explicit Distortion(SampleRate fs) CHRONUS_RT;

    /// Reached in a straight line over the next tick; at once before the first `process`.
    void set(const DistortionControls &c) CHRONUS_RT;
    void process(StereoBlock io) CHRONUS_RT;

    /// True when the state was not finite or had run away, and was reset.
    bool heal() CHRONUS_RT;
    /// Forgets all sound; controls stay.
    void reset() CHRONUS_RT;
    /// True when silent input gives silent output (below -120 dBFS).
    bool idle() const CHRONUS_RT;

private:
    friend struct DistortionDoor; // tests plant faults through it
    static constexpr std::size_t kOver = 4;
    using Row = std::array<float, kTick + kLanes>; // runs on for up to a vector

    /// Everything the controls decide. A low-pass is d = share (x - s), y = s + d, s = y + d.
    enum Coefficient : std::size_t { kGain, kLevel, kMix, kShare, kCoefficients };
    using Coefficients = std::array<float, kCoefficients>;

    struct Channel {
        Window<kTick, kTick, 8> dry;
        Upsampler<kHalfbandLong, kTick> up;
        Upsampler<kHalfbandSecond, 2 * kTick> up_again;
        Window<2, kOver * kTick> curve;
        Downsampler<kHalfbandSecond, 2 * kTick> down;
        Downsampler<kHalfbandLong, kTick> down_again;

        /// io = the shaped signal.
        void shape(std::span<float> io) CHRONUS_RT;
        void reset_wet() CHRONUS_RT;
        float total() const CHRONUS_RT;
    };

    Coefficients solve(const DistortionControls &c) const CHRONUS_RT;
    void arrive() CHRONUS_RT;
    void begin_tick() CHRONUS_RT;
    F8 at(Coefficient which, std::size_t place) const CHRONUS_RT;
    void prime() CHRONUS_RT;
    void darken(std::array<Row, 2> &wet, std::size_t frames) CHRONUS_RT;
    void run(StereoBlock io) CHRONUS_RT;

    float fs_;
    DistortionControls controls_;
    std::array<Channel, 2> channels_;
    F4 first_{}, second_{};          // states of the two low-passes, of both sides
    Coefficients now_{}, slope_{};   // in this tick: now_ + slope_ * frame
    Coefficients goal_{}, target_{}; // at its end; asked for since
    std::size_t frame_ = 0;          // within the tick
    bool asked_ = false, moves_ = false;
    bool wet_ = false; // the curve runs in this tick
    bool fresh_ = true;
};

} // namespace chronus::dsp
