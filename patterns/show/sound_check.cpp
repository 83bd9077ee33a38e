#include "patterns/show/sound_check.h"

#include "dsp/lanes.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

namespace chronus::patterns {

namespace {

constexpr float kSilent = 1e-4f; // -80 dBFS
constexpr double kMostDc_db = -60;

/// The first eight, or what there is and silence.
dsp::F8 eight(std::span<const float> samples) {
    dsp::F8 out{};
    if (samples.size() >= dsp::kLanes)
        __builtin_memcpy(&out, samples.data(), sizeof out);
    else
        __builtin_memcpy(&out, samples.data(), samples.size_bytes());
    return out;
}

double decibels(double amplitude) { return amplitude > 1e-10 ? 20 * std::log10(amplitude) : -200; }

} // namespace

void SoundCheck::listen(StereoBlock block) {
    for (std::size_t done = 0; done < block.frames();) {
        const std::size_t left = kTick - static_cast<std::size_t>(facts_.frames % kTick);
        const StereoBlock piece = block.sub(done, std::min(left, block.frames() - done));
        count(piece);
        measure(piece);
        done += piece.frames();
        facts_.frames += piece.frames();
    }
}

/// Shapes: within a tick, as the next.
void SoundCheck::count(StereoBlock piece) {
    dsp::F8 peak{}, squares{}, left_sum{}, right_sum{};
    dsp::I8 fine = ~dsp::I8{};
    std::uint32_t heard = 0; // a bit a frame
    for (std::size_t i = 0; i < piece.frames(); i += dsp::kLanes) {
        const dsp::F8 left = eight(piece.left.subspan(i)), right = eight(piece.right.subspan(i));
        const dsp::F8 left_size = abs(left), right_size = abs(right);
        peak = max(left_size, max(right_size, peak));
        fine = fine & (left_size <= dsp::splat(1)) & (right_size <= dsp::splat(1));
        heard |= lane_bits((left_size > dsp::splat(kSilent)) | (right_size > dsp::splat(kSilent)))
                 << i;
        left_sum += left, right_sum += right;
        squares += left * left + right * right;
    }
    for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) peak_ = std::max(peak_, peak[lane]);
    sum_[0] += static_cast<double>(sum(left_sum));
    sum_[1] += static_cast<double>(sum(right_sum));
    squares_ += static_cast<double>(sum(squares));
    if (any(~fine)) count_bad(piece);
    count_silence(heard, piece.frames());
}

void SoundCheck::count_bad(StereoBlock piece) {
    for (const std::span<float> side : {piece.left, piece.right})
        for (const float x : side) {
            if (!std::isfinite(x)) ++facts_.not_finite;
            if (std::abs(x) > 1) ++facts_.clipped;
        }
}

void SoundCheck::count_silence(std::uint32_t heard, std::size_t frames) {
    if (heard == 0) {
        silence_ += frames;
        return;
    }
    const int first = std::countr_zero(heard), end = std::bit_width(heard);
    longest_silence_ = std::max(longest_silence_, silence_ + static_cast<unsigned>(first));
    const std::uint64_t below = heard | (heard - 1), whole = (std::uint64_t{1} << end) - 1;
    std::uint64_t inner = 0; // the longest run of gaps between the first heard and the last
    for (std::uint64_t gaps = whole & ~below; gaps != 0; gaps &= gaps << 1) ++inner;
    longest_silence_ = std::max(longest_silence_, inner);
    silence_ = frames - static_cast<unsigned>(end);
}

/// The meter takes whole ticks.
void SoundCheck::measure(StereoBlock piece) {
    if (piece.frames() == kTick) return hear(piece);
    const auto at = static_cast<std::ptrdiff_t>(facts_.frames % kTick);
    std::ranges::copy(piece.left, tick_[0].begin() + at);
    std::ranges::copy(piece.right, tick_[1].begin() + at);
    if (static_cast<std::size_t>(at) + piece.frames() == kTick) hear({tick_[0], tick_[1]});
}

void SoundCheck::hear(StereoBlock tick) {
    meter_.process(tick);
    (void)meter_.heal();
    if (meter_.steps() == seen_steps_) return;
    seen_steps_ = meter_.steps();
    const auto levels = meter_.levels();
    true_peak_db_ = std::max(true_peak_db_, levels.true_peak_db);
    facts_.momentary_lufs.push_back(levels.momentary_lufs);
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
