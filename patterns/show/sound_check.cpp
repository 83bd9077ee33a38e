#include "patterns/show/sound_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace chronus::patterns {

namespace {

constexpr float kSilent = 1e-4f; // -80 dBFS
constexpr double kMostDc_db = -60;

double decibels(double amplitude) { return amplitude > 1e-10 ? 20 * std::log10(amplitude) : -200; }

} // namespace

void SoundCheck::listen(StereoBlock block) {
    for (std::size_t i = 0; i < block.frames(); ++i) {
        const auto at = static_cast<std::size_t>(facts_.frames % kTick);
        tick_[0][at] = block.left[i];
        tick_[1][at] = block.right[i];
        count(block.left[i], block.right[i]);
        if (at == kTick - 1) measure();
    }
}

void SoundCheck::measure() {
    meter_.process({tick_[0], tick_[1]});
    (void)meter_.heal();
    if (meter_.steps() == seen_steps_) return;
    seen_steps_ = meter_.steps();
    const auto levels = meter_.levels();
    true_peak_db_ = std::max(true_peak_db_, levels.true_peak_db);
    facts_.momentary_lufs.push_back(levels.momentary_lufs);
}

void SoundCheck::count(float left, float right) {
    ++facts_.frames;
    float loudest = 0;
    for (const float x : {left, right}) {
        if (!std::isfinite(x)) ++facts_.not_finite;
        if (std::abs(x) > 1) ++facts_.clipped;
        loudest = std::max(loudest, std::abs(x));
    }
    peak_ = std::max(peak_, loudest);
    sum_[0] += static_cast<double>(left);
    sum_[1] += static_cast<double>(right);
    squares_ += static_cast<double>(left) * static_cast<double>(left) +
                static_cast<double>(right) * static_cast<double>(right);
    if (loudest > kSilent) {
        longest_silence_ = std::max(longest_silence_, silence_);
        silence_ = 0;
    } else {
        ++silence_;
    }
}

SoundFacts SoundCheck::facts() const {
    SoundFacts out = facts_;
    const auto frames = static_cast<double>(std::max<std::uint64_t>(out.frames, 1));
    out.peak_db = decibels(static_cast<double>(peak_));
    out.true_peak_db = std::max(out.peak_db, static_cast<double>(true_peak_db_));
    out.rms_db = decibels(std::sqrt(squares_ / (2 * frames)));
    out.lufs = static_cast<double>(meter_.integrated_lufs());
    out.dc_db = decibels(std::max(std::abs(sum_[0]), std::abs(sum_[1])) / frames);
    out.longest_silence_s = static_cast<double>(longest_silence_) / static_cast<double>(fs_.hz);
    return out;
}

std::optional<Error> objection_to(const SoundFacts &facts) {
    const auto because = [](std::string what) { return Error{Errc::failed, std::move(what)}; };
    if (facts.not_finite > 0)
        return because(fmt::format("{} samples are no numbers", facts.not_finite));
    if (facts.clipped > 0)
        return because(fmt::format("{} samples are beyond full scale", facts.clipped));
    if (facts.peak_db < -80)
        return because("nothing is heard: no sample is above -80 dBFS; look at the tracks' levels, "
                       "mute and solo");
    if (facts.dc_db > kMostDc_db)
        return because(fmt::format("its mean is {:.1f} dBFS, more than -60", facts.dc_db));
    return std::nullopt;
}

} // namespace chronus::patterns
