#pragma once

#include "dsp/block.h"
#include "dsp/ring.h"
#include "dsp/rt.h"
#include "dsp/units.h"

#include <array>
#include <cstddef>

namespace chronus::dsp {

/// A read head that travels along a line to where it is wanted, as fast as is left to go in
/// `kHaste`, but no faster than an octave up or down; what it reads is higher or lower by its
/// speed.
///
/// Units:  delays in frames, the pitch factor is 1 - their change a frame.
/// Thread: audio.
class TapeHead {
public:
    static constexpr Seconds kHaste{0.1f}, kInertia{0.05f}; ///< the latter: to full speed

    static constexpr double kShortest = kTick + 4; ///< a block must not read what it writes

    /// Stands there.
    void put(std::size_t delay) CHRONUS_RT { *this = TapeHead{static_cast<double>(delay)}; }
    bool travels() const CHRONUS_RT { return speed_ != 0.0 || next_speed_ != 0.0; }

    /// Sets out for this tick. Call once a tick; afterwards it may stand on `wanted` exactly.
    void begin_tick(std::size_t wanted, std::size_t longest, SampleRate fs) CHRONUS_RT;
    /// The frames [begin, begin + count) of the tick, read between the samples of `line`, which has
    /// not moved on yet.
    void read(const Ring &line, std::size_t begin, std::size_t count, float *out) const CHRONUS_RT;

    TapeHead() = default;

private:
    friend struct DelayDoor; // tests plant faults through it
    explicit TapeHead(double delay) : delay_(delay) {}
    double at(std::size_t place) const CHRONUS_RT;

    double delay_ = 0.0; // at the tick's start
    double speed_ = 0.0, next_speed_ = 0.0;
    bool arrives_ = false;
};

} // namespace chronus::dsp
