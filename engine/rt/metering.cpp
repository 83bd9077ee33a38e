#include "engine/rt/metering.h"

#include "dsp/math.h"
#include "dsp/rows.h"

#include <algorithm>
#include <span>
#include <utility>

namespace chronus::rt {

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

void show(ShownLevels &to, const dsp::Levels<float> &levels) CHRONUS_RT {
    to.momentary_lufs.store(levels.momentary_lufs, kRelaxed);
    to.short_term_lufs.store(levels.short_term_lufs, kRelaxed);
    to.rms_db.store(levels.rms_db, kRelaxed);
    to.peak_db.store(levels.peak_db, kRelaxed);
    to.true_peak_db.store(levels.true_peak_db, kRelaxed);
}

dsp::Levels<float> of_lane(const dsp::Levels<dsp::F8> &all, std::size_t lane) CHRONUS_RT {
    return {all.momentary_lufs[lane], all.short_term_lufs[lane], all.rms_db[lane],
            all.peak_db[lane], all.true_peak_db[lane]};
}

/// Units: `samples` are a tick.
float peak_of(std::span<const float> samples) CHRONUS_RT {
    dsp::Wide peak{};
    for (std::size_t i = 0; i < kTick; i += dsp::kWide)
        peak = dsp::larger(dsp::magnitude(dsp::load<dsp::Wide>(samples.data() + i)), peak);
    return dsp::largest(peak);
}

} // namespace

Metering::Metering(SampleRate fs) CHRONUS_RT
    : fs_(fs),
      bands_(fs),
      master_(fs),
      voices_([&]<std::size_t... B>(std::index_sequence<B...>) {
          return std::array{(static_cast<void>(B), dsp::VoiceLevels(fs))...};
      }(std::make_index_sequence<kMaxVoices / dsp::kLanes>{})),
      peak_fall_(dsp::gain_of(-20.0f * static_cast<float>(kTick) / fs.hz)) {}

void Metering::watch(bool on) CHRONUS_RT {
    if (watched_ == on) return;
    watched_ = on;
    std::ranges::fill(voices_, dsp::VoiceLevels(fs_));
    voices_told_ = kNone;
}

void Metering::hear_voices(std::size_t bank, const dsp::VoiceBank &voices,
                           std::uint32_t n) CHRONUS_RT {
    if (!watched_) return;
    std::array<dsp::F8, kTick> sounds;
    voices.listen(sounds.data(), n);
    voices_[bank].process(std::span{sounds}.first(n));
}

void Metering::rest_voices(std::size_t bank, std::uint32_t n) CHRONUS_RT {
    if (watched_) voices_[bank].rest(n);
}

void Metering::hear_master(StereoBlock out, float limiter_gain) CHRONUS_RT {
    least_gain_ = std::min(least_gain_, limiter_gain);
    master_.process(out);
    bands_.process(out);
    peaks_[0] = std::max(peaks_[0] * peak_fall_, peak_of(out.left));
    peaks_[1] = std::max(peaks_[1] * peak_fall_, peak_of(out.right));
}

void Metering::rest_master() CHRONUS_RT {
    if (!master_.idle()) master_.rest();
    peaks_ = {};
}

bool Metering::heal() CHRONUS_RT {
    if (watched_)
        for (dsp::VoiceLevels &bank : voices_) bank.heal();
    for (float &peak : peaks_)
        if (!(peak < 1e6f)) peak = 0;
    return bands_.heal() | master_.heal();
}

void Metering::publish(Telemetry &to, std::uint16_t voices) CHRONUS_RT {
    const auto bands = bands_.bands();
    for (std::size_t b = 0; b < bands.size(); ++b) to.bands[b].store(bands[b], kRelaxed);
    to.peak_left.store(peaks_[0], kRelaxed);
    to.peak_right.store(peaks_[1], kRelaxed);
    if (master_told_ != master_.steps()) {
        master_told_ = master_.steps();
        show(to.master, master_.levels());
        to.integrated_lufs.store(master_.integrated_lufs(), kRelaxed);
        to.limiter_gain.store(std::exchange(least_gain_, 1.0f), kRelaxed);
    }
    if (voices_told_ != voices_[0].steps()) {
        voices_told_ = voices_[0].steps();
        to.voice_steps.store(voices_told_, kRelaxed);
        for (std::size_t bank = 0; bank * dsp::kLanes < voices; ++bank) {
            const dsp::Levels<dsp::F8> levels = voices_[bank].levels();
            for (std::size_t lane = 0; lane < dsp::kLanes; ++lane)
                show(to.voices[bank * dsp::kLanes + lane], of_lane(levels, lane));
        }
    }
}

} // namespace chronus::rt
