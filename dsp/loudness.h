#pragma once

#include "dsp/block.h"
#include "dsp/delay_line.h"
#include "dsp/k_weighting.h"
#include "dsp/lanes.h"
#include "dsp/rows.h"
#include "dsp/rt.h"
#include "dsp/true_peak.h"
#include "dsp/units.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace chronus::dsp {

/// What is known of one sound, or of eight. Units: dB and LUFS; -200 stands for silence.
template <class V>
struct Levels {
    V momentary_lufs{};  ///< of the last 0.4 s
    V short_term_lufs{}; ///< of the last 3 s
    V rms_db{};          ///< of the last 0.4 s; a sine of full scale has -3.01
    V peak_db{};         ///< largest sample of the last 0.4 s
    V true_peak_db{};    ///< largest point between samples of the last 0.4 s
};

/// What was in the last 3 s, in steps of 100 ms.
template <class V>
class LevelSteps {
public:
    static constexpr std::size_t kShortTerm = 30, kMomentary = 4;
    struct Step {
        V weighted{}, plain{}; ///< mean squares
        V peak{}, true_peak{};
    };

    void add(const Step &step) CHRONUS_RT;
    Levels<V> levels() const CHRONUS_RT;
    /// Weighted mean square of the last 0.4 s.
    V momentary_power() const CHRONUS_RT;

private:
    std::array<V, kShortTerm> weighted_{}; // a ring, as the next
    std::array<Step, kMomentary> late_{};
    std::size_t at_ = 0, late_at_ = 0;
};

/// Loudness since the last reset: of blocks of 0.4 s, begun every 0.1 s, those above -70 LUFS, and
/// of these those above what is 10 LU below their mean.
class IntegratedLoudness {
public:
    void add(float power) CHRONUS_RT;
    float lufs() const CHRONUS_RT { return lufs_; }

private:
    static constexpr std::size_t kBins = 800; // of 0.1 LU from -70 up; the last has all above

    std::array<double, kBins> power_{};
    std::array<std::uint32_t, kBins> blocks_{};
    float lufs_ = -200.0f;
};

/// Loudness and peaks of a stereo sound.
///
/// Shapes: kTick frames; the sound is only looked at.
/// Thread: audio.
/// Errors: none. A non-finite input poisons the state until `heal()`.
/// Source: ITU-R BS.1770-4; EBU Tech 3341 for the times.
class LoudnessMeter {
public:
    explicit LoudnessMeter(SampleRate fs) CHRONUS_RT;
    void process(StereoBlock in) CHRONUS_RT;
    /// The same for silence that follows on long silence.
    void rest() CHRONUS_RT;

    Levels<float> levels() const CHRONUS_RT { return steps_.levels(); }
    float integrated_lufs() const CHRONUS_RT { return integrated_.lufs(); }
    /// Moves when there are new figures.
    std::uint32_t steps() const CHRONUS_RT { return step_count_; }
    /// True when nothing is shown of what was heard last.
    bool idle() const CHRONUS_RT { return quiet_steps_ >= kQuietSteps; }
    /// The integrated loudness begins afresh.
    void restart() CHRONUS_RT;
    /// True when the state was not finite, and was reset.
    bool heal() CHRONUS_RT;

private:
    friend struct LoudnessDoor; // tests plant faults through it
    using Past = Window<kPeakTaps - 1, kTick, 4>;
    static constexpr std::size_t kQuietSteps = 2 * LevelSteps<float>::kShortTerm;

    void weigh(StereoBlock in) CHRONUS_RT;
    void find_peaks(StereoBlock in) CHRONUS_RT;
    void end_step() CHRONUS_RT;

    SampleRate fs_;
    StereoWeighting weighting_;
    F4 weighted_{}; // sums of squares in this step; the first two lanes are of no meaning
    F8 plain_{};
    std::array<Past, 2> past_{};
    Wide peak_{}, true_peak_{};
    std::size_t frames_ = 0, step_frames_; // in this step; in each
    std::size_t steps_done_ = 0;           // since the last restart
    std::size_t quiet_steps_ = kQuietSteps;
    std::uint32_t step_count_ = 0;
    LevelSteps<float> steps_;
    IntegratedLoudness integrated_;
};

/// Levels of eight voices, each a sound in one channel: at constant power its place in the stereo
/// picture changes none of them.
///
/// Shapes: n <= kTick frames that do not cross a tick.
/// Thread: audio.
/// Errors: none. A non-finite input poisons the state until `heal()`.
class VoiceLevels {
public:
    explicit VoiceLevels(SampleRate fs) CHRONUS_RT;
    void process(std::span<const F8> in) CHRONUS_RT;
    /// The same for voices at rest.
    void rest(std::size_t frames) CHRONUS_RT;
    Levels<F8> levels() const CHRONUS_RT { return steps_.levels(); }
    /// Moves when there are new figures.
    std::uint32_t steps() const CHRONUS_RT { return step_count_; }
    /// True when the state was not finite, and was reset.
    bool heal() CHRONUS_RT;

private:
    void find_peaks(std::span<const F8> in) CHRONUS_RT;
    void pass(std::size_t frames) CHRONUS_RT;
    void end_step() CHRONUS_RT;

    SampleRate fs_;
    KWeighting weighting_;
    F8 weighted_{}, plain_{}, peak_{}, true_peak_{};
    std::array<F8, kPeakTaps - 1 + kTick> past_{};
    std::size_t frames_ = 0, step_frames_;
    std::uint32_t step_count_ = 0;
    LevelSteps<F8> steps_;
};

} // namespace chronus::dsp
