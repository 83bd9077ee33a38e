#pragma once

#include "dsp/block.h"
#include "dsp/math.h"
#include "dsp/ramp.h"
#include "dsp/rt.h"

#include <cstddef>
#include <cstdint>

namespace chronus::dsp {

/// What a voice is made of. The first six values are fixed by an older protocol.
enum class Wave : std::uint8_t {
    sine,
    saw,
    square,
    white,
    pink,
    brown,
    triangle,
    supersaw,
    synced
};
inline constexpr std::size_t kWaves = 9;

/// Where eight oscillators stand during a run of frames, and how their edges are to be rounded.
///
/// Units: phase in 2^-32 turns. `reach` turns a distance from an edge, in half turns, into a share
///        of the band-limited step's support of 4 frames a side. `purity` is how much of the wave
///        has given way to its fundamental. Where `steady`, both stay what they are in frame 0.
struct PhaseRun {
    /// Above 1/8 turn a frame the support no longer fits between two edges: it shrinks with the
    /// period, and the wave becomes a sine, the only part of it below 20 kHz from 0.19 on.
    static constexpr float kPureFrom = 0.125f, kPureAt = 0.19f;

    U8 phase[kTick + 1]; // one more than there are frames: so far each goes
    F8 reach[kTick];
    F8 purity[kTick];
    F8 octave[kTick];    // of the pitch in Hz; only where asked for
    bool steady = false; // neither pitch nor weights move, and nothing is bright
    bool bright = false; // some purity is above zero
};

/// Eight phases as integers: a period is exact and wrapping costs nothing.
class PhaseClock {
public:
    void restart(std::size_t lane) CHRONUS_RT { phase_[lane] = 0; }
    /// By how much it moves on in a frame of at most 0.49 turns: an even number, so that half of it
    /// keeps an octave below in step for ever.
    static CHRONUS_INLINE U8 step_of(F8 turns_per_frame) CHRONUS_RT {
        return std::bit_cast<U8>(detail::to_int(turns_per_frame * 0x1p31f)) << 1;
    }
    U8 now() const CHRONUS_RT { return phase_; }
    /// The phases of this frame; then one frame on.
    CHRONUS_INLINE U8 next(U8 step) CHRONUS_RT {
        const U8 now = phase_;
        phase_ = phase_ + step;
        return now;
    }

    /// The phases of `frames` frames at one speed, and of the one after.
    CHRONUS_INLINE void lay(U8 *out, std::uint32_t frames, U8 step) CHRONUS_RT {
        U8 now = phase_;
#pragma GCC unroll 4
        for (std::uint32_t i = 0; i < frames; ++i, now = now + step) out[i] = now;
        out[frames] = phase_ = now;
    }

private:
    U8 phase_ = {};
};

/// Whom a wave is added to: `out[0, frames)`, frames <= kTick; the first there overwrites it. Lanes
/// in which it is not heard, where its weight is 0, are spared what they can be.
struct WaveRun {
    const PhaseRun &phases;
    F8 *out;
    std::uint32_t frames;
    bool first;
    I8 heard = ~I8{};
};

/// Each adds a wave of unit amplitude, `weight` lane by lane. All set out upward from 0 at phase 0.
///
/// Saw and pulse have band-limited steps, the triangle band-limited corners (dsp/blep.h). The pulse
/// is the difference of two saws: its width may move freely, and at no width does it carry DC,
/// which an envelope would turn into a thump.
///
/// Thread: audio.
void add_sine(const WaveRun &run, Line<true> &weight) CHRONUS_RT;
void add_saw(const WaveRun &run, Line<true> &weight) CHRONUS_RT;
void add_triangle(const WaveRun &run, Line<true> &weight) CHRONUS_RT;
/// Units: width in turns, 0 < width < 1.
void add_pulse(const WaveRun &run, Line<true> &weight, Line<true> &width) CHRONUS_RT;
/// Hard sync: in every period of the pitch a saw `ratio` times faster, which starts anew with it.
/// Its own pitch ends at 5 kHz, where its aliases are as loud as they may be.
///
/// Units: ratio from 1, where it is the saw.
void add_synced(const WaveRun &run, Line<true> &weight, Line<true> &ratio) CHRONUS_RT;

/// How the edges of frame `frame` are to be rounded, from the speed there.
CHRONUS_INLINE void lay_edges(PhaseRun &run, std::uint32_t frame, F8 turns_per_frame) CHRONUS_RT {
    run.reach[frame] = max(0.125f / turns_per_frame, splat(1.0f));
    constexpr float kSlope = 1.0f / (PhaseRun::kPureAt - PhaseRun::kPureFrom);
    run.purity[frame] = clamp((turns_per_frame - PhaseRun::kPureFrom) * kSlope, 0.0f, 1.0f);
}

} // namespace chronus::dsp
