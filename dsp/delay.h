#pragma once

#include "dsp/block.h"
#include "dsp/delay_line.h"
#include "dsp/glide.h"
#include "dsp/rt.h"
#include "dsp/units.h"

#include <array>
#include <cstddef>
#include <span>

namespace chronus::dsp {

/// What a player sets on the echo.
struct DelayControls {
    float time_s = 0.25f;        ///< between repeats, up to 2 s; whole frames
    float feedback = 0.3f;       ///< 0..1.1: level of a repeat against the one before
    float mix = 0.3f;            ///< level of the repeats in the output
    float low_cut_hz = 150.0f;   ///< 6 dB an octave, once for every repeat
    float high_cut_hz = 5000.0f; ///< the same from above
};

/// An echo as a send effect: every repeat is filtered once more; the loop bends at full scale, so
/// that it is bounded whatever the feedback.
///
/// Shapes: n <= kTick stereo frames; the repeats times `mix` are added to `out`.
/// Units:  the first repeat starts exactly `time_s`, rounded to frames, after its cause.
/// Thread: audio.
/// Errors: none. A non-finite input poisons the state until `heal()`.
/// Source: dsp.md 7; a new time is reached by a raised-cosine cross-fade of 30 ms between two taps.
class Delay {
public:
    static constexpr Seconds kLongest{2.0f};

    /// Floats of zeroed memory the constructor wants.
    static std::size_t memory_needed(SampleRate fs) CHRONUS_RT;
    Delay(SampleRate fs, std::span<float> memory) CHRONUS_RT;

    /// Reached in a straight line over the next tick (time: by cross-fade); at once before the
    /// first `process`.
    void set(const DelayControls &c) CHRONUS_RT;
    void process(StereoBlock in, StereoBlock out) CHRONUS_RT;

    /// True when the state was not finite or had run away, and was reset.
    bool heal() CHRONUS_RT;
    /// Forgets all sound; controls stay.
    void reset() CHRONUS_RT;
    /// True when the whole line is silent (below -120 dBFS).
    bool idle() const CHRONUS_RT;

private:
    struct Filter { // of one channel: low cut, then high cut
        float low = 0.0f, high = 0.0f;
    };
    struct Lines { // one block of every control
        std::array<float, kTick> feedback, mix, low, high;
    };
    struct Run {
        std::span<float> io;
        const Lines &lines;
    };
    /// The two taps and where between them we are.
    struct Head {
        std::size_t from = 0, to = 0, wanted = 0;
        std::size_t faded = 0; // frames of the cross-fade done; 0 when still
    };

    void aim(Glide &knob, float to) CHRONUS_RT;
    Lines advance_controls(std::size_t frames) CHRONUS_RT;
    std::size_t fade_weights(std::span<float> weights) CHRONUS_RT;
    void read(const DelayLine &line, std::span<const float> weights,
              std::span<float> out) const CHRONUS_RT;
    void run(Filter &filter, std::span<const float> in, std::span<float> out,
             const Run &run) const CHRONUS_RT;
    void listen(StereoBlock written) CHRONUS_RT;

    float fs_;
    std::size_t fade_frames_;
    std::array<DelayLine, 2> lines_;
    std::array<Filter, 2> filters_{};
    Head head_;
    Glide feedback_, mix_, low_, high_;
    std::size_t quiet_ = 0; // frames since something audible entered the line
    bool fresh_ = true;
};

} // namespace chronus::dsp
