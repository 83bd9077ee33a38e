#include "dsp/reverb.h"

#include "dsp/glide.h"
#include "dsp/lanes.h"
#include "dsp/math.h"

#include <algorithm>

namespace chronus::dsp {
namespace {

using namespace plan;

constexpr std::int32_t kSilent = std::bit_cast<std::int32_t>(1e-6f);
constexpr std::int32_t kIll = std::bit_cast<std::int32_t>(1e6f);
constexpr float kFadeSeconds = 0.06f;
constexpr float kReachSeconds = 0.5f;          // from no swing to the usual one
constexpr float kOctavesPerT60 = -9.96578428f; // 10^-3
constexpr float kTickFrames = static_cast<float>(kTick);

std::size_t frames_of(float seconds, float fs) CHRONUS_RT {
    return static_cast<std::size_t>(seconds * fs + 0.5f);
}

/// The lengths that need most memory.
struct Longest {
    Lengths lines;
    std::size_t pre_delay, swing;
    explicit Longest(SampleRate fs) CHRONUS_RT : lines(fs, kLargest),
                                                 pre_delay(frames_of(kLongestPreDelay, fs.hz)),
                                                 swing(frames_of(2.0f * kSwingSeconds, fs.hz) + 4) {
    }
    std::size_t input() const CHRONUS_RT { return pre_delay + lines.diffuser[0].back(); }
    std::size_t tank(std::size_t line) const CHRONUS_RT {
        return lines.tanks[line] + (moves(line) ? swing : 0);
    }
};

/// `f(ring, frames it must be able to look back)` for all of them.
template <class F>
void for_each_ring(ReverbState &state, const Longest &longest, F &&f) CHRONUS_RT {
    for (Ring &ring : state.inputs) f(ring, longest.input());
    for (std::size_t s = 0; s + 1 < kSteps; ++s)
        for (std::size_t c = 0; c < kChannels; ++c)
            f(state.diffusers[s][c], longest.lines.diffuser[s + 1][c]);
    for (std::size_t i = 0; i < kTanks; ++i) f(state.tanks[i], longest.tank(i));
}

} // namespace

ReverbTimes Reverb::times(const ReverbControls &c) CHRONUS_RT {
    const float mid = 0.3f * exp2(5.32192809f * bounded(c.room, 0.0f, 1.0f)); // to 12 s
    const float damp = bounded(c.damp, 0.0f, 1.0f);
    const float low = bounded(c.low, 0.25f, 4.0f);
    return {mid * low * (1.0f + 0.25f * damp), mid, mid * exp2(-3.32192809f * damp)};
}

std::size_t Reverb::memory_needed(SampleRate fs) CHRONUS_RT {
    std::size_t floats = 0;
    ReverbState none;
    for_each_ring(none, Longest(fs), [&](Ring &, std::size_t n) { floats += Ring::floats(n); });
    return floats;
}

Reverb::Reverb(SampleRate fs, std::span<float> memory) CHRONUS_RT : fs_(fs.hz), longest_(0) {
    const Longest longest(fs);
    for_each_ring(state_, longest, [&](Ring &ring, std::size_t frames) {
        ring = Ring(memory.first(Ring::floats(frames)));
        memory = memory.subspan(Ring::floats(frames));
    });
    longest_ = longest.pre_delay + longest.tank(kTanks - 1);
    for (const auto &step : longest.lines.diffuser) longest_ += step.back();
    quiet_ = longest_;
    state_.to.lengths = Lengths({fs_}, size_);
    for (std::size_t i = 0; i < kMoving; ++i) phases_[i] = static_cast<std::uint32_t>(i) << 30;
    set({});
}

/// Per line and pass: 10^(-3 delay / T60), for each part of the spectrum; and the Hadamard's 1/4.
void Reverb::shelves(Coefficients &c, const ReverbTimes &times) const CHRONUS_RT {
    const bool frozen = controls_.freeze;
    const float loss = kSwingLoss / size_ * std::min(1.0f, reach_wanted());
    const float low = 1.0f / times.low_s - 1.0f / times.mid_s;
    const float high = 1.0f / times.high_s - 1.0f / times.mid_s - loss;
    for (std::size_t half = 0; half < 2; ++half) {
        F8 seconds;
        for (std::size_t i = 0; i < kLanes; ++i)
            seconds[i] = on_the_way(state_.from.lengths.tanks[half * kLanes + i],
                                    state_.to.lengths.tanks[half * kLanes + i]);
        const F8 octaves = frozen ? F8{} : seconds * kOctavesPerT60;
        const F8 mid = 0.25f * exp2(octaves / times.mid_s);
        // Corners so that half of the shelf's decibels are reached there in every line.
        const F8 low_g =
            tan_pi(min(kLowCorner.value / fs_ * exp2(-0.5f * octaves * low), splat(0.45f)));
        const F8 high_g = tan_pi(kHighCorner.value / fs_ * exp2(0.5f * octaves * high));
        const F8 low_share = low_g / (1.0f + low_g), low_more = exp2(octaves * low) - 1.0f;
        const F8 high_share = high_g / (1.0f + high_g), high_more = exp2(octaves * high) - 1.0f;
        const auto put = [&](std::size_t row, F8 x) {
            for (std::size_t i = 0; i < kLanes; ++i) c[row + half][i] = x[i];
        };
        put(ReverbState::kLowNow, mid * (1.0f + low_more * low_share));
        put(ReverbState::kLowPast, mid * (2.0f * low_more * low_share * (1.0f - low_share)));
        put(ReverbState::kLowKeep, 1.0f - 2.0f * low_share);
        put(ReverbState::kHighNow, 1.0f + high_more * (1.0f - high_share));
        put(ReverbState::kHighPast, -2.0f * high_more * high_share * (1.0f - high_share));
        put(ReverbState::kHighKeep, 1.0f - 2.0f * high_share);
    }
}

void Reverb::levels(Coefficients &c, const ReverbTimes &times) const CHRONUS_RT {
    constexpr float kRootEighth = 0.353553391f;
    for (std::size_t s = 0; s < kSteps; ++s)
        for (std::size_t i = 0; i < kChannels; ++i) {
            const float seconds =
                on_the_way(state_.from.lengths.diffuser[s][i], state_.to.lengths.diffuser[s][i]);
            const float gain = kRootEighth * exp2(kOctavesPerT60 * seconds / times.mid_s);
            c[ReverbState::kDiffuse + s][i] = turned(kTurned[s], i) ? -gain : gain;
        }
    // Half of the decibels a longer decay would add are taken back, and all of a smaller room. A
    // larger one is left half of what it loses, or a short decay would swell when its lines answer.
    const float size = old_size_ + way_ * (size_ - old_size_);
    const float level = bounded(controls_.mix, 0.0f, 1.0f) * exp2(-0.25f * log2(times.mid_s));
    c[ReverbState::kLevels][0] = 0.375f * level;
    c[ReverbState::kLevels][1] = 0.75f * level * exp2((size > 1.0f ? 0.25f : 0.5f) * log2(size));
    c[ReverbState::kLevels][2] = controls_.freeze ? 0.0f : 1.0f;
}

/// A delay in seconds, while the heads fade from one to another.
float Reverb::on_the_way(std::size_t from, std::size_t to) const CHRONUS_RT {
    const auto start = static_cast<float>(from), end = static_cast<float>(to);
    return (start + way_ * (end - start)) / fs_;
}

Reverb::Coefficients Reverb::solve() const CHRONUS_RT {
    Coefficients c{};
    const ReverbTimes t = times(controls_);
    shelves(c, t);
    levels(c, t);
    return c;
}

float Reverb::reach_wanted() const CHRONUS_RT {
    if (controls_.freeze) return 0.0f; // to be lossless the lines must stand on whole frames
    return 2.0f * kSwingSeconds * fs_ * bounded(controls_.motion, 0.0f, 1.0f);
}

void Reverb::set(const ReverbControls &c) CHRONUS_RT {
    controls_ = c;
    if (fresh_) return arrive();
    target_ = solve();
    asked_ = true;
}

/// All that was asked for holds at once.
void Reverb::arrive() CHRONUS_RT {
    state_.fades = false;
    wish();
    old_size_ = size_;
    way_ = 1.0f;
    state_.from = state_.to;
    goal_ = target_ = solve();
    reach_ = reach_wanted();
    for (ReverbState::Swing &swing : state_.swings) swing = {};
}

/// Where the controls want the heads; true when that is elsewhere.
bool Reverb::wish() CHRONUS_RT {
    const std::size_t pre_delay =
        frames_of(bounded(controls_.pre_delay_s, 0.0f, kLongestPreDelay), fs_);
    // What is frozen does not outlive a cross-fade of its lines.
    const float size = controls_.freeze ? size_ : bounded(controls_.size, kSmallest, kLargest);
    if (pre_delay == state_.to.pre_delay && size == size_) return false;
    state_.to.pre_delay = pre_delay;
    if (size != size_) state_.to.lengths = Lengths({fs_}, size);
    size_ = size;
    return true;
}

/// A raised cosine from the old place of all heads to the new one.
void Reverb::move_heads() CHRONUS_RT {
    const std::size_t whole = frames_of(kFadeSeconds, fs_) / kTick * kTick;
    if (state_.fades && faded_ == whole) {
        state_.from = state_.to;
        state_.fades = false;
    }
    if (!state_.fades) {
        const float size = size_;
        state_.fades = wish();
        if (!state_.fades) return;
        faded_ = 0;
        old_size_ = size;
    }
    for (float &weight : state_.weights) {
        const float t = static_cast<float>(++faded_) / static_cast<float>(whole);
        weight = 0.5f - 0.5f * sin_turns(0.25f - 0.5f * t);
    }
    way_ = state_.weights.back();
    target_ = solve();
    asked_ = true;
}

/// The moving lines set out for their next place.
void Reverb::swing() CHRONUS_RT {
    const float most = kSwingSeconds * kTickFrames / kReachSeconds;
    reach_ += bounded(reach_wanted() - reach_, -most, most);
    for (std::size_t i = 0; i < kMoving; ++i) {
        phases_[i] += static_cast<std::uint32_t>(kSwingHz[i] * kTickFrames / fs_ * 0x1p32f);
        const float turns = static_cast<float>(static_cast<std::int32_t>(phases_[i])) * 0x1p-32f;
        state_.swings[i] = {state_.swings[i].to, reach_ * sin_turns(turns)};
    }
}

/// Sets out for the newest targets.
void Reverb::begin_tick() CHRONUS_RT {
    quiet_ = state_.loudest < kSilent ? quiet_ + kTick : 0;
    ill_ = ill_ || state_.loudest >= kIll;
    state_.loudest = 0;
    move_heads();
    swing();
    state_.now = goal_;
    state_.moves = controls_.freeze;
    if (!asked_) {
        if (sloped_) state_.slope = {};
        sloped_ = false;
        return;
    }
    asked_ = false;
    state_.moves = sloped_ = true;
    for (std::size_t i = 0; i < goal_.size(); ++i)
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            state_.slope[i][lane] = (target_[i][lane] - goal_[i][lane]) * (1.0f / kTickFrames);
    goal_ = target_;
}

void Reverb::process(StereoBlock in, StereoBlock out) CHRONUS_RT {
    fresh_ = false;
    for (std::size_t begin = 0; begin < in.frames();) {
        if (state_.frame == 0) begin_tick();
        const std::size_t n = std::min(in.frames() - begin, kTick - state_.frame);
        run_reverb(state_, in.sub(begin, n), out.sub(begin, n));
        state_.frame = (state_.frame + n) % kTick;
        written_ = std::min(written_ + n, std::size_t{1} << 30);
        begin += n;
    }
}

bool Reverb::heal() CHRONUS_RT {
    float all = 0.0f;
    for (std::size_t i = 0; i < kTanks; ++i)
        all += magnitude(state_.low[i]) + magnitude(state_.high[i]);
    for (const ReverbState::Eight &row : goal_)
        for (const float x : row) all += magnitude(x);
    for (const ReverbState::Swing &swing : state_.swings) all += magnitude(swing.to);
    if (all < 1e6f && !ill_ && state_.loudest < kIll) return false;
    reset();
    return true;
}

void Reverb::reset() CHRONUS_RT {
    for_each_ring(state_, Longest({fs_}), [&](Ring &ring, std::size_t) { ring.clear(written_); });
    state_.low = state_.high = {};
    state_.frame = written_ = 0;
    state_.loudest = 0;
    ill_ = false;
    quiet_ = longest_;
    arrive();
}

} // namespace chronus::dsp
