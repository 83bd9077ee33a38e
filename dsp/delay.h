#pragma once

#include "dsp/block.h"
#include "dsp/lanes.h"
#include "dsp/ring.h"
#include "dsp/rt.h"
#include "dsp/tape_head.h"
#include "dsp/units.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace chronus::dsp {

/// How the echo gets to a new time.
enum class DelayMode : std::uint8_t {
    digital, ///< a raised-cosine cross-fade of 30 ms between two taps
    tape,    ///< the read head travels there, and bends the pitch on its way
};

/// What a player sets on the echo.
struct DelayControls {
    float time_s = 0.25f;        ///< between repeats, up to 2 s; whole frames
    float feedback = 0.3f;       ///< 0..1.1: level of a repeat against the one before
    float mix = 0.3f;            ///< level of the repeats in the output
    float low_cut_hz = 150.0f;   ///< 6 dB an octave, once for every repeat
    float high_cut_hz = 5000.0f; ///< the same from above
    float ping_pong = 0.0f;      ///< 0..1: how much of a repeat comes back on the other side
    float saturation = 0.0f;     ///< 0..1: the loop bends from half scale on, or from nothing on
    DelayMode mode = DelayMode::digital;
};

/// An echo as a send effect: every repeat is filtered once more; the loop bends at full scale, so
/// that it is bounded whatever the feedback.
///
/// Shapes: n <= kTick stereo frames; the repeats times `mix` are added to `out`.
/// Units:  the first repeat starts exactly `time_s`, rounded to frames, after its cause.
/// Thread: audio.
/// Errors: none. A non-finite input poisons the state until `heal()`.
/// Source: dsp.md 7.
class Delay {
public:
    static constexpr Seconds kLongest{2.0f};

    /// Floats of zeroed memory the constructor wants.
    static std::size_t memory_needed(SampleRate fs) CHRONUS_RT;
    Delay(SampleRate fs, std::span<float> memory) CHRONUS_RT;

    /// Reached in a straight line over the next tick (time: as `mode` says); at once before the
    /// first `process`.
    void set(const DelayControls &c) CHRONUS_RT;
    void process(StereoBlock in, StereoBlock out) CHRONUS_RT;

    /// True when the state was not finite or had run away, and was reset.
    bool heal() CHRONUS_RT;
    /// Forgets all sound; controls stay.
    void reset() CHRONUS_RT;
    /// True when the whole line is silent (below -120 dBFS).
    bool idle() const CHRONUS_RT { return quiet_ >= longest_; }

private:
    friend struct DelayDoor; // tests plant faults through it

    /// Everything the controls decide but the time. Low and high cut of a frame x are
    /// d = x - low, low += low_step d, y = high_keep y + high_step d.
    enum Coefficient : std::size_t {
        kLowStep,
        kHighStep,
        kHighKeep,
        kMix,
        kFeedback,
        kCross,
        kKnee,
        kTop,
        kCoefficients
    };
    using Coefficients = std::array<float, kCoefficients>;
    using Row = std::array<float, kTick + kLanes>; // runs on for up to a vector
    using Rows = std::array<Row, 2>;

    Coefficients solve() const CHRONUS_RT;
    void arrive() CHRONUS_RT;
    void begin_tick() CHRONUS_RT;
    void move_head() CHRONUS_RT;
    const float *read(std::size_t side, std::size_t frames, Row &row) const CHRONUS_RT;
    template <bool kMoves>
    void filter(Rows &io, std::size_t frames) CHRONUS_RT;
    template <bool kMoves>
    void feed(StereoBlock in, const Rows &wet) CHRONUS_RT;
    void listen(std::size_t frames) CHRONUS_RT;
    void deliver(const Rows &wet, StereoBlock out) const CHRONUS_RT;

    float fs_;
    std::size_t longest_, wanted_ = 0; // frames
    DelayControls controls_;
    std::array<Ring, 2> lines_;
    std::array<float, 2> low_{}, high_{}; // states of the cuts
    Coefficients now_{}, slope_{};        // in this tick: now_ + slope_ * frame
    Coefficients goal_{}, target_{};      // at its end; asked for since
    bool asked_ = false, moves_ = false;

    std::size_t from_ = 0, to_ = 0; // the two taps; one and the same when still
    std::size_t faded_ = 0;         // frames of the cross-fade done
    Row weights_{};                 // how much of the new one, in this tick
    TapeHead head_;                 // travels, or stands on the tap

    std::size_t frame_ = 0, written_ = 0; // within the tick; since the last reset
    std::int32_t loudest_ = 0;            // that entered the line in this tick, as bits
    std::size_t quiet_ = 0;               // frames since something audible did
    bool fresh_ = true;
};

} // namespace chronus::dsp
