#pragma once

#include "dsp/diode_ladder.h"
#include "dsp/glide.h"
#include "dsp/halfband.h"
#include "dsp/rt.h"
#include "dsp/units.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace chronus::dsp {

/// How many times the rate of the sound around it the ladder runs at.
enum class AcidQuality : std::uint8_t { twofold, fourfold };

/// What a player sets on the acid module.
struct AcidControls {
    float cutoff_hz = 1500.0f; ///< with the envelope at rest; the sum of all ends at 10 kHz
    float resonance = 0.45f;   ///< the knob, 0..1; 1 is just below whistling
    float whistle = 0.0f;      ///< 0..1: how much further the knob goes; 1 doubles its reach
    float env_hz = 2500.0f;    ///< added to the cutoff at the envelope's top
    float decay_s = 0.25f;     ///< time constant: the envelope falls to 37 % in this time
    float drive = 0.2f;        ///< 0..1: -6..+18 dB into the ladder, level kept about equal
    float vol_comp = 0.5f;    ///< 0: resonance takes level as in the hardware, 0.5: a line stays as
                              ///< loud, 1: its bass does
    float accent_hz = 300.0f; ///< added to the cutoff by a full accent, more by several
    float accent_resonance = 0.2f; ///< added to the knob by a full accent
    float accent_decay_s = 0.05f;  ///< how long an accent's charge stays; more at high resonance
    float cutoff_ratio = 1.0f;     ///< the source voice's filter modulation
    AcidQuality quality = AcidQuality::twofold;
};

/// The acid line's filter: AC coupling, diode ladder at a higher rate, envelope and accent.
///
/// Shapes: n <= kTick mono frames in, n out, delayed by `latency(quality)`.
/// Units:  a source of peak 1 gives about peak 1; the amplifier comes after, in the caller.
/// Thread: audio.
/// Errors: none. A non-finite input poisons the state until `heal()`.
/// Source: dsp.md 3; Stinchcombe's capacitors, the accent's shape after R. Whittle.
class Acid {
public:
    static constexpr std::size_t latency(AcidQuality quality) CHRONUS_RT {
        const std::size_t again = (round_trip(kHalfbandSecond) + 1) / 2; // and one for whole frames
        return round_trip(kHalfbandShort) + (quality == AcidQuality::fourfold ? again : 0);
    }

    explicit Acid(SampleRate fs) CHRONUS_RT;

    /// Reached in a straight line over the next tick; at once before the first `process`.
    void set(const AcidControls &c) CHRONUS_RT;

    /// Strikes the envelope, unless `legato` (a slide) where it runs on. Accent is 0..1.
    void note_on(float accent, bool legato) CHRONUS_RT;

    void process(std::span<const float> in, std::span<float> out) CHRONUS_RT;

    /// What the accent multiplies the amplifier by, for each frame of the last `process`: 1 without
    /// accent, up to 2 with a full one.
    std::span<const float> boost() const CHRONUS_RT { return std::span(boost_).first(frames_); }

    /// The accents' charge on the cutoff, about 0.5 after one full accent; for meters and tests.
    float accent_charge() const CHRONUS_RT { return env_.charge; }

    /// True when the state was not finite or had run away, and was reset.
    bool heal() CHRONUS_RT;
    /// Forgets all sound; controls stay.
    void reset() CHRONUS_RT;
    /// True when silent input gives silent output (below -120 dBFS) and the envelopes have ended.
    bool idle() const CHRONUS_RT;

private:
    friend struct AcidDoor; // tests plant faults through it
    struct CoupleSection {
        float gain = 0.0f; // input to state
        float low = 0.0f;  // gain at DC less 1
        float state = 0.0f;
        float step(float x) CHRONUS_RT;
    };
    struct Envelope {
        float raw = 0.0f;    // falls from 1
        float main = 0.0f;   // raw with its corner rounded
        float charge = 0.0f; // what accents leave behind
        float accent = 0.0f; // of the note being played
    };
    struct Rates { // per frame
        float decay = 0.0f, charge = 0.0f, discharge = 0.0f;
    };
    struct Knobs {
        Glide cutoff, resonance, reach, env, accent, accent_resonance, ratio, gain_in, gain_out;
    };
    /// Of the frames of a call.
    using Run = std::array<float, kTick>;
    struct Swept {
        Run main{}, charge{}; // the envelope's
        Run cutoff, loop;
    };
    struct Again { // from twice the rate to four times, and back
        Upsampler<kHalfbandSecond, 2 * kTick> up;
        Downsampler<kHalfbandSecond, 2 * kTick> down;
        float last = 0.0f;
    };

    void aim(Glide &knob, float to) CHRONUS_RT;
    void set_rates(const AcidControls &c) CHRONUS_RT;
    void run_envelope(Swept &swept) CHRONUS_RT;
    void lay(Glide &knob, Run &out) const CHRONUS_RT;
    void lay_cutoff(Swept &swept) CHRONUS_RT;
    void lay_loop(Swept &swept) CHRONUS_RT;
    void set_quality(AcidQuality quality) CHRONUS_RT;
    void run_ladder(DiodeLadder &ladder, const Swept &swept, std::span<float> io) CHRONUS_RT;
    void run_fourfold(const Swept &swept, std::span<float> io) CHRONUS_RT;
    void run_ladders(const Swept &swept, std::span<float> io) CHRONUS_RT;
    void couple_in(std::span<const float> in, std::span<float> out) CHRONUS_RT;
    void couple_out(std::span<float> io) CHRONUS_RT;
    float total() const CHRONUS_RT; // of the state's magnitudes
    bool sane() const CHRONUS_RT;

    float fs_, highest_; // sample rate, top of the cutoff
    DiodeLadder twofold_, fourfold_;
    Upsampler<kHalfbandShort, kTick> up_;
    Downsampler<kHalfbandShort, kTick> down_;
    Again again_;
    Glide finer_; // share of the fourfold ladder
    std::array<CoupleSection, 2> couple_in_;
    std::array<CoupleSection, 3> couple_out_;
    Envelope env_;
    float rise_ = 1.0f;
    Rates plain_, accented_;
    AcidControls controls_;
    Knobs knobs_;
    std::array<float, kTick> boost_{};
    std::size_t frames_ = 0;
    bool fresh_ = true;
};

} // namespace chronus::dsp
