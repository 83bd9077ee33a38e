#include "dsp/limiter.h"

#include "dsp/math.h"
#include "dsp/rows.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace chronus::dsp {
namespace {

constexpr float kReleaseSeconds = 0.08f;
constexpr float kBoxSeconds = 0.00075f; // two of them, one after the other: 1.5 ms
constexpr float kHuge = 1e6f;           // +120 dB: the detector's sums stay finite
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

constexpr std::int32_t kInfinite =
    std::bit_cast<std::int32_t>(std::numeric_limits<float>::infinity());

/// What the engine may have, from what it was handed: nothing for what is no number.
CHRONUS_INLINE Wide sane(Wide x, Wide most) CHRONUS_RT {
    const WideInt size = std::bit_cast<WideInt>(x) & 0x7fffffff;
    x = x > most ? most : x;
    x = x < -most ? -most : x;
    return size < kInfinite ? x : Wide{};
}

/// What may leave, were the state what it may: no number beyond the ceiling, nor a ceiling
/// beyond 1.
CHRONUS_INLINE Wide within(Wide x, Wide ceiling) CHRONUS_RT {
    const Wide most = ceiling < 1.0f ? ceiling : Wide{} + 1.0f;
    x = x > most ? most : x;
    x = x < -most ? -most : x;
    return (std::bit_cast<WideInt>(x) & 0x7fffffff) < kInfinite ? x : Wide{};
}

/// Largest of every sample and the three points after it; `x` points to the filters' first sample.
/// Points a quarter and three quarters on are the sum and the difference of an even and an odd
/// filter.
CHRONUS_INLINE Wide true_peak(const float *x) CHRONUS_RT {
    constexpr std::size_t kTaps = kQuarter.size();
    Wide even{}, odd{}, middle{};
#pragma GCC unroll 12
    for (std::size_t k = 0; k < kTaps / 2; ++k) {
        const Wide early = load<Wide>(x + k), late = load<Wide>(x + kTaps - 1 - k);
        const Wide sum = early + late, difference = early - late;
        even += 0.5f * (kQuarter[k] + kQuarter[kTaps - 1 - k]) * sum;
        odd += 0.5f * (kQuarter[k] - kQuarter[kTaps - 1 - k]) * difference;
        middle += kHalf[k] * sum;
    }
    const Wide sides = magnitude(even) + magnitude(odd); // the larger of |even +- odd|
    return larger(larger(sides, magnitude(middle)), magnitude(load<Wide>(x + kTaps / 2 - 1)));
}

} // namespace

Limiter::Limiter(SampleRate fs) CHRONUS_RT
    : box_(std::min(static_cast<std::size_t>(kBoxSeconds *fs.hz + 0.5f), kMaxBox)),
      latency_(kMiddle + 2 * box_ - 1),
      release_(1.0f - decay_over(1.0f, kReleaseSeconds *fs.hz)),
      whole_(0x1p31f / static_cast<float>(box_ * box_ + 1)),
      unit_(1.0f / (whole_ * static_cast<float>(box_ * box_))),
      uncut_(2 * kMaxWindow + 1) {
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
    const std::size_t n = io.frames();
    std::copy_n(io.left.data(), n, left_.block());
    std::copy_n(io.right.data(), n, right_.block());
    for (std::size_t i = 0; i < n; i += kWide)
        for (float *const side : {left_.block(), right_.block()})
            store(side + i, sane(load<Wide>(side + i), Wide{} + kHuge));
    if (ceiling_.moving())
        for (std::size_t i = 0; i < n; ++i) ceilings_.block()[i] = ceiling_.next();
    else
        for (std::size_t i = 0; i < n; i += kWide)
            store(ceilings_.block() + i, Wide{} + ceiling_.value());
}

/// True when no point in the block can be above its ceiling, to spare the detector.
bool Limiter::quiet(std::size_t frames) const CHRONUS_RT {
    const float *const left = left_.block() - (kTaps - 1);
    const float *const right = right_.block() - (kTaps - 1);
    Wide most{}, least = load<Wide>(ceilings_.block());
    for (std::size_t i = 0; i < frames + kTaps - 1; i += kWide)
        most =
            larger(most, larger(magnitude(load<Wide>(left + i)), magnitude(load<Wide>(right + i))));
    for (std::size_t i = 0; i < frames; ++i) least[0] = std::min(least[0], ceilings_.block()[i]);
    for (std::size_t i = 1; i < kWide; ++i) most[0] = std::max(most[0], most[i]);
    return most[0] * kMostBetween < least[0];
}

/// The cut every sample needs, `kMiddle` samples after it came in.
void Limiter::find_cuts(std::size_t frames) CHRONUS_RT {
    const float *const left = left_.block() - (kTaps - 1);
    const float *const right = right_.block() - (kTaps - 1);
    float *const cuts = cuts_.block();
    Wide most{}, loudest{};
    for (std::size_t i = 0; i < frames; i += kWide) { // what is past the frames is not used
        const Wide peak = larger(true_peak(left + i), true_peak(right + i));
        loudest = larger(peak, loudest);
        const Wide cut =
            larger(1.0f - load<Wide>(ceilings_.block() + i) / larger(peak, Wide{} + 1e-9f), Wide{});
        store(cuts + i, cut);
        most = larger(most, cut);
    }
    uncut_ += frames;
    if (any(most > 0.0f)) uncut_ = 0;
    ill_ = ill_ || any(loudest > kMostBetween * kHuge);
}

/// The largest cut of the last 2 box_ + 1 samples, for every frame: of four, of sixteen and so on,
/// so that the cost depends little on the length.
void Limiter::hold(Row &held, std::size_t frames) const CHRONUS_RT {
    const std::size_t window = 2 * box_ + 1;
    std::array<float, kMaxWindow + kTick + 16> most; // [i]: the largest of `seen` cuts from i on
    const float *from = cuts_.block() + 1 - window;
    std::size_t seen = 1, left = window - 1 + frames;
    const auto widen = [&](std::size_t times) {
        left -= (times - 1) * seen;
        for (std::size_t i = 0; i < left; i += kWide) {
            Wide x = load<Wide>(from + i);
            for (std::size_t k = 1; k < times; ++k) x = larger(x, load<Wide>(from + i + k * seen));
            store(most.data() + i, x);
        }
        from = most.data();
        seen *= times;
    };
    while (4 * seen <= window) widen(4);
    if (2 * seen <= window) widen(2);
    for (std::size_t i = 0; i < frames; i += kWide)
        store(held.data() + i,
              larger(load<Wide>(most.data() + i), load<Wide>(most.data() + i + window - seen)));
}

/// Back slowly.
void Limiter::release(Row &cuts, std::size_t frames) CHRONUS_RT {
    constexpr float kLeast = 1e-9f; // what it goes back at least, so that it arrives
    Row toward;
    for (std::size_t i = 0; i < frames; i += kWide)
        store(toward.data() + i, load<Wide>(cuts.data() + i) * release_ - kLeast);
    float held = held_;
    const float keep = 1.0f - release_;
#pragma GCC unroll 8
    for (std::size_t i = 0; i < frames; ++i)
        cuts[i] = held = std::max(held * keep + toward[i], cuts[i]);
    held_ = held;
}

/// Cuts to gains, both ways through two moving averages that take as long as the sample itself, so
/// that the gain is down when it arrives.
void Limiter::smooth(Row &io, std::size_t frames) CHRONUS_RT {
    std::uint32_t *const first = boxes_[0].past.block(), *const second = boxes_[1].past.block();
    std::array<std::int32_t, kTick + 8> sums;
    for (std::size_t i = 0; i < frames; i += kWide)
        store(first + i,
              __builtin_convertvector(load<Wide>(io.data() + i) * whole_ + 0.999f, WideInt));
    const std::uint32_t *const first_out = first - box_, *const second_out = second - box_;
    std::uint32_t once = boxes_[0].total, twice = boxes_[1].total;
#pragma GCC unroll 4
    for (std::size_t i = 0; i < frames; ++i) {
        once += first[i] - first_out[i];
        second[i] = once;
        twice += once - second_out[i];
        sums[i] = static_cast<std::int32_t>(twice); // below 2^31
    }
    boxes_[0].total = once;
    boxes_[1].total = twice;
    Wide least = Wide{} + least_;
    store(sums.data() + frames, WideInt{});
    for (std::size_t i = 0; i < frames; i += kWide) {
        const Wide cut = __builtin_convertvector(load<WideInt>(sums.data() + i), Wide) * unit_;
        const Wide gain = larger(1.0f - cut, Wide{});
        store(io.data() + i, gain);
        least = gain < least ? gain : least;
    }
    for (std::size_t i = 0; i < kWide; ++i) least_ = std::min(least_, least[i]);
    for (Box &box : boxes_) box.past.advance(frames);
}

template <bool kTurns>
void Limiter::deliver(StereoBlock io, const Row &gains) const CHRONUS_RT {
    const float *const ceiling = ceilings_.block() - latency_ + kMiddle; // as it was judged by
    const auto side = [&](const float *from, std::span<float> to) {
        Row out;
        for (std::size_t i = 0; i < to.size(); i += kWide) {
            const Wide x = load<Wide>(from + i);
            store(out.data() + i,
                  within(kTurns ? x * load<Wide>(gains.data() + i) : x, load<Wide>(ceiling + i)));
        }
        std::copy_n(out.data(), to.size(), to.data());
    };
    side(left_.block() - latency_, io.left);
    side(right_.block() - latency_, io.right);
}

/// No sample in sight needs a cut, and none is on its way back.
bool Limiter::at_rest() const CHRONUS_RT {
    return held_ == 0.0f && uncut_ > 2 * kMaxWindow && boxes_[0].total == 0 && boxes_[1].total == 0;
}

void Limiter::process(StereoBlock io) CHRONUS_RT {
    const std::size_t n = io.frames();
    fresh_ = false;
    take_in(io);
    Row gains;
    if (at_rest() && quiet(n)) {
        deliver<false>(io, gains);
    } else {
        find_cuts(n);
        hold(gains, n);
        release(gains, n);
        smooth(gains, n);
        deliver<true>(io, gains);
        cuts_.advance(n);
    }
    left_.advance(n);
    right_.advance(n);
    ceilings_.advance(n);
}

float Limiter::take_gain() CHRONUS_RT {
    const float gain = least_;
    least_ = 1.0f;
    return gain;
}

bool Limiter::heal() CHRONUS_RT {
    WideInt most{};
    constexpr std::int32_t kTop = std::bit_cast<std::int32_t>(kHuge);
    for (const Past *past : {&left_, &right_})
        for (const float *x = past->block() - latency_; x < past->block(); x += kWide) {
            const WideInt size = load<WideInt>(x) & 0x7fffffff;
            most = size > most ? size : most;
        }
    for (std::size_t i = 1; i < kWide; ++i) most[0] = std::max(most[0], most[i]);
    if (!ill_ && most[0] <= kTop && held_ >= 0.0f && held_ <= 1.0f) return false;
    reset();
    return true;
}

void Limiter::reset() CHRONUS_RT {
    left_ = right_ = {};
    cuts_ = {};
    boxes_ = {};
    held_ = 0.0f;
    ill_ = false;
    uncut_ = 2 * kMaxWindow + 1;
}

bool Limiter::idle() const CHRONUS_RT {
    return held_ == 0.0f && boxes_[1].total == 0 && left_.total() < 1e-6f && right_.total() < 1e-6f;
}

} // namespace chronus::dsp
