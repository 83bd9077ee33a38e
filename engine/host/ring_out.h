#pragma once

#include "dsp/block.h"
#include "dsp/units.h"
#include "engine/model/time.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace chronus {

/// How long a performance may ring on after its last bar: until it has been silent for half a
/// second, or this long.
struct Tail {
    double most_s = 20;
};

/// Listens for the end of a performance that rings on. Thread: its source's.
class RingOut {
public:
    static constexpr Frame kNever = std::numeric_limits<Frame>::max();

    RingOut(Tail tail, SampleRate fs) noexcept
        : rest_(frames_in(kRest_s, fs)), most_(frames_in(tail.most_s, fs)) {}

    /// The next frames, of which the last bar goes on for so many: how many of them are still of
    /// the performance.
    std::size_t take(StereoBlock out, Frame goes_on) noexcept {
        const Frame ends_not = goes_on > 0 ? goes_on - 1 : 0;
        const auto passed = static_cast<std::size_t>(std::min<Frame>(ends_not, out.frames()));
        pass(out.sub(0, passed));
        for (std::size_t i = passed; i < out.frames(); ++i) {
            quiet_ = is_heard(out, i) ? 0 : quiet_ + 1;
            over_ = quiet_ >= rest_ || after_++ >= most_;
            if (over_) return i + 1;
        }
        return out.frames();
    }
    bool over() const noexcept { return over_; }

private:
    static constexpr float kQuiet = 3.2e-5f; // -90 dBFS
    static constexpr double kRest_s = 0.5;

    static Frame frames_in(double seconds, SampleRate fs) noexcept {
        return static_cast<Frame>(std::max(seconds, 0.0) * static_cast<double>(fs.hz));
    }
    static bool is_heard(StereoBlock out, std::size_t i) noexcept {
        return std::max(std::abs(out.left[i]), std::abs(out.right[i])) > kQuiet;
    }
    /// Frames with which it cannot end.
    void pass(StereoBlock out) noexcept {
        std::size_t quiet = 0;
        while (quiet < out.frames() && !is_heard(out, out.frames() - 1 - quiet)) ++quiet;
        quiet_ = quiet < out.frames() ? quiet : quiet_ + quiet;
    }

    Frame rest_, most_;
    Frame quiet_ = 0, after_ = 0; // frames since it was last heard, and since the last bar was over
    bool over_ = false;
};

} // namespace chronus
