#include "dsp/reverb.h"

#include "dsp/glide.h"
#include "dsp/math.h"
#include "dsp/reverb_plan.h"
#include "dsp/rows.h"

#include <algorithm>

namespace chronus::dsp {
namespace {

using namespace plan;

constexpr float kSilent = 1e-6f;
/// 0, 1, 2 ... as floats: a conversion in the loops would keep them from running in lanes.
constexpr std::array<float, kTick> kFrames = [] {
    std::array<float, kTick> frames{};
    for (std::size_t i = 1; i < kTick; ++i) frames[i] = frames[i - 1] + 1.0f;
    return frames;
}();

} // namespace

ReverbTimes Reverb::times(const ReverbControls &c) CHRONUS_RT {
    const float mid = 0.3f * exp2(5.32192809f * bounded(c.room, 0.0f, 1.0f)); // to 12 s
    const float damp = bounded(c.damp, 0.0f, 1.0f);
    return {mid * (1.0f + 0.25f * damp), mid, mid * exp2(-3.32192809f * damp)};
}

std::size_t Reverb::memory_needed(SampleRate fs) CHRONUS_RT {
    std::size_t floats = 0;
    for (std::size_t s = 0; s < kSteps; ++s)
        for (std::size_t c = 0; c < kChannels; ++c) floats += diffuser_delay(fs, s, c);
    for (std::size_t i = 0; i < kTanks; ++i) floats += tank_size(fs, i);
    return floats;
}

Reverb::Reverb(SampleRate fs, std::span<float> memory) CHRONUS_RT : fs_(fs.hz), longest_(0) {
    const auto take = [&](std::size_t floats) {
        const auto part = memory.first(floats);
        memory = memory.subspan(floats);
        return DelayLine(part);
    };
    for (std::size_t s = 0; s < kSteps; ++s)
        for (std::size_t c = 0; c < kChannels; ++c) {
            diffuser_delays_[s][c] = diffuser_delay(fs, s, c);
            diffusers_[s][c] = take(diffuser_delays_[s][c]);
        }
    for (std::size_t i = 0; i < kTanks; ++i) {
        tank_delays_[i] = tank_delay(fs, i);
        tanks_[i] = take(tank_size(fs, i));
    }
    for (const auto &delays : diffuser_delays_) longest_ += delays.back();
    longest_ = quiet_ = longest_ + tanks_.back().size();
    for (std::size_t i = 0; i < kMoving; ++i) {
        const float turns = kSwingHz[i] * static_cast<float>(kTick) / fs.hz;
        swings_[i].per_tick = static_cast<std::uint32_t>(turns * 4294967296.0f);
        swings_[i].phase = static_cast<std::uint32_t>(i) << 30;
    }
    set({});
}

/// Per line and pass: 10^(-3 delay / T60), for each part of the spectrum.
void Reverb::shelves(Coefficients &c, const ReverbTimes &times) const CHRONUS_RT {
    constexpr float kOctavesPerT60 = -9.96578428f; // 10^-3
    const float low = 1.0f / times.low_s - 1.0f / times.mid_s;
    const float high = 1.0f / times.high_s - 1.0f / times.mid_s - kSwingLoss;
    for (std::size_t half = 0; half < 2; ++half) {
        F8 seconds;
        for (std::size_t i = 0; i < kLanes; ++i)
            seconds[i] = static_cast<float>(tank_delays_[half * kLanes + i]) / fs_;
        const F8 octaves = seconds * kOctavesPerT60;
        c[kMid + half] = exp2(octaves / times.mid_s);
        // Corners so that half of the shelf's decibels are reached there in every line.
        const F8 low_g =
            tan_pi(min(kLowCorner.value / fs_ * exp2(-0.5f * octaves * low), splat(0.45f)));
        const F8 high_g = tan_pi(kHighCorner.value / fs_ * exp2(0.5f * octaves * high));
        c[kLowShare + half] = exp2(octaves * low) - 1.0f;
        c[kLowGain + half] = low_g / (1.0f + low_g);
        c[kHighShare + half] = exp2(octaves * high) - 1.0f;
        c[kHighGain + half] = high_g / (1.0f + high_g);
    }
}

Reverb::Coefficients Reverb::solve(const ReverbControls &controls) const CHRONUS_RT {
    constexpr float kRootEighth = 0.353553391f;
    Coefficients c{};
    const ReverbTimes t = times(controls);
    shelves(c, t);
    for (std::size_t s = 0; s < kSteps; ++s)
        for (std::size_t i = 0; i < kChannels; ++i) {
            const float seconds = static_cast<float>(diffuser_delays_[s][i]) / fs_;
            c[kDiffuse + s][i] =
                sign(kTurned[s], i) * kRootEighth * exp2(-9.96578428f * seconds / t.mid_s);
        }
    // Half of the decibels a longer decay would add are taken back.
    const float level = bounded(controls.mix, 0.0f, 1.0f) * exp2(-0.25f * log2(t.mid_s));
    c[kLevels][0] = 0.375f * level;
    c[kLevels][1] = 0.1875f * level;
    return c;
}

void Reverb::set(const ReverbControls &c) CHRONUS_RT {
    target_ = solve(c);
    if (fresh_) goal_ = target_;
}

/// Sets out for the newest targets, and the moving lines for their next place.
void Reverb::begin_tick() CHRONUS_RT {
    ramp_ = false;
    now_ = goal_;
    goal_ = target_;
    for (std::size_t i = 0; i < kCoefficients; ++i) {
        slope_[i] = (goal_[i] - now_[i]) * (1.0f / static_cast<float>(kTick));
        ramp_ = ramp_ || sum(abs(slope_[i])) != 0.0f;
    }
    for (Swing &swing : swings_) {
        swing.phase += swing.per_tick;
        const float turns = static_cast<float>(static_cast<std::int32_t>(swing.phase)) * 0x1p-32f;
        swing.from = swing.to;
        swing.to = kSwingSeconds * fs_ * sin_turns(turns);
    }
}

/// One step: eight delays, losses and turned signs, then all mixed with all.
void Reverb::diffuse(std::size_t step, Span span) CHRONUS_RT {
    const float *const frames = kFrames.data() + span.begin;
    for (std::size_t c = 0; c < kChannels; ++c) {
        const std::span<float> row = std::span(spread_[c]).first(span.count);
        Row later;
        diffusers_[step][c].read(diffuser_delays_[step][c], std::span(later).first(span.count));
        diffusers_[step][c].write(row);
        const float gain = now_[kDiffuse + step][c], slope = slope_[kDiffuse + step][c];
        for (std::size_t i = 0; i < span.count; ++i) row[i] = later[i] * (gain + slope * frames[i]);
    }
    hadamard(spread_, span.count);
}

/// Lagrange through four points, its weights moving along with the delay.
void Reverb::read_moving(std::size_t line, const Swing &swing, Span span) CHRONUS_RT {
    std::array<float, kTick + 3> past;
    const float from = swing.from + 1024.0f; // positive, so that truncation is floor
    const auto whole = static_cast<std::size_t>(from);
    const std::size_t delay = tank_delays_[line] + whole - 1024;
    tanks_[line].read(delay + 2, std::span(past).first(span.count + 3));
    const float start = from - static_cast<float>(whole);
    const float *const frames = kFrames.data() + span.begin;
    const float slope = (swing.to - swing.from) * (1.0f / static_cast<float>(kTick));
    for (std::size_t i = 0; i < span.count; ++i) {
        const float f = start + slope * frames[i];
        const float before = f + 1.0f, after = f - 1.0f, far = f - 2.0f;
        const float outer = f * after * (1.0f / 6.0f), inner = before * far * 0.5f;
        tank_rows_[line][i] = before * outer * past[i] - f * inner * past[i + 1] +
                              after * inner * past[i + 2] - far * outer * past[i + 3];
    }
}

void Reverb::read_tanks(Span span) CHRONUS_RT {
    for (std::size_t line = 0; line < kTanks; ++line)
        if (moves(line))
            read_moving(line, swings_[line / 4], span);
        else
            tanks_[line].read(tank_delays_[line], std::span(tank_rows_[line]).first(span.count));
}

/// Mid loss, then the low and the high shelf, of eight lines at once.
template <bool kRamp>
void Reverb::lose(std::size_t half, Span span) CHRONUS_RT {
    Row *const rows = tank_rows_.data() + half * kLanes;
    const float *const frames = kFrames.data() + span.begin;
    const auto now = [&](std::size_t c, std::size_t i) {
        const F8 start = now_[c + half];
        return kRamp ? start + slope_[c + half] * frames[i] : start;
    };
    F8 low = low_[half], high = high_[half];
    for (std::size_t begin = 0; begin < span.count; begin += 4) {
        std::array<F4, 4> first, second; // four lines each, frame by frame once transposed
        for (std::size_t r = 0; r < 4; ++r) {
            first[r] = load<F4>(rows[r].data() + begin);
            second[r] = load<F4>(rows[4 + r].data() + begin);
        }
        transpose(first);
        transpose(second);
        for (std::size_t j = 0; j < std::min<std::size_t>(4, span.count - begin); ++j) {
            const std::size_t i = begin + j;
            const F8 x = now(kMid, i) * joined({first[j], second[j]});
            const F8 v1 = (x - low) * now(kLowGain, i), bass = low + v1;
            const F8 y = x + now(kLowShare, i) * bass;
            const F8 v2 = (y - high) * now(kHighGain, i), body = high + v2;
            const F8 z = y + now(kHighShare, i) * (y - body);
            low = bass + v1;
            high = body + v2;
            first[j] = halves(z).low;
            second[j] = halves(z).high;
        }
        transpose(first);
        transpose(second);
        for (std::size_t r = 0; r < 4; ++r) {
            store(rows[r].data() + begin, first[r]);
            store(rows[4 + r].data() + begin, second[r]);
        }
    }
    low_[half] = low;
    high_[half] = high;
}

/// The rows of both sides' outputs, from the diffuser (eight channels) or the tank (sixteen).
template <std::size_t N>
void Reverb::gather(const Rows<N> &rows, Rows<2> &sides, std::size_t frames) CHRONUS_RT {
    for (std::size_t i = 0; i < frames; i += 4) {
        F4 left{}, right{};
#pragma GCC unroll 16
        for (std::size_t r = 0; r < N; ++r) {
            const F4 x = load<F4>(rows[r].data() + i);
            left = sign(kLeftSigns, r) > 0.0f ? left + x : left - x;
            right = sign(kRightSigns, r) > 0.0f ? right + x : right - x;
        }
        store(sides[0].data() + i, left);
        store(sides[1].data() + i, right);
    }
}

void Reverb::feed_back(std::size_t frames) CHRONUS_RT {
    hadamard(tank_rows_, frames);
    for (std::size_t line = 0; line < kTanks; ++line) {
        Row &row = tank_rows_[line];
        const Row &fresh = spread_[line % kChannels];
        const float turned = sign(kFeedSigns, line);
        for (std::size_t i = 0; i < frames; ++i) row[i] = 0.25f * row[i] + turned * fresh[i];
        tanks_[line].write(std::span(row).first(frames));
    }
}

void Reverb::deliver(StereoBlock out, Span span) CHRONUS_RT {
    const float *const frames = kFrames.data() + span.begin;
    const F8 level = now_[kLevels], slope = slope_[kLevels];
    for (std::size_t i = 0; i < span.count; ++i) {
        const F8 now = level + slope * frames[i];
        const float left = now[0] * early_[0][i] + now[1] * late_[0][i];
        const float right = now[0] * early_[1][i] + now[1] * late_[1][i];
        out.left[i] += left;
        out.right[i] += right;
        const float most = magnitude(early_[0][i]) + magnitude(early_[1][i]) +
                           magnitude(late_[0][i]) + magnitude(late_[1][i]);
        quiet_ = most < kSilent ? quiet_ + 1 : 0;
    }
}

void Reverb::run(StereoBlock in, StereoBlock out, Span span) CHRONUS_RT {
    for (std::size_t c = 0; c < kChannels; ++c)
        std::ranges::copy(c % 2 == 0 ? in.left : in.right, spread_[c].begin());
    for (std::size_t step = 0; step < kSteps; ++step) diffuse(step, span);
    gather(spread_, early_, span.count);
    read_tanks(span);
    for (std::size_t half = 0; half < 2; ++half)
        if (ramp_)
            lose<true>(half, span);
        else
            lose<false>(half, span);
    gather(tank_rows_, late_, span.count);
    feed_back(span.count);
    deliver(out, span);
}

void Reverb::process(StereoBlock in, StereoBlock out) CHRONUS_RT {
    fresh_ = false;
    for (std::size_t begin = 0; begin < in.frames();) {
        if (frame_ == 0) begin_tick();
        const std::size_t n = std::min(in.frames() - begin, kTick - frame_);
        run(in.sub(begin, n), out.sub(begin, n), {frame_, n});
        frame_ = (frame_ + n) % kTick;
        begin += n;
    }
}

bool Reverb::heal() CHRONUS_RT {
    if (sum(abs(low_[0]) + abs(low_[1]) + abs(high_[0]) + abs(high_[1])) < 1e6f) return false;
    reset();
    return true;
}

void Reverb::reset() CHRONUS_RT {
    for (auto &step : diffusers_)
        for (DelayLine &line : step) line.reset();
    for (DelayLine &line : tanks_) line.reset();
    low_ = high_ = {};
    spread_ = {};
    tank_rows_ = {};
    quiet_ = longest_;
}

} // namespace chronus::dsp
