#pragma once

#include "dsp/block.h"
#include "dsp/loudness.h"
#include "dsp/units.h"
#include "engine/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace chronus::patterns {

/// What is known of a sound that has been listened to wholly.
struct SoundFacts {
    std::uint64_t frames = 0;
    double peak_db = -200, true_peak_db = -200; ///< dBFS
    double rms_db = -200;                       ///< dBFS; of a sine of full scale -3.01
    double lufs = -200;                         ///< integrated, as EBU R 128 has it
    double dc_db = -200;                        ///< mean of the worse channel, dBFS
    std::uint64_t not_finite = 0;               ///< samples
    std::uint64_t clipped = 0;                  ///< samples beyond full scale
    double longest_silence_s = 0;               ///< below -80 dBFS, before the last sound
    std::vector<float> momentary_lufs = {};     ///< ten a second
};

/// Listens to a sound, in order.
///
/// Thread: any one at a time, never audio.
class SoundCheck {
public:
    explicit SoundCheck(SampleRate fs) : fs_(fs), meter_(fs) {}
    void listen(StereoBlock block);
    SoundFacts facts() const;

private:
    void count(StereoBlock piece);
    void count_bad(StereoBlock piece);
    void count_silence(std::uint32_t heard, std::size_t frames);
    void measure(StereoBlock piece);
    void hear(StereoBlock tick);

    SampleRate fs_;
    dsp::LoudnessMeter meter_;
    std::uint32_t seen_steps_ = 0;
    std::array<std::array<float, kTick>, 2> tick_{};  // the meter takes whole ones
    std::uint64_t silence_ = 0, longest_silence_ = 0; // frames
    std::array<double, 2> sum_{};
    double squares_ = 0;
    float peak_ = 0, true_peak_db_ = -200;
    SoundFacts facts_;
};

/// Why a sound is not worth keeping: NaN or infinity in it, samples beyond full scale, a mean above
/// -60 dBFS, or nothing to hear at all.
std::optional<Error> objection_to(const SoundFacts &facts);

} // namespace chronus::patterns
