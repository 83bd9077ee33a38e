#include "dsp/loudness.h"

#include "dsp/glide.h"
#include "dsp/math.h"

#include <algorithm>
#include <bit>

namespace chronus::dsp {
namespace {

constexpr float kSilence = -200.0f;
constexpr float kOffset = -0.691f; // so that 1 kHz reads as its power
constexpr float kGate = -70.0f, kGateBelow = 10.0f, kBin = 0.1f;

/// Frames of 100 ms, in whole ticks.
std::size_t step_of(SampleRate fs) CHRONUS_RT {
    return static_cast<std::size_t>(0.1f * fs.hz / kTick + 0.5f) * kTick;
}

/// 10 log10, also of nothing.
template <class V>
V power_db(V power) CHRONUS_RT {
    constexpr float kLeast = 1e-20f;
    return select(power > kLeast, 3.01029996f * log2(larger(power, V{} + kLeast)), V{} + kSilence);
}
template <class V>
V lufs_of(V power) CHRONUS_RT {
    return larger(power_db(power) + kOffset, V{} + kSilence);
}

} // namespace

EarFilters::EarFilters(SampleRate fs) CHRONUS_RT {
    // The analogue prototypes behind the standard's coefficients at 48 kHz.
    constexpr float kHeadHz = 1681.97445f, kHeadQ = 0.70717524f;
    constexpr float kHigh = 1.58486470f, kBand = 1.25872093f; // 4 dB, and its square root nearly
    constexpr float kBassHz = 38.1354709f, kBassQ = 0.50032704f;
    const auto poles = [&](float hz, float q) {
        const float k = tan_pi(hz / fs.hz), norm = 1.0f / (1.0f + k / q + k * k);
        Section s;
        s.a1 = 2.0f * (k * k - 1.0f) * norm;
        s.a2 = (1.0f - k / q + k * k) * norm;
        return s;
    };
    head = poles(kHeadHz, kHeadQ);
    bass = poles(kBassHz, kBassQ);
    const float k = tan_pi(kHeadHz / fs.hz), norm = 1.0f / (1.0f + k / kHeadQ + k * k);
    head.b0 = (kHigh + kBand * k / kHeadQ + k * k) * norm;
    head.b1 = 2.0f * (k * k - kHigh) * norm;
    head.b2 = (kHigh - kBand * k / kHeadQ + k * k) * norm;
}

template <class V>
void LevelSteps<V>::add(const Step &step) CHRONUS_RT {
    weighted_[at_] = step.weighted;
    late_[late_at_] = step;
    at_ = (at_ + 1) % kShortTerm;
    late_at_ = (late_at_ + 1) % kMomentary;
}

template <class V>
V LevelSteps<V>::momentary_power() const CHRONUS_RT {
    V sum{};
    for (const Step &step : late_) sum = sum + step.weighted;
    return sum * (1.0f / static_cast<float>(kMomentary));
}

template <class V>
Levels<V> LevelSteps<V>::levels() const CHRONUS_RT {
    V all{}, plain{}, peak{}, true_peak{};
    for (const V &weighted : weighted_) all = all + weighted;
    for (const Step &step : late_) {
        plain = plain + step.plain;
        peak = larger(peak, step.peak);
        true_peak = larger(true_peak, step.true_peak);
    }
    return {.momentary_lufs = lufs_of(momentary_power()),
            .short_term_lufs = lufs_of(all * (1.0f / static_cast<float>(kShortTerm))),
            .rms_db = power_db(plain * (1.0f / static_cast<float>(kMomentary))),
            .peak_db = power_db(peak * peak),
            .true_peak_db = power_db(true_peak * true_peak)};
}

template class LevelSteps<float>;
template class LevelSteps<F8>;

void IntegratedLoudness::add(float power) CHRONUS_RT {
    const float loudness = lufs_of(power);
    if (!(loudness > kGate)) return;
    const auto bin =
        std::min(kBins - 1, static_cast<std::size_t>((loudness - kGate) * (1.0f / kBin)));
    power_[bin] += static_cast<double>(power);
    ++blocks_[bin];
    const auto mean_from = [&](std::size_t first) {
        double sum = 0.0, blocks = 0.0;
        for (std::size_t i = first; i < kBins; ++i) {
            sum += power_[i];
            blocks += blocks_[i];
        }
        return lufs_of(static_cast<float>(sum / std::max(blocks, 1.0)));
    };
    const float gate = std::max(mean_from(0) - kGateBelow, kGate);
    // What is left of the gate's own bin is above it, more or less.
    lufs_ = mean_from(static_cast<std::size_t>((gate - kGate) * (1.0f / kBin) + 0.5f));
}

LoudnessMeter::LoudnessMeter(SampleRate fs) CHRONUS_RT : fs_(fs),
                                                         weighting_(fs),
                                                         step_frames_(step_of(fs)) {}

void LoudnessMeter::weigh(StereoBlock in) CHRONUS_RT {
    StereoWeighting weighting = weighting_;
    F4 weighted = weighted_;
    for (std::size_t i = 0; i < kTick; i += 4) {
        const F4 left = load<F4>(in.left.data() + i), right = load<F4>(in.right.data() + i);
        const F4 a = __builtin_shufflevector(left, right, 0, 4, 1, 5);
        const F4 b = __builtin_shufflevector(left, right, 2, 6, 3, 7);
        for (const F4 x : {a, __builtin_shufflevector(a, a, 2, 3, 2, 3), b,
                           __builtin_shufflevector(b, b, 2, 3, 2, 3)}) {
            const F4 y = weighting.step(x);
            weighted += y * y;
        }
    }
    weighting_ = weighting;
    weighted_ = weighted;
    for (const std::span<float> side : {in.left, in.right})
        for (std::size_t i = 0; i < kTick; i += kLanes) {
            const F8 x = load<F8>(side.data() + i);
            plain_ += x * x;
        }
}

/// Samples and the points between them come `kPeakTaps / 2` frames late. The points are looked for
/// only where one could be larger than all in this step so far: more than twice as large as the
/// samples on both its sides is none below 16 kHz.
void LoudnessMeter::find_peaks(StereoBlock in) CHRONUS_RT {
    for (std::size_t side = 0; side < 2; ++side) {
        Past &past = past_[side];
        std::copy_n((side == 0 ? in.left : in.right).data(), kTick, past.block());
        const float *const samples = past.data() + kPeakMiddle;
        Wide peak = peak_, around{};
        for (std::size_t i = 0; i < kTick; i += kWide) {
            const Wide x = magnitude(load<Wide>(samples + i));
            peak = larger(x, peak);
            around = larger(around, larger(x, magnitude(load<Wide>(samples + i + 1))));
        }
        peak_ = peak;
        if (any(2.0f * around > true_peak_)) {
            std::array<float, kTick + kLanes> points;
            true_peaks<between::kRight, Wide>(past.data(), kTick, points.data());
            for (std::size_t i = 0; i < kTick; i += kWide)
                true_peak_ = larger(load<Wide>(points.data() + i), true_peak_);
        }
        past.advance(kTick);
    }
}

void LoudnessMeter::end_step() CHRONUS_RT {
    if (heal()) return; // or what is not finite would be remembered
    const float per_frame = 1.0f / static_cast<float>(step_frames_);
    steps_.add({.weighted = (weighted_[2] + weighted_[3]) * per_frame,
                .plain = sum(plain_) * per_frame,
                .peak = largest(peak_),
                .true_peak = largest(larger(peak_, true_peak_))});
    quiet_steps_ = largest(peak_) > 0.0f ? 0 : quiet_steps_ + 1;
    ++step_count_;
    weighted_ = F4{};
    plain_ = F8{};
    peak_ = true_peak_ = Wide{};
    frames_ = 0;
    if (++steps_done_ >= LevelSteps<float>::kMomentary) integrated_.add(steps_.momentary_power());
}

void LoudnessMeter::process(StereoBlock in) CHRONUS_RT {
    weigh(in);
    find_peaks(in);
    rest();
}

void LoudnessMeter::rest() CHRONUS_RT {
    frames_ += kTick;
    if (frames_ >= step_frames_) end_step();
}

void LoudnessMeter::restart() CHRONUS_RT {
    integrated_ = {};
    steps_done_ = 0;
}

VoiceLevels::VoiceLevels(SampleRate fs) CHRONUS_RT : fs_(fs),
                                                     weighting_(fs),
                                                     step_frames_(step_of(fs)) {}

/// As above, for all eight where one of them needs it.
void VoiceLevels::find_peaks(std::span<const F8> in) CHRONUS_RT {
    constexpr std::size_t kHistory = kPeakTaps - 1;
    std::ranges::copy(in, past_.begin() + kHistory);
    for (const F8 x : in) peak_ = larger(abs(x), peak_);
    F8 around{};
    for (std::size_t i = 0; i <= in.size(); ++i)
        around = larger(around, abs(past_[kPeakMiddle + i]));
    if (any(2.0f * around > true_peak_)) {
        std::array<F8, kTick> peaks;
        true_peaks<between::kRight, F8>(past_.data(), in.size(), peaks.data());
        for (std::size_t i = 0; i < in.size(); ++i) true_peak_ = larger(true_peak_, peaks[i]);
    }
    std::copy_n(past_.begin() + static_cast<std::ptrdiff_t>(in.size()), kHistory, past_.begin());
}

void VoiceLevels::process(std::span<const F8> in) CHRONUS_RT {
    for (const F8 x : in) {
        const F8 y = weighting_.step(x);
        weighted_ += y * y;
        plain_ += x * x;
    }
    find_peaks(in);
    pass(in.size());
}

void VoiceLevels::rest(std::size_t frames) CHRONUS_RT {
    std::fill_n(past_.begin(), kPeakTaps - 1, F8{});
    pass(frames);
}

void VoiceLevels::pass(std::size_t frames) CHRONUS_RT {
    frames_ += frames;
    if (frames_ >= step_frames_) end_step();
}

void VoiceLevels::end_step() CHRONUS_RT {
    if (heal()) return;
    const float per_frame = 1.0f / static_cast<float>(frames_);
    steps_.add({.weighted = weighted_ * per_frame,
                .plain = plain_ * per_frame,
                .peak = peak_,
                .true_peak = larger(peak_, true_peak_)});
    weighted_ = plain_ = peak_ = true_peak_ = F8{};
    frames_ = 0;
    ++step_count_;
}

bool VoiceLevels::heal() CHRONUS_RT {
    if (sum(weighted_ + plain_ + peak_ + true_peak_) < 1e12f) return false;
    *this = VoiceLevels(fs_);
    return true;
}

bool LoudnessMeter::heal() CHRONUS_RT {
    float all = weighted_[0] + weighted_[1] + weighted_[2] + weighted_[3] + sum(plain_);
    for (std::size_t i = 0; i < kWide; ++i) all += peak_[i] + true_peak_[i];
    if (all < 1e12f) return false;
    *this = LoudnessMeter(fs_);
    return true;
}

} // namespace chronus::dsp
