#pragma once

#include "dsp/glide.h"
#include "dsp/rt.h"
#include "dsp/units.h"

#include <cstdint>
#include <span>

namespace chronus::rt {

/// How a note pushes something down and lets it come up again.
///
/// Units: depth is the share of the amplitude that is taken, 1 leaves nothing.
struct DuckTimes {
    float attack_s = 0.005f, hold_s = 0.05f, release_s = 0.25f;
};

/// A gain that falls with each note and comes back: the pump of a side chain, without the
/// compressor's guess at where the note is.
///
/// Falls within the attack, stays for the hold, and rises within the release, each way along
/// 3x^2 - 2x^3, which has no corner at either end. A note before the end falls from where the gain
/// is, so that nothing steps.
/// Thread: audio. Errors: none.
class Duck {
public:
    explicit Duck(SampleRate fs) CHRONUS_RT : fs_(fs.hz) {}

    /// Times for ways not yet set out on; the depth follows within a tick.
    void set(float depth, DuckTimes times) CHRONUS_RT;
    /// A note strikes on the next frame generated.
    void strike() CHRONUS_RT;
    /// Comes up within 5 ms, deaf to notes until it is there.
    void let_go() CHRONUS_RT;
    /// The gain is 1 and stays there until a note strikes.
    bool idle() const CHRONUS_RT { return phase_ == Phase::rest; }
    /// Multiplies the gain of the next frames to `gains`.
    void generate(std::span<float> gains) CHRONUS_RT;
    /// True when the state was not sane, and was reset.
    bool heal() CHRONUS_RT;

private:
    friend struct DuckDoor; // tests plant faults through it
    enum class Phase : std::uint8_t { rest, attack, hold, release, leaving };

    void set_out(Phase phase, float seconds) CHRONUS_RT;
    void step() CHRONUS_RT;
    void arrive() CHRONUS_RT;

    float fs_;
    DuckTimes times_;
    dsp::Glide depth_;
    Phase phase_ = Phase::rest;
    std::uint32_t frames_ = 1, done_ = 0; // of the phase
    float from_ = 0, down_ = 0;           // 0 up, 1 down: where the phase began; where it is
};

} // namespace chronus::rt
