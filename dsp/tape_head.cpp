#include "dsp/tape_head.h"

#include <algorithm>
#include <cmath>

namespace chronus::dsp {
namespace {

constexpr double kTickFrames = static_cast<double>(kTick);
constexpr double kNear = 1.0 / 64.0; // a frame's part that is gone in one tick

/// Through six points, the delay a fraction f beyond the third: within 0.17 dB to 10 kHz.
float lagrange(const float *newest, float f) CHRONUS_RT {
    // newest[0] is two frames younger than the whole part, newest[-5] three older.
    const float a = f + 2.0f, b = f + 1.0f, c = f, d = f - 1.0f, e = f - 2.0f, g = f - 3.0f;
    const float ab = a * b, cd = c * d, eg = e * g;
    return newest[0] * (b * cd * eg) * (-1.0f / 120.0f) +
           newest[-1] * (a * cd * eg) * (1.0f / 24.0f) +
           newest[-2] * (ab * d * eg) * (-1.0f / 12.0f) +
           newest[-3] * (ab * c * eg) * (1.0f / 12.0f) +
           newest[-4] * (ab * cd * g) * (-1.0f / 24.0f) +
           newest[-5] * (ab * cd * e) * (1.0f / 120.0f);
}

} // namespace

void TapeHead::begin_tick(std::size_t wanted, std::size_t longest, SampleRate fs) CHRONUS_RT {
    delay_ = at(kTick);
    speed_ = next_speed_;
    const bool mine = delay_ > kShortest - 1.0 && delay_ < static_cast<double>(longest) + 1.0;
    if (!mine || !(std::abs(speed_) <= 1.0)) put(wanted); // no number, or none of ours
    if (arrives_) put(static_cast<std::size_t>(delay_ + 0.5));
    const double left = static_cast<double>(wanted) - delay_;
    if (left == 0.0 && speed_ == 0.0) return;
    if (std::abs(left) < kNear && std::abs(speed_) < kNear) {
        arrives_ = true;
        speed_ = next_speed_ = left / kTickFrames;
        return;
    }
    const auto frames = static_cast<double>(fs.hz);
    const double wish = std::clamp(left / (static_cast<double>(kHaste.value) * frames), -1.0, 0.5);
    const double most = kTickFrames / (static_cast<double>(kInertia.value) * frames);
    next_speed_ = speed_ + std::clamp(wish - speed_, -most, most);
}

double TapeHead::at(std::size_t place) const CHRONUS_RT {
    const double i = static_cast<double>(place);
    return delay_ + i * (speed_ + i * (next_speed_ - speed_) * (0.5 / kTickFrames));
}

void TapeHead::read(const Ring &line, std::size_t begin, std::size_t count,
                    float *out) const CHRONUS_RT {
    const auto most = static_cast<double>(line.size() - 2 * kTick);
    for (std::size_t i = 0; i < count; ++i) {
        const double there = at(begin + i);
        const double delay = there > kShortest ? std::min(there, most) : kShortest;
        const auto whole = static_cast<std::size_t>(delay);
        const auto f = static_cast<float>(delay - static_cast<double>(whole));
        out[i] = lagrange(line.past(whole + 3) + i + 5, f);
    }
}

} // namespace chronus::dsp
