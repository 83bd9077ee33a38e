#include "dsp/distortion.h"

#include "dsp/glide.h"
#include "dsp/math.h"
#include "dsp/rows.h"

#include <algorithm>
#include <utility>

namespace chronus::dsp {
namespace {

constexpr float kLn2 = 0.693147181f;
constexpr float kLog2E = 1.44269504f;
constexpr float kDriveOctaves = 4.98289214f; // 30 dB
/// Half the difference of two points above which the area between them is known well enough to be
/// divided by it.
constexpr float kFar = 0.35f;

/// tanh to the last bits, of which the curve's slope is made. Own minimax fit, 8e-8.
CHRONUS_INLINE F8 fine_tanh(F8 x) CHRONUS_RT {
    x = clamp(x, -7.5f, 7.5f);
    const F8 z = x * x;
    return x * (1.0f + z * (0.129688479f + z * (2.99789904e-3f + z * 1.19497478e-5f))) /
           (1.0f +
            z * (0.46302111f + z * (2.40059318e-2f + z * (2.45374992e-4f + z * 2.6293157e-7f))));
}

/// ln cosh x, the antiderivative of tanh.
CHRONUS_INLINE F8 ln_cosh(F8 x) CHRONUS_RT {
    const F8 m = abs(x), fall = exp2(-2.0f * kLog2E * m);
    return m + kLn2 * (log2(1.0f + fall) - 1.0f);
}

/// Mean of tanh over the straight line from m - d to m + d, for |d| <= kFar: Gauss's rule of three
/// points, the outer two found by the addition theorem. Within 3e-6.
CHRONUS_INLINE F8 mean_near(F8 m, F8 d) CHRONUS_RT {
    const F8 h2 = 0.6f * d * d; // tanh^2 of the points' distance, as a series
    const F8 q = h2 * (1.0f + h2 * (-0.666666667f + h2 * (0.377777778f - h2 * 0.196825397f)));
    const F8 t = fine_tanh(m);
    return t * (4.0f / 9.0f + (5.0f / 9.0f) * (1.0f - q) / (1.0f - t * t * q));
}

/// Means of tanh between each of the samples and the next: where they are far apart by the areas
/// under the curve. Reads one sample more than it writes.
void mean_tanh(const float *x, float *out, std::size_t count) CHRONUS_RT {
    for (std::size_t i = 0; i < count; i += kLanes) {
        const F8 a = load<F8>(x + i), b = load<F8>(x + i + 1);
        const F8 d = 0.5f * (b - a);
        const I8 far = abs(d) > kFar;
        F8 mean = mean_near(0.5f * (a + b), select(far, F8{}, d));
        if (any(far)) mean = select(far, (ln_cosh(b) - ln_cosh(a)) / (b - a), mean);
        store(out + i, mean);
    }
}

/// What brings a sine of -12 dBFS back to its RMS after the curve with this gain in front.
float level_of(float gain) CHRONUS_RT {
    // Eight points of a quarter period, each in the middle of its eighth.
    const F8 sine = lanes(0.0980171403f, 0.290284677f, 0.471396737f, 0.634393284f, 0.773010453f,
                          0.881921264f, 0.956940336f, 0.995184727f);
    const F8 bent = tanh(0.25f * gain * sine);
    const float power = sum(bent * bent) / 8.0f; // mean square, to be 1/32
    return exp2(0.5f * (log2(1.0f / 32.0f) - log2(power)));
}

/// 0, 1, 2 ... as floats.
constexpr std::array<float, 2 *kTick> kFrames = [] {
    std::array<float, 2 * kTick> frames{};
    for (std::size_t i = 1; i < frames.size(); ++i) frames[i] = frames[i - 1] + 1.0f;
    return frames;
}();

} // namespace

Distortion::Distortion(SampleRate fs) CHRONUS_RT : fs_(fs.hz) { set({}); }

Distortion::Coefficients Distortion::solve(const DistortionControls &c) const CHRONUS_RT {
    const float gain = exp2(kDriveOctaves * bounded(c.drive, 0.0f, 1.0f));
    const float corner = 1000.0f * exp2(3.5849625f * bounded(c.tone, 0.0f, 1.0f)); // to 12 kHz
    const float g = tan_pi(std::min(corner / fs_, 0.45f));
    return {gain, level_of(gain), bounded(c.mix, 0.0f, 1.0f), g / (1.0f + g)};
}

void Distortion::set(const DistortionControls &c) CHRONUS_RT {
    controls_ = c;
    if (fresh_) return arrive();
    target_ = solve(c);
    asked_ = true;
}

/// All that was asked for holds at once.
void Distortion::arrive() CHRONUS_RT {
    now_ = goal_ = target_ = solve(controls_);
    slope_ = {};
    asked_ = moves_ = false;
}

void Distortion::begin_tick() CHRONUS_RT {
    if (asked_ || moves_) {
        now_ = goal_;
        for (std::size_t i = 0; i < kCoefficients; ++i)
            slope_[i] = (target_[i] - goal_[i]) * (1.0f / static_cast<float>(kTick));
        goal_ = target_;
        moves_ = std::exchange(asked_, false);
    }
    const bool wet = now_[kMix] != 0.0f || goal_[kMix] != 0.0f;
    if (wet && !std::exchange(wet_, wet)) prime();
    wet_ = wet;
}

/// A coefficient for eight frames, from a place in the block on.
CHRONUS_INLINE F8 Distortion::at(Coefficient which, std::size_t i) const CHRONUS_RT {
    return now_[which] + slope_[which] * load<F8>(kFrames.data() + frame_ + i);
}

void Distortion::Channel::shape(std::span<float> io) CHRONUS_RT {
    const std::size_t n = io.size();
    std::array<float, 2 * kTick> twice;
    std::array<float, kOver * kTick + kLanes> bent;
    up.process(io, twice);
    up_again.process(std::span(twice).first(2 * n), std::span(curve.block(), kOver * n));
    // The two samples before the block give the curve its first slope, and a delay of one.
    mean_tanh(curve.data(), bent.data(), kOver * n);
    curve.advance(kOver * n);
    down.process(bent, std::span(twice).first(2 * n));
    down_again.process(twice, io);
}

/// Brings the filters to where they were had they run all along.
void Distortion::prime() CHRONUS_RT {
    std::array<float, 2> last;
    for (std::size_t side = 0; side < 2; ++side) {
        Channel &c = channels_[side];
        c.reset_wet();
        std::array<float, kTick> wet;
        for (std::size_t i = 0; i < kTick; ++i) wet[i] = now_[kGain] * c.dry.data()[i];
        c.shape(wet);
        last[side] = wet.back();
    }
    first_ = second_ = F4{last[0], last[1]};
}

/// The low-passes on what was shaped, both sides at once.
void Distortion::darken(std::array<Row, 2> &wet, std::size_t frames) CHRONUS_RT {
    F4 first = first_, second = second_;
    for (std::size_t i = 0; i < frames; ++i) {
        const float share = now_[kShare] + slope_[kShare] * kFrames[frame_ + i];
        const F4 x{wet[0][i], wet[1][i]};
        const F4 d1 = share * (x - first), y1 = first + d1;
        const F4 d2 = share * (y1 - second), y2 = second + d2;
        first = y1 + d1;
        second = y2 + d2;
        wet[0][i] = y2[0];
        wet[1][i] = y2[1];
    }
    first_ = first;
    second_ = second;
}

void Distortion::run(StereoBlock io) CHRONUS_RT {
    const std::array<std::span<float>, 2> sides{io.left, io.right};
    std::array<Row, 2> wet;
    const std::size_t n = io.frames();
    for (std::size_t side = 0; side < 2; ++side) {
        Channel &c = channels_[side];
        copy_frames(sides[side].data(), n, c.dry.block());
        if (wet_) {
            for (std::size_t i = 0; i < n; i += kLanes)
                store(wet[side].data() + i, at(kGain, i) * load<F8>(c.dry.block() + i));
            c.shape(std::span(wet[side]).first(n));
        }
    }
    if (wet_) darken(wet, n);
    for (std::size_t side = 0; side < 2; ++side) {
        Window<kTick, kTick, 8> &dry = channels_[side].dry;
        const float *const late = dry.block() - kLatency;
        if (wet_)
            for (std::size_t i = 0; i < n; i += kLanes) {
                const F8 x = load<F8>(late + i), y = load<F8>(wet[side].data() + i);
                store(wet[side].data() + i, x + at(kMix, i) * (at(kLevel, i) * y - x));
            }
        copy_frames(wet_ ? wet[side].data() : late, n, sides[side].data());
        dry.advance(n);
    }
}

void Distortion::process(StereoBlock io) CHRONUS_RT {
    fresh_ = false;
    for (std::size_t begin = 0; begin < io.frames();) {
        if (frame_ == 0) begin_tick();
        const std::size_t n = std::min(io.frames() - begin, kTick - frame_);
        run(io.sub(begin, n));
        frame_ = (frame_ + n) % kTick;
        begin += n;
    }
}

void Distortion::Channel::reset_wet() CHRONUS_RT {
    up.reset();
    up_again.reset();
    curve = {};
    down.reset();
    down_again.reset();
}

float Distortion::Channel::total() const CHRONUS_RT {
    return dry.total() + up.total() + up_again.total() + curve.total() + down.total() +
           down_again.total();
}

bool Distortion::heal() CHRONUS_RT {
    float all = channels_[0].total() + channels_[1].total();
    for (std::size_t side = 0; side < 2; ++side)
        all += magnitude(first_[side]) + magnitude(second_[side]);
    for (const Coefficients &c : {goal_, slope_})
        for (const float x : c) all += magnitude(x);
    if (all < 1e6f) return false;
    reset();
    return true;
}

void Distortion::reset() CHRONUS_RT {
    channels_ = {};
    first_ = second_ = F4{};
    frame_ = 0;
    arrive();
}

bool Distortion::idle() const CHRONUS_RT {
    float all = channels_[0].total() + channels_[1].total();
    for (std::size_t side = 0; side < 2; ++side)
        all += magnitude(first_[side]) + magnitude(second_[side]);
    return all < 1e-6f;
}

} // namespace chronus::dsp
