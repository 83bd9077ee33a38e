#pragma once

#include "engine/host/block_times.h"
#include "engine/host/host_clock.h"
#include "engine/host/render_call.h"

#include <atomic>
#include <cstdint>

namespace chronus {

/// How a device is doing: single values, each whole.
///
/// Thread: written by the device's audio thread, read by anybody.
struct DeviceMeter {
    std::atomic<std::uint64_t> callbacks{0}; ///< the heartbeat
    std::atomic<std::uint64_t> xruns{0};     ///< gaps the sound system told of
    std::atomic<std::uint64_t> late{0};      ///< blocks that took longer than they last
    std::atomic<float> load{0};              ///< share of a block's time, averaged over 1 s
    std::atomic<float> load_peak{0};         ///< its highest, falling by half in 5 s
    BlockTimesMeter times;                   ///< of all blocks
    std::atomic<int> priority{0};            ///< real-time priority of the audio thread; 0: none
};

/// What a device is asked to play.
struct Rendering {
    RenderCall call;
    std::uint32_t fade_in_frames = 0; ///< a device that comes back does not come back with a click
    /// When the first block is due, for a device that keeps its own time (0: now). In the past
    /// when another device stopped without notice: what it missed is then rendered at once.
    std::int64_t due_ns = 0;
    HostClock *clock = nullptr; ///< told of every block, if there is one
};

/// The one door between a device's audio thread and the engine. Whatever the sound system does
/// with its thread, once `close()` is back nothing is rendered through this gate.
///
/// Thread: `open` and `close` by one control thread, `render` by one audio thread.
class RenderGate {
public:
    RenderGate(DeviceMeter &meter, std::uint32_t sample_rate) : meter_(meter), rate_(sample_rate) {}

    /// Must be closed.
    void open(const Rendering &rendering) noexcept;
    /// Waits for a block under way to end; closing twice is harmless.
    void close() noexcept;
    /// Closes without waiting, for the audio thread itself when its device has broken down.
    void shut() noexcept { state_.fetch_or(kClosed, std::memory_order_acq_rel); }

    /// Fills `out`: with the engine's sound when open, with silence when closed. Counts and times
    /// the block either way. `due_ns` is when it was to be called for, if the device knows better
    /// than by being on time.
    void render(StereoBlock out, std::int64_t due_ns = monotonic_ns()) CHRONUS_RT;

private:
    static constexpr unsigned kClosed = 1, kInside = 2;

    void play(StereoBlock out, std::int64_t due_ns) CHRONUS_RT;
    void tell_clock(std::int64_t due_ns, std::size_t frames) CHRONUS_RT;
    void fade_in(StereoBlock out) CHRONUS_RT;
    void measure(std::int64_t begin, std::int64_t end, std::size_t frames) CHRONUS_RT;

    DeviceMeter &meter_;
    std::uint32_t rate_;
    std::atomic<unsigned> state_{kClosed};
    Rendering rendering_{};
    std::uint32_t faded_ = 0; // frames of the fade that have passed
    std::uint64_t xruns_ = 0; // that the clock knows of
};

} // namespace chronus
