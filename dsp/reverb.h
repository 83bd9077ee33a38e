#pragma once

#include "dsp/block.h"
#include "dsp/delay_line.h"
#include "dsp/lanes.h"
#include "dsp/rt.h"
#include "dsp/units.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace chronus::dsp {

/// What a player sets on the reverb; all 0..1.
struct ReverbControls {
    float mix = 0.3f;  ///< level of the reverb in the output
    float room = 0.5f; ///< reverberation time, 0.3..12 s, exponential
    float damp = 0.5f; ///< 0: all frequencies alike; 1: the treble dies ten times as fast
};

/// How long each part of the spectrum takes to fall by 60 dB.
struct ReverbTimes {
    float low_s = 1.0f, mid_s = 1.0f, high_s = 1.0f;
};

/// A hall as a send effect: four diffusion steps of eight channels, then sixteen delay lines in a
/// lossless Hadamard feedback loop with the losses set per line, four of the lines slowly moving.
///
/// Shapes: n <= kTick stereo frames; the reverb times `mix` is added to `out`.
/// Units:  the reverberation time holds in every octave 125 Hz..8 kHz, see `times`.
/// Thread: audio.
/// Errors: none. A non-finite input poisons the state until `heal()`.
/// Source: J.-M. Jot, "Digital delay networks for designing artificial reverberators", AES 1991;
///         the diffuser after Signalsmith Audio, "Let's write a reverb", ADC 2021.
class Reverb {
public:
    static constexpr Hz kLowCorner{200.0f};   ///< where the low time meets the middle one
    static constexpr Hz kHighCorner{6000.0f}; ///< where the high time meets the middle one

    /// What the controls ask for.
    static ReverbTimes times(const ReverbControls &c) CHRONUS_RT;

    /// Floats of zeroed memory the constructor wants.
    static std::size_t memory_needed(SampleRate fs) CHRONUS_RT;
    Reverb(SampleRate fs, std::span<float> memory) CHRONUS_RT;

    /// Reached in a straight line over the next tick; at once before the first `process`.
    void set(const ReverbControls &c) CHRONUS_RT;
    void process(StereoBlock in, StereoBlock out) CHRONUS_RT;

    /// True when the state was not finite or had run away, and was reset.
    bool heal() CHRONUS_RT;
    /// Forgets all sound; controls stay.
    void reset() CHRONUS_RT;
    /// True when all lines are silent (below -120 dBFS).
    bool idle() const CHRONUS_RT { return quiet_ >= longest_; }

private:
    static constexpr std::size_t kSteps = 4, kChannels = 8, kTanks = 16, kMoving = 4;
    using Row = std::array<float, kTick>;
    template <std::size_t N>
    using Rows = std::array<Row, N>;

    /// Everything the controls decide, for two times eight tank lines or eight channels a value.
    enum Coefficient : std::size_t {
        kMid,
        kLowShare = kMid + 2,
        kLowGain = kLowShare + 2,
        kHighShare = kLowGain + 2,
        kHighGain = kHighShare + 2,
        kDiffuse = kHighGain + 2,
        kLevels = kDiffuse + kSteps, // lane 0: early level, lane 1: late level
        kCoefficients
    };
    using Coefficients = std::array<F8, kCoefficients>;

    /// A tank line whose length swings around `tanks_`' by a sine.
    struct Swing {
        std::uint32_t phase = 0, per_tick = 0;
        float from = 0.0f, to = 0.0f; // extra delay at both ends of this tick
    };
    struct Span { // of frames within one tick
        std::size_t begin = 0, count = 0;
    };

    Coefficients solve(const ReverbControls &c) const CHRONUS_RT;
    void shelves(Coefficients &c, const ReverbTimes &times) const CHRONUS_RT;
    void begin_tick() CHRONUS_RT;
    void diffuse(std::size_t step, Span span) CHRONUS_RT;
    void read_tanks(Span span) CHRONUS_RT;
    void read_moving(std::size_t line, const Swing &swing, Span span) CHRONUS_RT;
    template <bool kRamp>
    void lose(std::size_t half, Span span) CHRONUS_RT;
    template <std::size_t N>
    static void gather(const Rows<N> &rows, Rows<2> &sides, std::size_t frames) CHRONUS_RT;
    void feed_back(std::size_t frames) CHRONUS_RT;
    void run(StereoBlock in, StereoBlock out, Span span) CHRONUS_RT;
    void deliver(StereoBlock out, Span span) CHRONUS_RT;

    float fs_;
    std::array<std::array<std::size_t, kChannels>, kSteps> diffuser_delays_{};
    std::array<std::size_t, kTanks> tank_delays_{};
    std::array<std::array<DelayLine, kChannels>, kSteps> diffusers_;
    std::array<DelayLine, kTanks> tanks_;
    std::array<Swing, kMoving> swings_;
    Coefficients now_{}, slope_{};     // in this tick: now_ + slope_ * frame
    Coefficients goal_{}, target_{};   // at the tick's end; asked for since
    std::array<F8, 2> low_{}, high_{}; // states of the shelves
    Rows<kChannels> spread_{};         // the block on its way through the diffuser
    Rows<kTanks> tank_rows_{};         // and through the tank
    Rows<2> early_{}, late_{};
    std::size_t frame_ = 0;           // within the tick
    std::size_t quiet_ = 0, longest_; // frames of silence; what it takes to empty all lines
    bool ramp_ = false, fresh_ = true;
};

} // namespace chronus::dsp
