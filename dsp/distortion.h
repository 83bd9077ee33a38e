#pragma once

#include "dsp/block.h"
#include "dsp/delay_line.h"
#include "dsp/glide.h"
#include "dsp/halfband.h"
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
    static constexpr std::size_t kOver = 4;
    using Wide = std::array<float, kOver * kTick>;
    struct Lines { // one tick of every control
        std::array<float, kTick> gain, level, mix, tone;
    };
    struct Channel {
        Window<kTick, kTick> dry;
        Upsampler<kHalfbandLong, kTick> up;
        Upsampler<kHalfbandSecond, 2 * kTick> up_again;
        Window<2, kOver * kTick> curve;
        Downsampler<kHalfbandSecond, 2 * kTick> down;
        Downsampler<kHalfbandLong, kTick> down_again;
        std::array<float, 2> tone{}; // states of the two low-passes

        /// `wet` = the driven and shaped signal; one entry of `gain` for each frame.
        void shape(std::span<const float> in, std::span<const float> gain,
                   std::span<float> wet) CHRONUS_RT;
        /// Brings the filters to where they were had they run all along.
        void prime(float gain_now) CHRONUS_RT;
        void delay(std::span<float> io) CHRONUS_RT;
        void blend(std::span<float> io, const Lines &lines) CHRONUS_RT;
        float total() const CHRONUS_RT;
    };

    void aim(Glide &knob, float to) CHRONUS_RT;
    Lines advance_controls(std::size_t frames) CHRONUS_RT;

    float fs_;
    std::array<Channel, 2> channels_;
    Glide gain_, level_, mix_, tone_;
    std::size_t dry_frames_ = 0; // since the mix came to 0: the curve has not run meanwhile
    bool fresh_ = true;
};

} // namespace chronus::dsp
