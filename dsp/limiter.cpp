#include "dsp/limiter.h"

#include "dsp/math.h"
#include "dsp/rows.h"
#include "dsp/true_peak.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace chronus::dsp {
namespace {

constexpr float kReleaseSeconds = 0.08f;
constexpr float kBoxSeconds = 0.00075f; // two of them, one after the other: 1.5 ms
constexpr float kHuge = 1e6f;           // +120 dB: the detector's sums stay finite
constexpr std::int32_t kInfinite =
    std::bit_cast<std::int32_t>(std::numeric_limits<float>::infinity());

constexpr float sum_of(std::span<const float> taps) CHRONUS_RT {
    float sum = 0.0f;
    for (const float tap : taps) sum += magnitude(tap);
    return sum;
}
/// No point between samples can be this many times as large as the samples around it.
constexpr float kMostBetween = [] {
    const float half = 2.0f * sum_of(between::kWideBand);
    return 1.01f * std::max(half, sum_of(between::kQuarter) * (1.0f + half));
}();

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
    controls_ = c;
    const float ceiling = gain_of(bounded(c.ceiling_db, -24.0f, 0.0f));
    if (fresh_)
        ceiling_.jump(ceiling);
    else
        ceiling_.aim(ceiling);
}

void Limiter::take_in(StereoBlock io) CHRONUS_RT {
    const std::size_t n = io.frames();
    copy_frames(io.left.data(), n, left_.block());
    copy_frames(io.right.data(), n, right_.block());
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
    Wide most{};
    for (std::size_t i = 0; i < frames + kTaps - 1; i += kWide)
        most =
            larger(most, larger(magnitude(load<Wide>(left + i)), magnitude(load<Wide>(right + i))));
    float least = ceilings_.block()[0]; // a line's least is at an end of it
    least = std::min(least, ceilings_.block()[frames - 1]);
    return largest(most) * kMostBetween < least;
}

/// The cut every sample needs, `kMiddle` samples after it came in.
void Limiter::find_cuts(std::size_t frames) CHRONUS_RT {
    Row left, right;
    true_peaks<between::kWideBand, Wide>(left_.block() - (kTaps - 1), frames, left.data());
    true_peaks<between::kWideBand, Wide>(right_.block() - (kTaps - 1), frames, right.data());
    float *const cuts = cuts_.block();
    Wide most{}, loudest{};
    for (std::size_t i = 0; i < frames; i += kWide) { // what is past the frames is not used
        const Wide peak = larger(load<Wide>(left.data() + i), load<Wide>(right.data() + i));
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
        copy_frames(out.data(), to.size(), to.data());
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
    const bool below = ceiling_.sane() && ceiling_.value() > 0.06f && ceiling_.value() <= 1.0f;
    if (!ill_ && most[0] <= kTop && held_ >= 0.0f && held_ <= 1.0f && below) return false;
    reset();
    fresh_ = true;
    set(controls_);
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
