#pragma once

#include "dsp/block.h"
#include "dsp/rt.h"
#include "dsp/units.h"
#include "engine/model/alarm.h"
#include "engine/model/tape.h"
#include "engine/model/time.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace chronus {

/// Sound that a worker makes a while before it is heard, beside the engine's.
///
/// Shapes: a ring of two channels that holds at least half a second.
class Reel {
public:
    /// How long it takes to fade when it is to stop.
    static constexpr double kFade_s = 0.005;
    static constexpr Frame fade_frames(SampleRate fs) {
        return static_cast<Frame>(kFade_s * static_cast<double>(fs.hz));
    }

    /// From now on a panic silences it.
    Reel(SampleRate fs, const Alarm &alarm);

    // Thread: worker.

    /// Frames it takes now.
    std::size_t room() const noexcept;
    /// No more than there is room for.
    void write(StereoBlock sound) noexcept;
    /// That was all.
    void end() noexcept { ended_.store(true, std::memory_order_release); }
    /// No more of it is to be heard: it fades.
    void stop() noexcept { stopped_.store(true, std::memory_order_release); }

    // Thread: any.

    /// Nothing more of it will be heard.
    bool over() const noexcept { return over_.load(std::memory_order_acquire); }
    /// By a panic.
    bool silenced() const noexcept { return silenced_.load(std::memory_order_acquire); }
    Frame heard() const noexcept { return heard_.load(std::memory_order_acquire); }
    /// Frames of silence in it, because what was to be heard was not there in time.
    Frame missed() const noexcept { return missed_.load(std::memory_order_relaxed); }

    /// Adds what comes next to what is there. Units: at most [-1, 1] comes of it.
    /// Thread: audio.
    void add_to(StereoBlock out) CHRONUS_RT;

private:
    std::size_t add_some(StereoBlock out, bool fades) CHRONUS_RT;

    const Alarm &alarm_;
    const std::uint64_t alarm_call_; // the last before it
    const float fall_;               // a frame, when it fades
    std::vector<float> memory_;
    Tape tape_{memory_};
    std::uint64_t written_ = 0; // the worker's
    float gain_ = 1;            // the audio thread's
    std::atomic<bool> ended_{false}, stopped_{false}, over_{false}, silenced_{false};
    std::atomic<Frame> heard_{0}, missed_{0};
};

/// Where a reel is put on to be heard: one at a time.
class Deck {
public:
    /// False: there is one already. Thread: any but audio.
    [[nodiscard]] bool put_on(Reel &reel) noexcept;
    /// Back when the audio thread no longer looks at it. Thread: that which put it on.
    void take_off() noexcept;

    /// Thread: audio.
    void add_to(StereoBlock out) CHRONUS_RT;

private:
    std::atomic<Reel *> reel_{nullptr};
    std::atomic<bool> inside_{false};
};

} // namespace chronus
