#include "dsp/limiter.h"

#include "dsp/math.h"
#include "dsp/rows.h"

#include <algorithm>
#include <limits>

namespace chronus::dsp {
namespace {

constexpr float kReleaseSeconds = 0.08f;
constexpr float kBoxSeconds = 0.00075f; // two of them, one after the other: 1.5 ms
constexpr float kHuge = 1e6f;           // +120 dB: the detector's sums stay finite
constexpr float kFixed = 4194304.0f;    // a cut of 1 as an integer

/// Interpolation at a quarter and at half a sample, 24 taps: within 0.1 dB to 22 kHz at 48 kHz,
/// where hot noise has its peaks; three quarters is the first one backwards.
/// Source: own least-squares design.
constexpr std::array kQuarter{
    -0.0068520379f, 0.0093544134f, -0.012408256f, 0.016163495f,  -0.0208525f,   0.026857881f,
    -0.03485774f,   0.046175874f,  -0.06377823f,  0.095926097f,  -0.17736347f,  0.89899464f,
    0.2998565f,     -0.12693226f,  0.078739012f,  -0.055527926f, 0.041562812f,  -0.032064662f,
    0.025094135f,   -0.019718387f, 0.015434793f,  -0.011949218f, 0.0090779858f, -0.006699895f};
constexpr std::array kHalf{-0.0095749162f, 0.013021665f,  -0.017205075f,
                           0.022315604f,   -0.028645038f, 0.036666945f,
                           -0.047204849f,  0.061824482f,  -0.083898101f,
                           0.12222254f,    -0.2091081f,   0.63552949f}; // and back again

/// No point between samples can be this many times as large as the samples around it.
constexpr float kMostBetween = [] {
    float quarter = 0.0f, half = 0.0f;
    for (const float tap : kQuarter) quarter += magnitude(tap);
    for (const float tap : kHalf) half += 2.0f * magnitude(tap);
    return 1.01f * std::max(quarter, half);
}();

/// What the engine may have, from what it was handed.
float sane(float x) CHRONUS_RT {
    const float m = magnitude(x);
    if (m <= kHuge) return x;
    if (!(m <= std::numeric_limits<float>::max())) return 0.0f;
    return x < 0.0f ? -kHuge : kHuge;
}

/// Largest of a sample and the three points after it, for four samples; `x` points to the filters'
/// first sample.
CHRONUS_INLINE F4 true_peak(const float *x) CHRONUS_RT {
    constexpr std::size_t kTaps = kQuarter.size();
    F4 first{}, second{}, third{};
#pragma GCC unroll 12
    for (std::size_t k = 0; k < kTaps / 2; ++k) {
        const F4 early = load<F4>(x + k), late = load<F4>(x + kTaps - 1 - k);
        first += kQuarter[k] * early + kQuarter[kTaps - 1 - k] * late;
        third += kQuarter[kTaps - 1 - k] * early + kQuarter[k] * late;
        second += kHalf[k] * (early + late);
    }
    const F4 sample = magnitude(load<F4>(x + kTaps / 2 - 1));
    return larger(larger(sample, magnitude(first)), larger(magnitude(second), magnitude(third)));
}

} // namespace

std::int64_t Limiter::Box::step(std::int64_t x, std::size_t length) CHRONUS_RT {
    total += x - past[at];
    past[at] = x;
    at = at + 1 == length ? 0 : at + 1;
    return total;
}

Limiter::Limiter(SampleRate fs) CHRONUS_RT
    : box_(std::min(static_cast<std::size_t>(kBoxSeconds *fs.hz + 0.5f), kMaxBox)),
      latency_(kMiddle + 2 * box_ - 1),
      release_(1.0f - decay_over(1.0f, kReleaseSeconds *fs.hz)) {
    set({});
}

void Limiter::set(const LimiterControls &c) CHRONUS_RT {
    const float ceiling = gain_of(bounded(c.ceiling_db, -24.0f, 0.0f));
    if (fresh_)
        ceiling_.jump(ceiling);
    else
        ceiling_.aim(ceiling);
}

void Limiter::take_in(StereoBlock io) CHRONUS_RT {
    for (std::size_t i = 0; i < io.frames(); ++i) {
        left_.block()[i] = sane(io.left[i]);
        right_.block()[i] = sane(io.right[i]);
        ceilings_.block()[i] = ceiling_.next();
    }
}

/// True when no point in the block can be above its ceiling, to spare the detector.
bool Limiter::quiet(const float *left, const float *right, std::size_t frames) const CHRONUS_RT {
    float most = 0.0f, least = 1.0f;
    for (std::size_t i = 0; i < frames + kTaps - 1; ++i)
        most = std::max(most, std::max(magnitude(left[i]), magnitude(right[i])));
    for (std::size_t i = 0; i < frames; ++i) least = std::min(least, ceilings_.block()[i]);
    return most * kMostBetween < least;
}

/// The cut every sample needs, `kMiddle` samples after it came in.
void Limiter::find_cuts(std::size_t frames) CHRONUS_RT {
    const float *const left = left_.block() - (kTaps - 1);
    const float *const right = right_.block() - (kTaps - 1);
    const float *const ceiling = ceilings_.block();
    float *const cuts = cuts_.block();
    if (quiet(left, right, frames)) {
        std::fill_n(cuts, frames, 0.0f);
        return;
    }
    for (std::size_t i = 0; i < frames; i += 4) { // what is past the frames is not used
        const F4 peak = larger(larger(true_peak(left + i), true_peak(right + i)), F4{} + 1e-9f);
        store(cuts + i, larger(F4{}, 1.0f - load<F4>(ceiling + i) / peak));
    }
}

/// The largest cut of the last 2 box_ + 1 samples, for every frame: by doubling, so that the cost
/// depends little on the length.
void Limiter::hold(std::span<float> held) const CHRONUS_RT {
    const std::size_t window = 2 * box_ + 1, frames = held.size();
    std::array<float, kMaxWindow + kTick> most; // [i]: the largest of `seen` cuts from i on
    std::size_t seen = 1, left = window - 1 + frames;
    std::copy_n(cuts_.data() + (kMaxWindow + 1 - window), left, most.data());
    for (; 2 * seen <= window; seen *= 2) {
        left -= seen;
        for (std::size_t i = 0; i < left; ++i) most[i] = std::max(most[i], most[i + seen]);
    }
    for (std::size_t i = 0; i < frames; ++i) held[i] = std::max(most[i], most[i + window - seen]);
}

/// Cuts to gains: back slowly, and both ways through two moving averages that take as long as the
/// sample itself, so that the gain is down when it arrives.
void Limiter::smooth(std::span<float> io) CHRONUS_RT {
    const float unit = 1.0f / (kFixed * static_cast<float>(box_ * box_));
    for (float &x : io) {
        held_ -= release_ * (held_ - x);
        held_ = std::max(held_ < 1e-9f ? 0.0f : held_, x);
        const auto whole = static_cast<std::int64_t>(held_ * kFixed + 0.999f);
        const std::int64_t sum = boxes_[1].step(boxes_[0].step(whole, box_), box_);
        x = std::max(0.0f, 1.0f - static_cast<float>(sum) * unit);
        least_ = std::min(least_, x);
    }
}

void Limiter::deliver(StereoBlock io, std::span<const float> gains) CHRONUS_RT {
    const float *const left = left_.block() - latency_;
    const float *const right = right_.block() - latency_;
    const float *const ceiling = ceilings_.block() - latency_ + kMiddle; // as it was judged by
    for (std::size_t i = 0; i < io.frames(); ++i) {
        io.left[i] = bounded(left[i] * gains[i], -ceiling[i], ceiling[i]);
        io.right[i] = bounded(right[i] * gains[i], -ceiling[i], ceiling[i]);
    }
}

void Limiter::process(StereoBlock io) CHRONUS_RT {
    const std::size_t n = io.frames();
    Row gains;
    fresh_ = false;
    take_in(io);
    find_cuts(n);
    hold(std::span(gains).first(n));
    smooth(std::span(gains).first(n));
    deliver(io, std::span(gains).first(n));
    left_.advance(n);
    right_.advance(n);
    ceilings_.advance(n);
    cuts_.advance(n);
}

float Limiter::take_gain() CHRONUS_RT {
    const float gain = least_;
    least_ = 1.0f;
    return gain;
}

bool Limiter::idle() const CHRONUS_RT {
    return held_ == 0.0f && boxes_[1].total == 0 && left_.total() < 1e-6f && right_.total() < 1e-6f;
}

} // namespace chronus::dsp
