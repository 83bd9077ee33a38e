#include "dsp/delay.h"

#include "dsp/glide.h"
#include "dsp/loudest.h"
#include "dsp/math.h"
#include "dsp/rows.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace chronus::dsp {
namespace {

constexpr float kFadeSeconds = 0.03f;
constexpr std::int32_t kSilent = std::bit_cast<std::int32_t>(1e-6f);
constexpr float kTickFrames = static_cast<float>(kTick);
/// 0, 1, 2 ... as floats.
constexpr std::array<float, 2 *kTick> kFrames = [] {
    std::array<float, 2 * kTick> frames{};
    for (std::size_t i = 1; i < frames.size(); ++i) frames[i] = frames[i - 1] + 1.0f;
    return frames;
}();

constexpr auto kShortest = static_cast<std::size_t>(TapeHead::kShortest);
constexpr std::int32_t kIll = std::bit_cast<std::int32_t>(1e6f);

std::size_t longest(SampleRate fs) CHRONUS_RT {
    return static_cast<std::size_t>(Delay::kLongest.frames(fs) + 0.5f);
}

/// Straight up to the knee, then bent; never beyond the top, and finite whatever comes in.
struct Bend {
    F8 knee, room, per_room;
    Bend(F8 from, F8 top) CHRONUS_RT : knee(from), room(top - from), per_room(1.0f / room) {}

    CHRONUS_INLINE F8 operator()(F8 x) const CHRONUS_RT {
        const F8 m = abs(x);
        return select(m <= knee, x, copysign(knee + room * tanh((m - knee) * per_room), x));
    }
};

/// Share of its way a trapezoidal one-pole, which the low cut takes off, goes in one frame.
float low_share(float hz, float fs) CHRONUS_RT {
    const float g = tan_pi(std::min(hz / fs, 0.48f));
    return g / (1.0f + g);
}

/// The same for the high cut: no zero at the top, which would push repeats back frame by frame.
float high_share(float hz, float fs) CHRONUS_RT {
    return 1.0f - decay_over(1.0f, fs / (6.28318531f * hz));
}

} // namespace

std::size_t Delay::memory_needed(SampleRate fs) CHRONUS_RT {
    return 2 * Ring::floats(longest(fs) + kShortest);
}

Delay::Delay(SampleRate fs, std::span<float> memory) CHRONUS_RT : fs_(fs.hz),
                                                                  longest_(longest(fs)),
                                                                  quiet_(longest_) {
    const std::size_t half = memory_needed(fs) / 2;
    lines_ = {Ring(memory.first(half)), Ring(memory.subspan(half, half))};
    set({});
}

Delay::Coefficients Delay::solve() const CHRONUS_RT {
    const DelayControls &c = controls_;
    // The lowest cut is the DC block of the loop.
    const float low = low_share(bounded(c.low_cut_hz, 5.0f, 20000.0f), fs_);
    const float high = high_share(bounded(c.high_cut_hz, 20.0f, 20000.0f), fs_);
    const float saturation = bounded(c.saturation, 0.0f, 1.0f);
    Coefficients k{};
    k[kLowStep] = 2.0f * low;
    k[kHighStep] = high * (1.0f - low);
    k[kHighKeep] = 1.0f - high;
    k[kMix] = bounded(c.mix, 0.0f, 1.0f);
    k[kFeedback] = bounded(c.feedback, 0.0f, 1.1f);
    k[kCross] = bounded(c.ping_pong, 0.0f, 1.0f);
    k[kKnee] = 0.5f * (1.0f - saturation);
    k[kTop] = 1.0f - 0.5f * saturation;
    return k;
}

void Delay::set(const DelayControls &c) CHRONUS_RT {
    controls_ = c;
    const float frames = bounded(c.time_s * fs_, 0.0f, static_cast<float>(longest_));
    wanted_ = std::max(kShortest, static_cast<std::size_t>(frames + 0.5f));
    if (fresh_) return arrive();
    target_ = solve();
    asked_ = true;
}

/// All that was asked for holds at once.
void Delay::arrive() CHRONUS_RT {
    from_ = to_ = wanted_;
    head_.put(wanted_);
    now_ = goal_ = target_ = solve();
    slope_ = {};
    asked_ = moves_ = false;
}

void Delay::begin_tick() CHRONUS_RT {
    quiet_ = loudest_ < kSilent ? quiet_ + kTick : 0;
    loudest_ = 0;
    move_head();
    if (!asked_ && !moves_) return;
    now_ = goal_;
    for (std::size_t i = 0; i < kCoefficients; ++i)
        slope_[i] = (target_[i] - goal_[i]) * (1.0f / kTickFrames);
    goal_ = target_;
    moves_ = std::exchange(asked_, false);
}

/// The heads go on with what they are at, or set out for a new time.
void Delay::move_head() CHRONUS_RT {
    const std::size_t whole = static_cast<std::size_t>(kFadeSeconds * fs_) / kTick * kTick;
    if (faded_ == whole) {
        from_ = to_;
        head_.put(from_);
        faded_ = 0;
    }
    if (from_ == to_ && (head_.travels() || controls_.mode == DelayMode::tape)) {
        head_.begin_tick(wanted_, longest_, {fs_});
        if (!head_.travels()) from_ = to_ = wanted_;
        return;
    }
    if (from_ == to_) to_ = wanted_;
    if (from_ == to_) return;
    for (std::size_t i = 0; i < kTick; ++i) {
        const float t = static_cast<float>(++faded_) / static_cast<float>(whole);
        weights_[i] = 0.5f - 0.5f * sin_turns(0.25f - 0.5f * t);
    }
}

/// What the heads read of one side, in the row when it is not in the line as it stands.
const float *Delay::read(std::size_t side, std::size_t frames, Row &row) const CHRONUS_RT {
    const Ring &line = lines_[side];
    if (head_.travels()) {
        head_.read(line, frame_, frames, row.data());
        return row.data();
    }
    const float *const old = line.past(from_);
    if (from_ == to_) return old;
    const float *const young = line.past(to_);
    for (std::size_t i = 0; i < frames; ++i)
        row[i] = old[i] + weights_[frame_ + i] * (young[i] - old[i]);
    return row.data();
}

/// Low and high cut, both sides at once.
template <bool kMoves>
void Delay::filter(Rows &io, std::size_t frames) CHRONUS_RT {
    const std::array<const float *, 2> from{read(0, frames, io[0]), read(1, frames, io[1])};
    const float low_step = now_[kLowStep], high_keep = now_[kHighKeep], high_step = now_[kHighStep];
    F4 low{low_[0], low_[1]}, high{high_[0], high_[1]};
    const auto step = [&](F4 x, std::size_t i) {
        const auto now = [&](Coefficient c, float start) {
            return kMoves ? start + slope_[c] * kFrames[frame_ + i] : start;
        };
        const F4 d = x - low;
        low += now(kLowStep, low_step) * d;
        high = now(kHighKeep, high_keep) * high + now(kHighStep, high_step) * d;
        return high;
    };
    for (std::size_t i = 0; i < frames; i += 4) {
        const F4 left = load<F4>(from[0] + i), right = load<F4>(from[1] + i);
        const F4 a = __builtin_shufflevector(left, right, 0, 4, 1, 5);
        const F4 b = __builtin_shufflevector(left, right, 2, 6, 3, 7);
        std::array<F4, 4> v{a, __builtin_shufflevector(a, a, 2, 3, 2, 3), b,
                            __builtin_shufflevector(b, b, 2, 3, 2, 3)};
        if (frames - i >= 4)
            for (std::size_t j = 0; j < 4; ++j) v[j] = step(v[j], i + j);
        else
            for (std::size_t j = 0; j < frames - i; ++j) v[j] = step(v[j], i + j);
        const F4 c = __builtin_shufflevector(v[0], v[1], 0, 1, 4, 5);
        const F4 d = __builtin_shufflevector(v[2], v[3], 0, 1, 4, 5);
        store(io[0].data() + i, __builtin_shufflevector(c, d, 0, 2, 4, 6));
        store(io[1].data() + i, __builtin_shufflevector(c, d, 1, 3, 5, 7));
    }
    low_ = {low[0], low[1]};
    high_ = {high[0], high[1]};
}

/// What goes into the lines, bent where it is large: the input and, turned down and perhaps over to
/// the other side, what came out of them.
template <bool kMoves>
void Delay::feed(StereoBlock in, const Rows &wet) CHRONUS_RT {
    const std::size_t n = in.frames();
    Rows fresh;
    copy_frames(in.left.data(), n, fresh[0].data());
    copy_frames(in.right.data(), n, fresh[1].data());
    const std::array<float *, 2> to{lines_[0].head(), lines_[1].head()};
    const bool crosses = now_[kCross] != 0.0f || slope_[kCross] != 0.0f;
    const auto at = [&](Coefficient which, std::size_t i) { // for eight frames
        const F8 start = splat(now_[which]);
        return kMoves ? start + slope_[which] * load<F8>(kFrames.data() + frame_ + i) : start;
    };
    F8 feedback = at(kFeedback, 0);
    Bend bend(at(kKnee, 0), at(kTop, 0));
    for (std::size_t i = 0; i < n; i += kLanes) {
        F8 left = load<F8>(wet[0].data() + i), right = load<F8>(wet[1].data() + i);
        F8 in_left = load<F8>(fresh[0].data() + i), in_right = load<F8>(fresh[1].data() + i);
        if (kMoves) {
            feedback = at(kFeedback, i);
            bend = Bend(at(kKnee, i), at(kTop, i));
        }
        if (crosses) { // the first repeat is all on the left, as loud as both were
            const F8 cross = at(kCross, i), over = cross * (right - left);
            left = left + over;
            right = right - over;
            in_left = in_left - cross * (0.292893219f * in_left - 0.707106781f * in_right);
            in_right = in_right - cross * in_right;
        }
        left = in_left + feedback * left;
        right = in_right + feedback * right;
        if (any(~((abs(left) <= bend.knee) & (abs(right) <= bend.knee)))) {
            left = bend(left);
            right = bend(right);
        }
        store(to[0] + i, left);
        store(to[1] + i, right);
    }
}

void Delay::listen(std::size_t frames) CHRONUS_RT {
    Loudest loudest;
    for (Ring &line : lines_) {
        loudest.hear(line.head(), frames);
        line.advance(frames);
    }
    loudest_ = std::max(loudest_, loudest.bits());
}

void Delay::deliver(const Rows &wet, StereoBlock out) const CHRONUS_RT {
    const float mix = now_[kMix], slope = slope_[kMix];
    const float *const places = kFrames.data() + frame_;
    for (std::size_t i = 0; i < out.frames(); ++i) {
        out.left[i] += (mix + slope * places[i]) * wet[0][i];
        out.right[i] += (mix + slope * places[i]) * wet[1][i];
    }
}

void Delay::process(StereoBlock in, StereoBlock out) CHRONUS_RT {
    fresh_ = false;
    for (std::size_t begin = 0; begin < in.frames();) {
        if (frame_ == 0) begin_tick();
        const std::size_t n = std::min(in.frames() - begin, kTick - frame_);
        Rows wet;
        if (moves_) {
            filter<true>(wet, n);
            feed<true>(in.sub(begin, n), wet);
        } else {
            filter<false>(wet, n);
            feed<false>(in.sub(begin, n), wet);
        }
        deliver(wet, out.sub(begin, n));
        listen(n);
        frame_ = (frame_ + n) % kTick;
        written_ = std::min(written_ + n, std::size_t{1} << 30);
        begin += n;
    }
}

bool Delay::heal() CHRONUS_RT {
    float all = 0.0f;
    for (const float x : low_) all += magnitude(x);
    for (const float x : high_) all += magnitude(x);
    for (const Coefficients &c : {goal_, slope_})
        for (const float x : c) all += magnitude(x);
    if (all < 1e6f && loudest_ < kIll) return false;
    reset();
    return true;
}

void Delay::reset() CHRONUS_RT {
    for (Ring &line : lines_) line.clear(written_);
    low_ = high_ = {};
    frame_ = written_ = faded_ = 0;
    loudest_ = 0;
    quiet_ = longest_;
    arrive();
}

} // namespace chronus::dsp
