#include "dsp/distortion.h"

#include "dsp/math.h"
#include "dsp/rows.h"

#include <algorithm>

namespace chronus::dsp {
namespace {

constexpr float kLn2 = 0.693147181f;
constexpr float kLog2E = 1.44269504f;
constexpr float kDriveOctaves = 4.98289214f; // 30 dB

/// e^(-2|x|).
CHRONUS_INLINE F8 fall(F8 x) CHRONUS_RT { return exp2(-2.0f * kLog2E * abs(x)); }

/// ln cosh x, the antiderivative of tanh.
CHRONUS_INLINE F8 ln_cosh(F8 x) CHRONUS_RT { return abs(x) + kLn2 * (log2(1.0f + fall(x)) - 1.0f); }

/// Mean of tanh between a and b = m - d and m + d, for |d| <= 1/2, where the difference quotient of
/// ln cosh would cancel: atanh(tanh m * tanh d) / d, which is the same.
CHRONUS_INLINE F8 mean_near(F8 m, F8 d) CHRONUS_RT {
    const F8 e = fall(m);
    const F8 tanh_m = copysign((1.0f - e) / (1.0f + e), m);
    const F8 z = d * d;
    const F8 tanh_d_over_d = (135135.0f + z * (17325.0f + z * (378.0f + z))) /
                             (135135.0f + z * (62370.0f + z * (3150.0f + z * 28.0f)));
    const F8 t = tanh_m * tanh_d_over_d; // times d is below 0.47
    const F8 p2 = t * t * z;
    F8 series = splat(1.0f / 15.0f); // atanh(p) / p
    for (const float term : {13.0f, 11.0f, 9.0f, 7.0f, 5.0f, 3.0f, 1.0f})
        series = series * p2 + 1.0f / term;
    return t * series;
}

/// Mean of tanh over the straight line from a to b.
CHRONUS_INLINE F8 mean_tanh(F8 a, F8 b, F8 area_a, F8 area_b) CHRONUS_RT {
    const F8 d = 0.5f * (b - a);
    const I8 far = abs(d) > 0.5f;
    const F8 near = mean_near(0.5f * (a + b), select(far, splat(0.0f), d));
    return select(far, (area_b - area_a) / (b - a), near);
}

/// What brings a sine of -12 dBFS back to its RMS after the curve with this gain in front.
float level_of(float gain) CHRONUS_RT {
    // Eight points of a quarter period, each in the middle of its eighth.
    constexpr F8 kSine{0.0980171403f, 0.290284677f, 0.471396737f, 0.634393284f,
                       0.773010453f,  0.881921264f, 0.956940336f, 0.995184727f};
    const F8 bent = tanh(0.25f * gain * kSine);
    const float power = sum(bent * bent) / 8.0f; // mean square, to be 1/32
    return exp2(0.5f * (log2(1.0f / 32.0f) - log2(power)));
}

} // namespace

Distortion::Distortion(SampleRate fs) CHRONUS_RT : fs_(fs.hz) { set({}); }

void Distortion::aim(Glide &knob, float to) CHRONUS_RT {
    if (fresh_) return knob.jump(to);
    knob.aim(to);
}

void Distortion::set(const DistortionControls &c) CHRONUS_RT {
    const float gain = exp2(kDriveOctaves * bounded(c.drive, 0.0f, 1.0f));
    const float corner = 1000.0f * exp2(3.5849625f * bounded(c.tone, 0.0f, 1.0f)); // to 12 kHz
    const float g = tan_pi(std::min(corner / fs_, 0.45f));
    aim(gain_, gain);
    aim(level_, level_of(gain));
    aim(mix_, bounded(c.mix, 0.0f, 1.0f));
    aim(tone_, g / (1.0f + g));
}

void Distortion::Channel::shape(std::span<const float> in, std::span<const float> gain,
                                std::span<float> wet) CHRONUS_RT {
    const std::size_t n = in.size();
    std::array<float, kTick> driven;
    std::array<float, 2 * kTick> twice;
    Wide bent;
    for (std::size_t i = 0; i < n; ++i) driven[i] = in[i] * gain[i];
    up.process(std::span(driven).first(n), twice);
    up_again.process(std::span(twice).first(2 * n), std::span(curve.block(), kOver * n));
    // The two samples before the block give the curve its first slope, and a delay of one.
    const float *x = curve.data();
    for (std::size_t i = 0; i < kOver * n; i += kLanes) {
        const F8 a = load<F8>(x + i), b = load<F8>(x + i + 1);
        store(bent.data() + i, mean_tanh(a, b, ln_cosh(a), ln_cosh(b)));
    }
    curve.advance(kOver * n);
    down.process(bent, std::span(twice).first(2 * n));
    down_again.process(twice, wet);
}

Distortion::Lines Distortion::advance_controls(std::size_t frames) CHRONUS_RT {
    Lines lines;
    for (std::size_t i = 0; i < frames; ++i) {
        lines.gain[i] = gain_.next();
        lines.level[i] = level_.next();
        lines.mix[i] = mix_.next();
        lines.tone[i] = tone_.next();
        dry_frames_ = lines.mix[i] == 0.0f ? dry_frames_ + 1 : 0;
    }
    return lines;
}

void Distortion::Channel::prime(float gain_now) CHRONUS_RT {
    std::array<float, kTick> gain, unheard;
    gain.fill(gain_now);
    up.reset();
    up_again.reset();
    curve = {};
    down.reset();
    down_again.reset();
    shape(std::span(dry.data(), kTick), gain, unheard);
    tone.fill(unheard.back());
}

void Distortion::Channel::delay(std::span<float> io) CHRONUS_RT {
    std::copy(io.begin(), io.end(), dry.block());
    std::copy_n(dry.block() - kLatency, io.size(), io.data());
    dry.advance(io.size());
}

void Distortion::Channel::blend(std::span<float> io, const Lines &lines) CHRONUS_RT {
    std::array<float, kTick> wet;
    shape(io, lines.gain, std::span(wet).first(io.size()));
    delay(io);
    auto [first, second] = tone;
    for (std::size_t i = 0; i < io.size(); ++i) {
        const float g = lines.tone[i];
        const float v1 = (wet[i] - first) * g, low1 = first + v1;
        const float v2 = (low1 - second) * g, low2 = second + v2;
        first = low1 + v1;
        second = low2 + v2;
        const float moved = io[i] + lines.mix[i] * (lines.level[i] * low2 - io[i]);
        io[i] = lines.mix[i] == 0.0f ? io[i] : moved;
    }
    tone = {first, second};
}

void Distortion::process(StereoBlock io) CHRONUS_RT {
    fresh_ = false;
    const bool wet = mix_.moving() || mix_.value() != 0.0f;
    const bool waking = wet && dry_frames_ > 0;
    const float gain = gain_.value();
    const Lines lines = advance_controls(io.frames());
    for (std::size_t c = 0; c < 2; ++c) {
        const std::span<float> side = c == 0 ? io.left : io.right;
        if (waking) channels_[c].prime(gain);
        if (wet)
            channels_[c].blend(side, lines);
        else
            channels_[c].delay(side);
    }
}

float Distortion::Channel::total() const CHRONUS_RT {
    return dry.total() + up.total() + up_again.total() + curve.total() + down.total() +
           down_again.total() + magnitude(tone[0]) + magnitude(tone[1]);
}

bool Distortion::heal() CHRONUS_RT {
    if (channels_[0].total() + channels_[1].total() < 1e6f) return false;
    reset();
    return true;
}

void Distortion::reset() CHRONUS_RT { channels_ = {}; }

bool Distortion::idle() const CHRONUS_RT {
    return channels_[0].total() + channels_[1].total() < 1e-6f;
}

} // namespace chronus::dsp
