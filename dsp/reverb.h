#pragma once

#include "dsp/block.h"
#include "dsp/reverb_plan.h"
#include "dsp/reverb_state.h"
#include "dsp/rt.h"
#include "dsp/units.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace chronus::dsp {

/// What a player sets on the reverb.
struct ReverbControls {
    float mix = 0.3f;  ///< 0..1: level of the reverb in the output
    float room = 0.5f; ///< 0..1: reverberation time, 0.3..12 s, exponential
    float damp = 0.5f; ///< 0..1; 0: all frequencies alike, 1: the treble dies ten times as fast
    float low = 1.0f;  ///< 0.25..4: reverberation time of the bass against the middle
    float pre_delay_s = 0.0f; ///< 0..0.25: until the first echo, on top of the diffuser's own
    float size = 1.0f;        ///< 0.5..1.5: length of all paths
    float motion = 0.5f;      ///< 0..1: how far the moving lines swing, up to 0.67 ms
    bool freeze = false;      ///< the tail stays for ever and takes in nothing new
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

    /// Reached in a straight line over the next tick, pre-delay and size by a cross-fade of 60 ms,
    /// motion within half a second; at once before the first `process`.
    void set(const ReverbControls &c) CHRONUS_RT;
    void process(StereoBlock in, StereoBlock out) CHRONUS_RT;

    /// True when the state was not finite or had run away, and was reset.
    bool heal() CHRONUS_RT;
    /// Forgets all sound; controls stay.
    void reset() CHRONUS_RT;
    /// True when all lines are silent (below -120 dBFS).
    bool idle() const CHRONUS_RT { return quiet_ >= longest_; }

private:
    friend struct ReverbDoor; // tests plant faults through it
    using Coefficients = ReverbState::Coefficients;

    float reach_wanted() const CHRONUS_RT;
    bool wish() CHRONUS_RT;
    float on_the_way(std::size_t from, std::size_t to) const CHRONUS_RT;
    Coefficients solve() const CHRONUS_RT;
    void shelves(Coefficients &c, const ReverbTimes &times) const CHRONUS_RT;
    void levels(Coefficients &c, const ReverbTimes &times) const CHRONUS_RT;
    void arrive() CHRONUS_RT;
    void begin_tick() CHRONUS_RT;
    void move_heads() CHRONUS_RT;
    void swing() CHRONUS_RT;

    float fs_;
    ReverbControls controls_;
    ReverbState state_;
    Coefficients goal_{}, target_{};      // at the tick's end; asked for since
    float old_size_ = 1.0f, size_ = 1.0f; // of the lines faded from and to
    float way_ = 1.0f;                    // of the cross-fade done by the end of this tick
    std::size_t faded_ = 0;               // frames of the cross-fade done
    float reach_ = 0.0f;                  // of the swings, in frames
    std::array<std::uint32_t, plan::kMoving> phases_{};
    std::size_t written_ = 0;         // frames since the last reset
    std::size_t quiet_ = 0, longest_; // frames of silence; what it takes to empty all lines
    bool fresh_ = true, asked_ = false, sloped_ = false, ill_ = false;
};

} // namespace chronus::dsp
