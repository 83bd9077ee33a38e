#include "engine/rt/mixer.h"

#include "dsp/math.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace chronus::rt {

namespace {

constexpr std::uint16_t kVoiceRows = static_cast<std::uint16_t>(rows::kVoice.size());

/// The parameter of voice `v` that voice 1 has at `of_voice1`.
constexpr ParamId of_voice(ParamId of_voice1, std::uint8_t v) noexcept {
    return {static_cast<std::uint16_t>(of_voice1.index + v * kVoiceRows)};
}

/// The acid's square is not quite one: it is shaped from a saw with an offset.
constexpr float kAcidWidth = 0.469f;

constexpr std::uint16_t kAcidStart = param("acid1/cutoff").index;
static_assert(param("voice1/freq").index == 0);

/// What locks name a parameter of voice 1, or of the acid, by.
constexpr LockTarget target_of(ParamId id) noexcept {
    const bool acid = id.index >= kAcidStart;
    return {static_cast<std::uint8_t>(acid ? id.index - kAcidStart + kVoiceRows : id.index)};
}

std::optional<float> locked(const LockSet &locks, ParamId id,
                            std::optional<float> other) CHRONUS_RT {
    const float *value = locks.find(target_of(id));
    return value != nullptr ? *value : other;
}

constexpr std::size_t share(std::size_t floats) noexcept { return (floats + 15) / 16 * 16; }

} // namespace

std::size_t Mixer::memory_needed(SampleRate fs) noexcept {
    return share(dsp::Reverb::memory_needed(fs)) + share(dsp::Delay::memory_needed(fs));
}

Mixer::Mixer(SampleRate fs, std::uint16_t voices, std::uint32_t seed,
             std::span<float> memory) CHRONUS_RT
    : voices_(voices),
      panic_frames_(static_cast<std::uint32_t>(0.005f * fs.hz)),
      banks_([&]<std::size_t... B>(std::index_sequence<B...>) {
          return std::array{
              dsp::VoiceBank{fs, seed + static_cast<std::uint32_t>(B * dsp::kLanes)}...};
      }(std::make_index_sequence<kMaxVoices / dsp::kLanes>{})),
      acid_(fs),
      distortion_(fs),
      reverb_(fs, memory.first(share(dsp::Reverb::memory_needed(fs)))),
      delay_(fs, memory.subspan(share(dsp::Reverb::memory_needed(fs)))),
      dc_block_(fs),
      limiter_(fs),
      ducking_(fs),
      metering_(fs),
      peak_fall_(dsp::gain_of(-20.0f * static_cast<float>(kTick) / fs.hz)),
      rest_ticks_(static_cast<std::uint32_t>(2.0f * fs.hz / static_cast<float>(kTick))) {}

dsp::VoiceControls Mixer::voice_controls(const Controls &c, std::uint8_t v) const CHRONUS_RT {
    const Player &player = players_[v];
    const std::uint8_t patch = player.patch.value_or(v);
    const auto now = [&](ParamId of_voice1) {
        const float *lock = player.locks.find(target_of(of_voice1));
        return lock != nullptr ? *lock : c.now(of_voice(of_voice1, patch));
    };
    const auto moved = [&](ParamId of_voice1) { // by LFOs, as a ratio
        const ParamId id = of_voice(of_voice1, patch);
        return c.now(id) / c.plain(id);
    };
    dsp::VoiceControls out;
    const auto acid_wave = static_cast<int>(acid_now(c, param("acid1/wave")));
    const auto wave = static_cast<dsp::Wave>(static_cast<int>(now(param("voice1/osc/type"))));
    out.wave = is_acid_source(v) && acid_wave == 1   ? dsp::Wave::saw
               : is_acid_source(v) && acid_wave == 2 ? dsp::Wave::square
                                                     : wave;
    out.filter = static_cast<dsp::FilterType>(static_cast<int>(now(param("voice1/filter/type"))));
    out.hz = player.hz ? *player.hz * moved(param("voice1/freq")) : now(param("voice1/freq"));
    out.level = (player.amp ? 1.0f : now(param("voice1/amp"))) * mutes_.gain(v);
    out.pan = player.pan.value_or(now(param("voice1/pan")));
    out.width = is_acid_source(v) && acid_wave == 2 ? kAcidWidth : now(param("voice1/osc/width"));
    out.noise = now(param("voice1/osc/noise"));
    const float cutoff =
        player.cutoff.value_or(c.plain(of_voice(param("voice1/filter/freq"), patch)));
    out.cutoff_hz = cutoff * moved(param("voice1/filter/freq")) + player.cutoff_boost;
    out.q = now(param("voice1/filter/q"));
    out.drive = now(param("voice1/drive"));
    out.send_reverb = player.reverb.value_or(now(param("voice1/send/reverb")));
    out.send_delay = player.delay.value_or(now(param("voice1/send/delay")));
    out.attack_s = now(param("voice1/adsr/attack"));
    out.decay_s = now(param("voice1/adsr/decay"));
    out.sustain = now(param("voice1/adsr/sustain"));
    out.release_s = now(param("voice1/adsr/release"));
    out.pitch_env_semitones = now(param("voice1/pitch/amount"));
    out.pitch_env_decay_s = now(param("voice1/pitch/decay"));
    out.slide_s = now(param("voice1/slide_time"));
    out.detune_semitones = now(param("voice1/osc/detune"));
    out.sides = now(param("voice1/osc/sides"));
    out.sync = now(param("voice1/osc/sync"));
    out.sub = now(param("voice1/osc/sub"));
    out.filter_track = now(param("voice1/filter/track"));
    out.filter_env_semitones = now(param("voice1/filter/env"));
    out.filter_attack_s = now(param("voice1/filter/attack"));
    out.filter_decay_s = now(param("voice1/filter/decay"));
    out.filter_sustain = now(param("voice1/filter/sustain"));
    out.strikes = now(param("voice1/adsr/strikes"));
    out.cutoff_hz = std::clamp(out.cutoff_hz, 20.0f, 20000.0f);
    out.hz = std::clamp(out.hz, 20.0f, 20000.0f);
    return out;
}

void Mixer::update(Controls &controls) CHRONUS_RT {
    for (std::uint64_t fading = mutes_.step(); fading != 0; fading &= fading - 1)
        update_voice(controls, static_cast<std::uint8_t>(std::countr_zero(fading)));
    if (!controls.any_touched()) return;
    update_voices(controls);
    update_effects(controls);
    controls.clear_touched();
}

void Mixer::update_voices(const Controls &controls) CHRONUS_RT {
    if (controls.touched(module_index("acid1"))) {
        const auto before = acid_source_;
        acid_source_ = static_cast<std::uint8_t>(controls.now(param("acid1/source")));
        update_acid(controls);
        for (const std::uint8_t source : {before, acid_source_}) // its waveform may be the acid's
            if (source > 0) update_voice(controls, static_cast<std::uint8_t>(source - 1));
    }
    look_at_mutes(controls);
    for (std::uint8_t v = 0; v < voices_; ++v)
        if (controls.touched(v) || controls.touched(players_[v].patch.value_or(v)))
            update_voice(controls, v);
}

void Mixer::look_at_mutes(const Controls &controls) CHRONUS_RT {
    std::uint64_t muted = muted_, soloed = soloed_;
    for (std::uint8_t v = 0; v < voices_; ++v) {
        if (!controls.touched(v)) continue;
        const auto take = [&](std::uint64_t &bits, ParamId of_voice1) {
            const std::uint64_t bit = std::uint64_t{1} << v;
            bits = controls.now(of_voice(of_voice1, v)) >= 0.5f ? bits | bit : bits & ~bit;
        };
        take(muted, param("voice1/mute"));
        take(soloed, param("voice1/solo"));
    }
    if (muted == muted_ && soloed == soloed_) return;
    muted_ = muted;
    soloed_ = soloed;
    for (std::uint8_t v = 0; v < voices_; ++v) mutes_.aim(v, lets_through(controls, v));
}

/// As it is for the note it plays, which may be a chord's on another's voice.
bool Mixer::lets_through(const Controls &c, std::uint8_t v) const CHRONUS_RT {
    const Player &player = players_[v];
    const auto on = [&](ParamId of_voice1) {
        const float own = c.now(of_voice(of_voice1, player.patch.value_or(v)));
        return locked(player.locks, of_voice1, own).value() >= 0.5f;
    };
    return !on(param("voice1/mute")) && (soloed_ == 0 || on(param("voice1/solo")));
}

void Mixer::update_voice(const Controls &controls, std::uint8_t v) CHRONUS_RT {
    if (v >= voices_) return;
    banks_[v / dsp::kLanes].set(v % dsp::kLanes, voice_controls(controls, v));
    if (is_acid_source(v)) update_acid(controls);
}

/// As it is for the note its source plays.
float Mixer::acid_now(const Controls &c, ParamId id) const CHRONUS_RT {
    if (acid_source_ == 0) return c.now(id);
    return locked(players_[acid_source_ - 1u].locks, id, c.now(id)).value();
}

void Mixer::update_acid(const Controls &c) CHRONUS_RT {
    float ratio = 1;
    if (acid_source_ > 0) {
        const auto v = static_cast<std::uint8_t>(acid_source_ - 1);
        const ParamId cutoff = of_voice(param("voice1/filter/freq"), v);
        const float set = players_[v].cutoff.value_or(c.plain(cutoff));
        ratio = c.now(cutoff) / c.plain(cutoff) + players_[v].cutoff_boost / set;
    }
    acid_.set({.cutoff_hz = acid_now(c, param("acid1/cutoff")),
               .resonance = acid_now(c, param("acid1/res")),
               .whistle = acid_now(c, param("acid1/whistle")),
               .env_hz = acid_now(c, param("acid1/env_amount")),
               .decay_s = acid_now(c, param("acid1/decay")),
               .drive = acid_now(c, param("acid1/drive")),
               .vol_comp = acid_now(c, param("acid1/vol_comp")),
               .accent_hz = acid_now(c, param("acid1/cutoff_offset")),
               .accent_resonance = acid_now(c, param("acid1/res_accent_boost")),
               .accent_decay_s = acid_now(c, param("acid1/accent_decay")),
               .cutoff_ratio = ratio,
               .quality = static_cast<dsp::AcidQuality>(
                   static_cast<int>(acid_now(c, param("acid1/quality"))))});
    acid_mix_.aim(acid_now(c, param("acid1/mix")));
}

bool Mixer::sounding(std::uint8_t v) const CHRONUS_RT {
    return players_[v].open || peaks_[v] > 1e-6f;
}

void Mixer::strike(const Controls &controls, const Track &track, const Event &hit) CHRONUS_RT {
    Player &player = players_[hit.voice];
    const float boost = hit.hit == Hit::accent ? 0.5f : hit.hit == Hit::normal ? 0.1f : 0.0f;
    const bool open = player.open;
    const LockSet locks = track.locks.of(hit.locks);
    const auto own = [&](ParamId id, std::optional<float> told) { return locked(locks, id, told); };
    const auto patch = static_cast<std::uint8_t>(track.voice - 1);
    player = {.hz = own(param("voice1/freq"), hit.hz),
              .amp = own(param("voice1/amp"), track.amp),
              .cutoff = own(param("voice1/filter/freq"), track.filter_freq),
              .reverb = own(param("voice1/send/reverb"), track.reverb_send),
              .delay = own(param("voice1/send/delay"), track.delay_send),
              .pan = own(param("voice1/pan"), track.pan),
              .locks = locks,
              .patch = patch,
              .cutoff_boost = boost * track.accent_boost,
              .track = track.uid,
              .open = open};
    const float velocity = velocity_of(hit.hit) * player.amp.value_or(1.0f);
    const float accent = hit.hit == Hit::accent ? 1.0f : acid_now(controls, param("acid1/accent"));
    note_on(controls, hit.voice, {.velocity = velocity, .legato = hit.slide && open}, accent);
}

void Mixer::gate_on(const Controls &controls, std::uint8_t v) CHRONUS_RT {
    players_[v] = {};
    note_on(controls, v, {.velocity = 1.0f, .legato = false}, controls.now(param("acid1/accent")));
}

void Mixer::note_on(const Controls &controls, std::uint8_t v, dsp::NoteOn note,
                    float accent) CHRONUS_RT {
    dsp::VoiceBank &bank = banks_[v / dsp::kLanes];
    const bool open = lets_through(controls, v);
    bank.resting(v % dsp::kLanes) ? mutes_.snap(v, open) : mutes_.aim(v, open);
    update_voice(controls, v);
    bank.note_on(v % dsp::kLanes, note);
    if (!note.legato) ducking_.strike(v);
    players_[v].open = true;
    if (is_acid_source(v)) acid_.note_on(accent, note.legato);
}

void Mixer::gate_off(std::uint8_t v) CHRONUS_RT {
    players_[v].open = false;
    banks_[v / dsp::kLanes].note_off(v % dsp::kLanes);
}

void Mixer::release_all() CHRONUS_RT {
    for (std::uint8_t v = 0; v < voices_; ++v) gate_off(v);
}

void Mixer::panic(std::uint32_t frame) CHRONUS_RT {
    for (std::uint8_t v = 0; v < voices_; ++v) {
        players_[v].open = false;
        banks_[v / dsp::kLanes].hush(v % dsp::kLanes);
    }
    panic_left_ = panic_frames_;
    panic_from_ = frame;
}

void Mixer::forget_tracks(std::span<const Track> playing) CHRONUS_RT {
    for (Player &player : players_) {
        const bool there = std::ranges::any_of(
            playing, [&](const Track &track) { return track.uid == player.track; });
        if (player.track == 0 || there) continue;
        Player own;
        own.hz = player.hz;
        own.open = player.open;
        player = own;
    }
}

} // namespace chronus::rt
