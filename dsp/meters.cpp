#include "dsp/meters.h"

#include "dsp/glide.h"
#include "dsp/math.h"
#include "dsp/rows.h"

#include <algorithm>

namespace chronus::dsp {
namespace {

constexpr float kSmoothingHz = 10.0f;
constexpr float kSineOverMean = 1.57079633f; // a sine's peak over the mean of its magnitude

} // namespace

Meters::Meters(SampleRate fs) CHRONUS_RT {
    F8 g;
    for (std::size_t i = 0; i < kLanes; ++i) g[i] = tan_pi(std::min(kCentres[i] / fs.hz, 0.45f));
    a1_ = 1.0f / (1.0f + g * (g + 1.0f / kQ));
    a2_ = g * a1_;
    twice_g_ = 2.0f * g;
    smoothing_ = 1.0f - decay_over(kTick, fs.hz / (6.28318531f * kSmoothingHz));
}

void Meters::process(StereoBlock in) CHRONUS_RT {
    std::array<float, kTick> middle;
    for (std::size_t i = 0; i < kTick; i += kLanes)
        store(middle.data() + i,
              0.5f * (load<F8>(in.left.data() + i) + load<F8>(in.right.data() + i)));
    F8 low = low_, band = band_, heard{};
#pragma GCC unroll 4
    for (const float x : middle) {
        const F8 v1 = a1_ * band + a2_ * (x - low);
        band = (v1 + v1) - band;
        low += twice_g_ * v1;
        heard += abs(v1);
    }
    low_ = low;
    band_ = band;
    level_ += smoothing_ * (heard * (1.0f / kTick) - level_);
}

std::array<float, kLanes> Meters::bands() const CHRONUS_RT {
    std::array<float, kLanes> out;
    for (std::size_t i = 0; i < kLanes; ++i) out[i] = level_[i] * (kSineOverMean / kQ);
    return out;
}

bool Meters::heal() CHRONUS_RT {
    if (sum(abs(low_) + abs(band_) + level_) < 1e6f) return false;
    low_ = band_ = level_ = F8{};
    return true;
}

bool Meters::idle() const CHRONUS_RT { return sum(level_) < 1e-6f; }

} // namespace chronus::dsp
