#pragma once

#include "engine/model/param_values.h"
#include "engine/model/params.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// THE table of sounds a voice can be given in one word.
namespace chronus {

/// What a voice has by its place in the mix, or by the notes it plays, and not by its sound: a
/// preset leaves these alone unless it names them.
inline constexpr std::array<std::string_view, 7> kNoSound{
    "freq", "amp", "pan", "mute", "solo", "send/reverb", "send/delay"};

constexpr bool is_of_sound(std::size_t voice_row) noexcept {
    return std::ranges::find(kNoSound, rows::kVoice[voice_row].path) == kNoSound.end();
}

/// Values for rows of the voice table, those it says something of.
class VoiceSound {
public:
    static constexpr std::size_t kRows = rows::kVoice.size();

    constexpr void set(std::size_t row, float value) noexcept {
        values_[row] = value;
        said_ |= std::uint64_t{1} << row;
    }
    constexpr std::optional<float> get(std::size_t row) const noexcept {
        if ((said_ >> row & 1) == 0) return std::nullopt;
        return values_[row];
    }
    friend constexpr bool operator==(const VoiceSound &, const VoiceSound &) = default;

private:
    std::array<float, kRows> values_{};
    std::uint64_t said_ = 0; // one bit a row
    static_assert(kRows <= 64);
};

struct PresetValue {
    std::size_t row = 0;
    float value = 0;
};

struct Preset {
    std::string_view name;
    std::span<const PresetValue> values;
    std::string_view doc;
};

namespace presets {

/// `with("adsr/atack", 1)` does not compile, nor does a value out of the row's range.
consteval PresetValue with(std::string_view path, float value) {
    const ParamId id = find_param(ParamPath{"voice1/"}.append(path).view()).value();
    const ParamSpec &spec = spec_of(id);
    if (value < spec.min || value > spec.max) throw "a preset's value is out of range";
    return {place_of(id).row, value};
}
consteval PresetValue with(std::string_view path, std::string_view choice) {
    const PresetValue row = with(path, 0.0f);
    return {row.row, find_choice(rows::kVoice[row.row].choices, choice).value()};
}

// Drums fall as fast with their gate closed as with it open, so that every gate will do.

inline constexpr std::array kKick{
    with("freq", 50),           with("osc/type", "sine"),    with("pitch/amount", 36),
    with("pitch/decay", 0.09f), with("drive", 0.2f),         with("filter/freq", 5000),
    with("filter/q", 0.7f),     with("adsr/attack", 0.001f), with("adsr/decay", 0.4f),
    with("adsr/sustain", 0),    with("adsr/release", 0.4f)};
inline constexpr std::array kSnare{
    with("freq", 185),         with("osc/type", "triangle"), with("osc/noise", 0.7f),
    with("pitch/amount", 12),  with("pitch/decay", 0.04f),   with("filter/type", "high"),
    with("filter/freq", 160),  with("filter/q", 0.7f),       with("adsr/attack", 0.001f),
    with("adsr/decay", 0.22f), with("adsr/sustain", 0),      with("adsr/release", 0.22f)};
inline constexpr std::array kClap{
    with("osc/type", "white"), with("filter/type", "band"), with("filter/freq", 1300),
    with("filter/q", 1.6f),    with("adsr/attack", 0.001f), with("adsr/decay", 0.26f),
    with("adsr/sustain", 0),   with("adsr/release", 0.26f), with("adsr/strikes", 4)};
inline constexpr std::array kClosedHat{with("osc/type", "white"),   with("filter/type", "high"),
                                       with("filter/freq", 8500),   with("filter/q", 1),
                                       with("adsr/attack", 0.001f), with("adsr/decay", 0.06f),
                                       with("adsr/sustain", 0),     with("adsr/release", 0.06f)};
inline constexpr std::array kOpenHat{with("osc/type", "white"),   with("filter/type", "high"),
                                     with("filter/freq", 7500),   with("filter/q", 1),
                                     with("adsr/attack", 0.001f), with("adsr/decay", 0.6f),
                                     with("adsr/sustain", 0),     with("adsr/release", 0.6f)};
inline constexpr std::array kTom{
    with("freq", 110),       with("osc/type", "sine"),    with("osc/noise", 0.04f),
    with("pitch/amount", 9), with("pitch/decay", 0.15f),  with("filter/freq", 2500),
    with("filter/q", 0.7f),  with("adsr/attack", 0.001f), with("adsr/decay", 0.45f),
    with("adsr/sustain", 0), with("adsr/release", 0.45f)};
inline constexpr std::array kBass{
    with("osc/type", "saw"),     with("osc/sub", 0.3f),        with("drive", 0.2f),
    with("filter/freq", 200),    with("filter/q", 1.4f),       with("filter/env", 30),
    with("filter/decay", 0.25f), with("filter/sustain", 0.2f), with("adsr/attack", 0.003f),
    with("adsr/decay", 0.35f),   with("adsr/sustain", 0.55f),  with("adsr/release", 0.08f)};
inline constexpr std::array kPluck{
    with("osc/type", "square"), with("osc/width", 0.3f),     with("filter/freq", 500),
    with("filter/q", 1),        with("filter/track", 0.5f),  with("filter/env", 48),
    with("filter/decay", 0.4f), with("adsr/attack", 0.002f), with("adsr/decay", 0.5f),
    with("adsr/sustain", 0),    with("adsr/release", 0.35f)};
inline constexpr std::array kPad{
    with("osc/type", "supersaw"), with("osc/detune", 0.2f),     with("filter/freq", 900),
    with("filter/q", 0.7f),       with("filter/env", 12),       with("filter/attack", 1.2f),
    with("filter/decay", 2),      with("filter/sustain", 0.5f), with("adsr/attack", 0.6f),
    with("adsr/decay", 1.5f),     with("adsr/sustain", 0.8f),   with("adsr/release", 1.8f),
    with("send/reverb", 0.4f)};
inline constexpr std::array kLead{
    with("osc/type", "square"),  with("osc/width", 0.22f),   with("drive", 0.1f),
    with("filter/freq", 2200),   with("filter/q", 1.8f),     with("filter/track", 0.7f),
    with("filter/env", 12),      with("filter/decay", 0.3f), with("filter/sustain", 0.4f),
    with("adsr/attack", 0.005f), with("adsr/decay", 0.25f),  with("adsr/sustain", 0.75f),
    with("adsr/release", 0.2f),  with("slide_time", 0.03f)};

} // namespace presets

inline constexpr std::array kPresets{
    Preset{"kick", presets::kKick, "Bass drum: a sine that falls three octaves to 50 Hz."},
    Preset{"snare", presets::kSnare, "Snare drum: a short tone under a burst of noise."},
    Preset{"clap", presets::kClap,
           "Hand clap: four bursts of noise around 1.3 kHz, the last ringing on."},
    Preset{"closed_hat", presets::kClosedHat, "Closed hi-hat: very short, bright noise."},
    Preset{"open_hat", presets::kOpenHat, "Open hi-hat: the same, ringing on."},
    Preset{"tom", presets::kTom, "Tom: a sine at 110 Hz that bends down as it dies away."},
    Preset{"bass", presets::kBass, "Bass: a saw over its sub-octave that closes as it goes."},
    Preset{"pluck", presets::kPluck, "Pluck: a thin pulse that closes and dies away by itself."},
    Preset{"pad", presets::kPad, "Pad: seven soft saws that swell and fade slowly, in the reverb."},
    Preset{"lead", presets::kLead, "Lead: a sharp pulse that glides from note to note."},
};

/// Everything of the sound, and what else it names.
constexpr VoiceSound sound_of(const Preset &preset) noexcept {
    VoiceSound sound;
    for (std::size_t row = 0; row < VoiceSound::kRows; ++row)
        if (is_of_sound(row)) sound.set(row, rows::kVoice[row].initial);
    for (const PresetValue &v : preset.values) sound.set(v.row, v.value);
    return sound;
}

/// What voice `v`, counted from 0, sounds like: everything of the sound, and its pitch.
constexpr VoiceSound sound_of(const ParamValues &values, std::uint16_t v) noexcept {
    VoiceSound sound;
    for (std::uint16_t row = 0; row < VoiceSound::kRows; ++row)
        if (is_of_sound(row) || rows::kVoice[row].path == "freq")
            sound.set(row, values.get(id_of({0, v, row})));
    return sound;
}

constexpr const Preset *find_preset(std::string_view name) noexcept {
    for (const Preset &preset : kPresets)
        if (preset.name == name) return &preset;
    return nullptr;
}

} // namespace chronus
