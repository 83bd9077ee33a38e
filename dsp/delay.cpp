#include "dsp/delay.h"

#include "dsp/math.h"

#include <algorithm>

namespace chronus::dsp {
namespace {

constexpr float kFadeSeconds = 0.03f;
constexpr float kSilent = 1e-6f;

std::size_t longest(SampleRate fs) CHRONUS_RT {
    return static_cast<std::size_t>(Delay::kLongest.frames(fs) + 0.5f);
}

/// Straight up to half scale, then bent; never beyond 1, and finite whatever comes in.
float bend(float x) CHRONUS_RT {
    constexpr float kKnee = 0.5f;
    const float m = magnitude(x);
    if (m <= kKnee) return x;
    const float y = kKnee + (1.0f - kKnee) * tanh((m - kKnee) * (1.0f / (1.0f - kKnee)));
    return x < 0.0f ? -y : y;
}

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

std::size_t Delay::memory_needed(SampleRate fs) CHRONUS_RT { return 2 * (longest(fs) + kTick); }

Delay::Delay(SampleRate fs, std::span<float> memory) CHRONUS_RT
    : fs_(fs.hz),
      fade_frames_(static_cast<std::size_t>(kFadeSeconds *fs.hz)) {
    const std::size_t half = memory_needed(fs) / 2;
    lines_ = {DelayLine(memory.first(half)), DelayLine(memory.subspan(half, half))};
    quiet_ = half;
    set({});
}

void Delay::aim(Glide &knob, float to) CHRONUS_RT {
    if (fresh_) return knob.jump(to);
    knob.aim(to);
}

void Delay::set(const DelayControls &c) CHRONUS_RT {
    const float shortest = static_cast<float>(kTick); // a block must not read what it writes
    const float frames = bounded(c.time_s * fs_, shortest, kLongest.frames({fs_}));
    head_.wanted = static_cast<std::size_t>(frames + 0.5f);
    if (fresh_) head_.from = head_.to = head_.wanted;
    aim(feedback_, bounded(c.feedback, 0.0f, 1.1f));
    aim(mix_, bounded(c.mix, 0.0f, 1.0f));
    // The lowest cut is the DC block of the loop.
    aim(low_, low_share(bounded(c.low_cut_hz, 5.0f, 20000.0f), fs_));
    aim(high_, high_share(bounded(c.high_cut_hz, 20.0f, 20000.0f), fs_));
}

Delay::Lines Delay::advance_controls(std::size_t frames) CHRONUS_RT {
    Lines lines;
    for (std::size_t i = 0; i < frames; ++i) {
        lines.feedback[i] = feedback_.next();
        lines.mix[i] = mix_.next();
        lines.low[i] = low_.next();
        lines.high[i] = high_.next();
    }
    return lines;
}

/// How many frames the heads stay in their present state, at most those asked for; while they fade,
/// `weights` tells how much of the new one to take.
std::size_t Delay::fade_weights(std::span<float> weights) CHRONUS_RT {
    if (head_.faded == fade_frames_) {
        head_.from = head_.to;
        head_.faded = 0;
    }
    if (head_.from == head_.to) head_.to = head_.wanted;
    if (head_.from == head_.to) return weights.size();
    const std::size_t frames = std::min(weights.size(), fade_frames_ - head_.faded);
    for (std::size_t i = 0; i < frames; ++i) {
        const float t = static_cast<float>(++head_.faded) / static_cast<float>(fade_frames_);
        weights[i] = 0.5f - 0.5f * sin_turns(0.25f - 0.5f * t);
    }
    return frames;
}

void Delay::read(const DelayLine &line, std::span<const float> weights,
                 std::span<float> out) const CHRONUS_RT {
    line.read(head_.from, out);
    if (head_.from == head_.to) return;
    std::array<float, kTick> next;
    line.read(head_.to, std::span(next).first(out.size()));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += weights[i] * (next[i] - out[i]);
}

/// One channel's block; `io` comes as what the heads read and leaves as what to write.
void Delay::run(Filter &filter, std::span<const float> in, std::span<float> out,
                const Run &run) const CHRONUS_RT {
    Filter f = filter;
    for (std::size_t i = 0; i < in.size(); ++i) {
        const float v1 = (run.io[i] - f.low) * run.lines.low[i], low = f.low + v1;
        const float wet = f.high + (run.io[i] - low - f.high) * run.lines.high[i];
        f = {low + v1, wet};
        out[i] += run.lines.mix[i] * wet;
        run.io[i] = bend(in[i] + run.lines.feedback[i] * wet);
    }
    filter = f;
}

void Delay::process(StereoBlock in, StereoBlock out) CHRONUS_RT {
    fresh_ = false;
    for (std::size_t begin = 0; begin < in.frames();) {
        std::array<float, kTick> weights, left, right;
        const std::size_t n = fade_weights(std::span(weights).first(in.frames() - begin));
        const Lines controls = advance_controls(n);
        const StereoBlock from = in.sub(begin, n), to = out.sub(begin, n);
        const StereoBlock loop{std::span(left).first(n), std::span(right).first(n)};
        read(lines_[0], weights, loop.left);
        read(lines_[1], weights, loop.right);
        run(filters_[0], from.left, to.left, {loop.left, controls});
        run(filters_[1], from.right, to.right, {loop.right, controls});
        lines_[0].write(loop.left);
        lines_[1].write(loop.right);
        listen(loop);
        begin += n;
    }
}

void Delay::listen(StereoBlock written) CHRONUS_RT {
    for (std::size_t i = 0; i < written.frames(); ++i) {
        const float most = std::max(magnitude(written.left[i]), magnitude(written.right[i]));
        quiet_ = most < kSilent ? quiet_ + 1 : 0;
    }
}

bool Delay::heal() CHRONUS_RT {
    float all = 0.0f;
    for (const Filter &f : filters_) all += magnitude(f.low) + magnitude(f.high);
    if (all < 1e6f) return false;
    reset();
    return true;
}

void Delay::reset() CHRONUS_RT {
    for (DelayLine &line : lines_) line.reset();
    filters_ = {};
    quiet_ = lines_[0].size();
}

bool Delay::idle() const CHRONUS_RT { return quiet_ >= lines_[0].size(); }

} // namespace chronus::dsp
