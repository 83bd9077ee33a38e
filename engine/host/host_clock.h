#pragma once

#include "dsp/rt.h"
#include "engine/model/time.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace chronus {

/// Nanoseconds of the monotonic clock: what devices and their watchers measure by.
std::int64_t monotonic_ns() noexcept;

/// A straight line through the moments at which blocks were called for. `ns_at(f)` is when the
/// block that starts with frame f is called for; `frame_at` is its inverse: of the frames not yet
/// rendered at that moment, the first, if blocks were one frame long. So with blocks of n, what
/// happens at a moment comes too late for its frame, and in time for the one n and the jitter
/// later.
struct ClockFit {
    Frame frame = 0;         ///< first of the newest block
    std::int64_t ns = 0;     ///< monotonic, when it was called for but for the jitter
    double ns_per_frame = 0; ///< by the device's clock, not by its nominal rate
    double jitter_ns = 0;    ///< root mean square of the calls' distance from the line

    /// The nearest frame; 0 for all that was before the first.
    Frame frame_at(std::int64_t monotonic) const noexcept;
    std::int64_t ns_at(Frame f) const noexcept;
};

/// The device's time against the computer's: a delay-locked loop of second order over the moments
/// at which blocks are called for, and the count of the frames.
///
/// Its bandwidth is 0.1 Hz: white jitter of s leaves about s/16 of it on the line (blocks of 256
/// at 48 kHz), while a card whose rate wanders by 1 ppm a second is followed within 3 us. It
/// starts as the mean of the first calls and narrows as 0.4 / t, so the line is good from the
/// first second on. Where two lines meet, at a block, they differ by 0.5 % of that block's jitter.
/// After a gap a new line starts, at the rate known by then, and time jumps by as much as was
/// lost: an xrun, or a call more than 4 blocks and 20 ms away from where it was expected.
///
/// Source: F. Adriaensen, "Using a DLL to filter time", Linux Audio Conference 2005.
class HostClock {
public:
    explicit HostClock(std::uint32_t sample_rate);

    /// The device's call for the next so many frames, whose time has come at `at_ns`.
    /// Thread: whichever renders, as for `restart`.
    void block(std::int64_t at_ns, std::size_t frames) CHRONUS_RT;
    /// Time was lost before the next block.
    void restart() CHRONUS_RT { blocks_ = 0; }

    /// No device plays: there is no line before the next block, which may be another device's.
    /// Thread: control, while nobody renders.
    void stop() noexcept;
    /// When the block after the last one is due; 0 before the first. Thread: as for `stop`.
    std::int64_t due_ns() const noexcept;

    /// The line as of the newest block; nothing while no device plays. Thread: any.
    std::optional<ClockFit> fit() const noexcept;

private:
    using Words = std::array<std::atomic<std::uint64_t>, sizeof(ClockFit) / 8>;

    bool astray(double error_ns, double length_ns) const CHRONUS_RT;
    void publish(const ClockFit &fit) CHRONUS_RT;

    const double nominal_; // nanoseconds a frame
    Frame frames_ = 0;     // called for so far
    std::int64_t origin_ns_ = 0;
    double next_ns_ = 0; // after the origin: when the next block is expected
    double ns_per_frame_ = nominal_;
    double jitter_squared_ = 0;
    std::uint64_t blocks_ = 0; // of this line

    // The newest fit is in one of two places while the other is being written, so that no reader
    // waits for the audio thread.
    std::array<Words, 2> places_{};
    std::atomic<std::uint64_t> version_{0}; // its lowest bit tells the place
};

} // namespace chronus
