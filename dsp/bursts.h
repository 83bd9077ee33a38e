#pragma once

#include "dsp/lanes.h"
#include "dsp/math.h"
#include "dsp/rt.h"
#include "dsp/units.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace chronus::dsp {

/// Several strikes in the place of one, as of many hands that clap: all but the last die away at
/// once. A gain on the envelope of the note, which goes on under them.
///
/// Thread: audio.
class Bursts {
public:
    static constexpr Seconds kApart{0.011f};

    explicit Bursts(SampleRate fs) CHRONUS_RT
        : apart_(static_cast<std::uint32_t>(kApart.frames(fs) + 0.5f)),
          rising_(static_cast<std::uint32_t>(0.002f * fs.hz)),
          rise_(1.0f - decay_over(1.0f, 0.0003f * fs.hz)),
          keep_(decay_over(1.0f, 0.003f * fs.hz)) {}

    /// The note struck on the next frame strikes this often; a gain on its way goes on from there.
    void strike(std::size_t lane, float times) CHRONUS_RT {
        const auto more = static_cast<std::uint32_t>(times + 0.5f) - 1;
        left_[lane] = more == 0 && gain_[lane] == 1.0f ? 0 : more * apart_ + rising_;
        running_ = running_ || left_[lane] > 0;
    }
    void reset(std::size_t lane) CHRONUS_RT {
        left_[lane] = 0;
        gain_[lane] = 1.0f;
    }
    void apply(F8 *envelope, std::uint32_t frames) CHRONUS_RT {
        if (!running_) return;
        running_ = false;
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            if (left_[lane] > 0) {
                running_ = true;
                for (std::uint32_t i = 0; i < frames && left_[lane] > 0; ++i)
                    envelope[i][lane] *= next(lane);
            }
    }
    template <class Self, class F>
    static void each(Self &self, F f) CHRONUS_RT {
        f(self.gain_);
    }

private:
    float next(std::size_t lane) CHRONUS_RT {
        // Counted from the end: each strike has `apart_` frames, the last only those of its rise.
        const std::uint32_t left = left_[lane]--;
        if (left == 1) return gain_[lane] = 1.0f;
        const bool rises = left <= rising_ || (left - rising_ - 1) % apart_ >= apart_ - rising_;
        const float gain = gain_[lane];
        return gain_[lane] = rises ? gain + rise_ * (1.0f - gain) : gain * keep_;
    }

    std::uint32_t apart_, rising_; // frames from a strike to the next; of its rise
    float rise_, keep_;
    std::array<std::uint32_t, kLanes> left_{}; // frames until the gain is 1 for good
    F8 gain_ = splat(1.0f);
    bool running_ = false;
};

} // namespace chronus::dsp
