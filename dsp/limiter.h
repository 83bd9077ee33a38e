#pragma once

#include "dsp/block.h"
#include "dsp/delay_line.h"
#include "dsp/glide.h"
#include "dsp/rt.h"
#include "dsp/true_peak.h"
#include "dsp/units.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace chronus::dsp {

/// What a player sets on the master's limiter.
struct LimiterControls {
    float ceiling_db = -1.0f; ///< -24..0 dB true peak: no sample ever leaves above it
};

/// The last thing before the card: a true-peak limiter that looks 1.5 ms ahead, and a proof at its
/// end. Below the ceiling it is a delay and changes no bit.
///
/// Shapes: n <= kTick stereo frames, in place, delayed by `latency()`.
/// Units:  peaks are measured at 4 times the rate, within 0.6 dB up to 20 kHz.
/// Thread: audio.
/// Errors: none: a non-finite input sample is taken as 0, what is beyond +120 dB as that.
/// Source: dsp.md 9; detector after ITU-R BS.1770-4 annex 2, with coefficients of our own.
class Limiter {
public:
    explicit Limiter(SampleRate fs) CHRONUS_RT;

    /// Reached in a straight line over the next tick; at once before the first `process`.
    void set(const LimiterControls &c) CHRONUS_RT;
    void process(StereoBlock io) CHRONUS_RT;

    /// Frames by which the output is late.
    std::size_t latency() const CHRONUS_RT { return latency_; }
    /// The smallest gain since the last call; 1 when nothing was limited. For meters.
    float take_gain() CHRONUS_RT;

    /// True when the state was not one that sound can bring about, and was reset.
    bool heal() CHRONUS_RT;
    /// Forgets all sound; controls stay.
    void reset() CHRONUS_RT;
    /// True when all that is inside is silent and the gain is 1.
    bool idle() const CHRONUS_RT;

private:
    friend struct LimiterDoor;                        // tests plant faults through it
    static constexpr std::size_t kTaps = kPeakTaps;   // of the detector, each phase
    static constexpr std::size_t kMiddle = kTaps / 2; // what it must see after a sample to judge it
    static constexpr std::size_t kMaxBox = 144;       // 1.5 ms twice over, at 192 kHz
    static constexpr std::size_t kMaxWindow = 2 * kMaxBox + 1;
    static constexpr std::size_t kMaxLatency = kMaxWindow + kMiddle;
    using Row = std::array<float, kTick + 8>;

    /// A moving sum of whole numbers: exact, so that it returns to 0.
    struct Box {
        Window<kMaxBox, kTick, 8, std::uint32_t> past;
        std::uint32_t total = 0;
    };
    using Past = Window<kMaxLatency, kTick, 8>;

    void take_in(StereoBlock io) CHRONUS_RT;
    bool quiet(std::size_t frames) const CHRONUS_RT;
    void find_cuts(std::size_t frames) CHRONUS_RT;
    void hold(Row &held, std::size_t frames) const CHRONUS_RT;
    void release(Row &cuts, std::size_t frames) CHRONUS_RT;
    void smooth(Row &io, std::size_t frames) CHRONUS_RT;
    template <bool kTurns>
    void deliver(StereoBlock io, const Row &gains) const CHRONUS_RT;
    bool at_rest() const CHRONUS_RT;

    LimiterControls controls_;
    std::size_t box_, latency_;
    float release_, whole_, unit_; // a cut of 1 as a number in a box; what one in the second is
    Glide ceiling_;
    Past left_, right_, ceilings_;
    Window<kMaxWindow, kTick, 8> cuts_; // 1 - the gain that each sample needs
    float held_ = 0.0f;                 // the cut now, on its way back
    std::array<Box, 2> boxes_;
    std::size_t uncut_; // frames since a sample needed a cut
    float least_ = 1.0f;
    bool fresh_ = true, ill_ = false;
};

} // namespace chronus::dsp
