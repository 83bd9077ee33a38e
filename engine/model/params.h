#pragma once

#include "engine/model/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// THE table. One row is the whole truth about a parameter: its OSC route, JSON key, command-line
/// word, range, start value, glide and manual entry are read from here and written down nowhere
/// else.
namespace chronus {

enum class Unit : std::uint8_t { none, hertz, seconds, decibels, semitones, bpm };

/// How a value moves between its ends: what a glide, an LFO and a fader count in.
enum class Curve : std::uint8_t { linear, exponential };

/// What kind of thing the number stands for. Only `amount` is continuous: it clips and glides.
enum class Kind : std::uint8_t {
    amount,
    choice, ///< an index into `choices`
    count,  ///< a whole number
    target, ///< the index of another parameter, -1 for none
};

struct ParamSpec {
    std::string_view path; ///< below its module: "filter/freq"
    std::string_view key;  ///< in slot files; a dot nests: "adsr.attack"
    Kind kind;
    Unit unit;
    float min, max, initial;
    Curve curve;
    float glide_s;            ///< a change is heard over about this long
    std::string_view choices; ///< names of 0, 1, 2 ... split by '|'
    std::string_view doc;
};

/// One kind of module; `count` of them, named "voice1" .. or, where there is only ever one,
/// "master".
struct ModuleSpec {
    std::string_view name;
    std::uint16_t count;
    bool numbered;
    std::span<const ParamSpec> params;
    std::string_view doc;
};

inline constexpr std::uint16_t kMaxVoices = 64;
inline constexpr std::uint16_t kLfos = 4;
inline constexpr std::uint16_t kDucks = 4;
inline constexpr std::uint16_t kEnvelopes = 4;

inline constexpr std::string_view kWaves =
    "sine|saw|square|white|pink|brown|triangle|supersaw|sync";
inline constexpr std::string_view kFilters = "low|band|high|notch";
inline constexpr std::string_view kLfoShapes = "sine|triangle|saw|square|random";
inline constexpr std::string_view kLfoSyncs = "free|4bars|2bars|bar|half|beat|eighth|step";
inline constexpr std::string_view kSwitch = "off|on";
inline constexpr std::string_view kDuckTargets = "others|dry|reverb|delay|master|voice";
/// Thirty-second to whole notes; t a triplet's, d a dotted one.
inline constexpr std::string_view kNoteLengths =
    "free|1/32|1/16t|1/16|1/8t|1/16d|1/8|1/4t|1/8d|1/4|1/4d|1/2|1/1";
inline constexpr std::string_view kDelayModes = "digital|tape";
inline constexpr std::string_view kAcidWaves = "voice|saw|square";
inline constexpr std::string_view kAcidQualities = "2x|4x";

namespace rows {
using enum Kind;
using enum Unit;
using enum Curve;
inline constexpr float kGlide = 0.02f;

inline constexpr std::array kVoice{
    ParamSpec{"freq", "freq", amount, hertz, 20, 20000, 440, exponential, kGlide, "",
              "Pitch; a track's notes take it over from the next hit on."},
    ParamSpec{"amp", "amp", amount, none, 0, 1, 0.3f, linear, kGlide, "",
              "Level, unless the track that plays the voice sets its own."},
    ParamSpec{"pan", "pan", amount, none, -1, 1, 0, linear, kGlide, "",
              "Place between left (-1) and right (1), at constant power."},
    ParamSpec{"mute", "mute", choice, none, 0, 1, 0, linear, 0, kSwitch,
              "Silences the voice; its notes go on."},
    ParamSpec{"solo", "solo", choice, none, 0, 1, 0, linear, 0, kSwitch,
              "Silences every voice that has no solo."},
    ParamSpec{"osc/type", "waveform", choice, none, 0, 8, 0, linear, 0, kWaves,
              "Waveform of the oscillator."},
    ParamSpec{"osc/width", "pulse_width", amount, none, 0.05f, 0.95f, 0.5f, linear, kGlide, "",
              "Pulse width of the square wave as a fraction of its period."},
    ParamSpec{"osc/noise", "noise", amount, none, 0, 1, 0, linear, kGlide, "",
              "How much white noise is mixed to the oscillator."},
    ParamSpec{"pitch/amount", "pitch_env.amount", amount, semitones, -48, 48, 0, linear, kGlide, "",
              "Pitch envelope: how far above the note each hit starts."},
    ParamSpec{"pitch/decay", "pitch_env.decay", amount, seconds, 0.001f, 2, 0.05f, exponential, 0,
              "", "Pitch envelope: time in which the pitch has come down to the note."},
    ParamSpec{"drive", "drive", amount, none, 0, 1, 0, linear, kGlide, "",
              "Saturation before the filter."},
    ParamSpec{"filter/type", "filter_type", choice, none, 0, 3, 0, linear, 0, kFilters,
              "Response of the filter."},
    ParamSpec{"filter/freq", "filter_freq", amount, hertz, 20, 20000, 1000, exponential, kGlide, "",
              "Cutoff of the filter, unless the track that plays the voice sets its own."},
    ParamSpec{"filter/q", "filter_q", amount, none, 0.5f, 10, 2, exponential, kGlide, "",
              "Resonance of the filter as its quality factor."},
    ParamSpec{"adsr/attack", "adsr.attack", amount, seconds, 0.001f, 2, 0.01f, exponential, 0, "",
              "Time from the hit to full level."},
    ParamSpec{"adsr/decay", "adsr.decay", amount, seconds, 0, 2, 0.1f, linear, 0, "",
              "Time from full level to the sustain level."},
    ParamSpec{"adsr/sustain", "adsr.sustain", amount, none, 0, 1, 0.7f, linear, 0, "",
              "Level while the gate is held."},
    ParamSpec{"adsr/release", "adsr.release", amount, seconds, 0.01f, 3, 0.5f, exponential, 0, "",
              "Time to silence after the gate closes."},
    ParamSpec{"send/reverb", "reverb_send", amount, none, 0, 1, 0, linear, kGlide, "",
              "Level into the reverb, unless the track sets its own."},
    ParamSpec{"send/delay", "delay_send", amount, none, 0, 1, 0, linear, kGlide, "",
              "Level into the delay, unless the track sets its own."},
    ParamSpec{"slide_time", "slide_time", amount, seconds, 0, 2, 0, linear, 0, "",
              "Time constant in which the pitch glides to a new note; 0 jumps."},
    ParamSpec{"osc/detune", "detune", amount, semitones, 0, 1, 0.15f, linear, kGlide, "",
              "Supersaw: how far the outermost of its seven saws stand from the note."},
    ParamSpec{"osc/sides", "sides", amount, none, 0, 1, 0.75f, linear, kGlide, "",
              "Supersaw: share of its power in the six saws beside the one on the note."},
    ParamSpec{"osc/sync", "sync", amount, none, 1, 16, 2, exponential, kGlide, "",
              "Sync: how many times the note's pitch the saw has that starts anew with each of its "
              "periods."},
    ParamSpec{"osc/sub", "sub", amount, none, 0, 1, 0, linear, kGlide, "",
              "How much of a square wave an octave below is added."},
    ParamSpec{
        "filter/track", "filter_track", amount, none, 0, 1, 0, linear, kGlide, "",
        "How far the cutoff follows the pitch: 1 is octave for octave, from A 440 up and down."},
    ParamSpec{"filter/env", "filter_env.amount", amount, semitones, -96, 96, 0, linear, kGlide, "",
              "How far the filter's envelope moves the cutoff."},
    ParamSpec{"filter/attack", "filter_env.attack", amount, seconds, 0.001f, 2, 0.001f, exponential,
              0, "", "Filter envelope: time from the hit to its top."},
    ParamSpec{"filter/decay", "filter_env.decay", amount, seconds, 0.001f, 4, 0.2f, exponential, 0,
              "", "Filter envelope: time from its top to its sustain."},
    ParamSpec{"filter/sustain", "filter_env.sustain", amount, none, 0, 1, 0, linear, 0, "",
              "Filter envelope: what of it stays while the gate is held."},
    ParamSpec{"adsr/strikes", "adsr.strikes", count, none, 1, 8, 1, linear, 0, "",
              "How often a hit strikes, 11 ms apart, as many hands do that clap."},
};

inline constexpr std::array kAcid{
    ParamSpec{"cutoff", "cutoff", amount, hertz, 20, 20000, 1500, exponential, kGlide, "",
              "Cutoff with the envelope at rest."},
    ParamSpec{"res", "res", amount, none, 0, 0.98f, 0.45f, linear, kGlide, "",
              "Resonance; the top of the range is just short of whistling by itself."},
    ParamSpec{"env_amount", "env_amount", amount, hertz, 0, 5000, 2500, linear, kGlide, "",
              "How far the envelope opens the filter."},
    ParamSpec{"decay", "decay", amount, seconds, 0.02f, 1, 0.25f, exponential, 0, "",
              "Decay of the filter envelope on notes without accent."},
    ParamSpec{"drive", "drive", amount, none, 0, 1, 0.2f, linear, kGlide, "",
              "Level into the ladder, whose diodes saturate."},
    ParamSpec{"mix", "mix", amount, none, 0, 1, 1, linear, kGlide, "",
              "From the source voice's own filter (0) to the acid filter (1)."},
    ParamSpec{"vol_comp", "vol_comp", amount, none, 0, 1, 0.5f, linear, kGlide, "",
              "Level given back where resonance takes it: none (0), as much as keeps a line as "
              "loud (0.5) "
              "or its bass as deep (1)."},
    ParamSpec{"accent", "accent", amount, none, 0, 1, 0, linear, 0, "",
              "Accent of notes that carry none of their own; an X step always counts as 1."},
    ParamSpec{"cutoff_offset", "cutoff_offset", amount, hertz, 0, 5000, 300, linear, kGlide, "",
              "How much further an accent opens the filter."},
    ParamSpec{"res_accent_boost", "res_accent_boost", amount, none, 0, 0.4f, 0.2f, linear, kGlide,
              "", "How much resonance an accent adds."},
    ParamSpec{"accent_decay", "accent_decay", amount, seconds, 0.02f, 1, 0.05f, exponential, 0, "",
              "Decay of the filter envelope on accented notes."},
    ParamSpec{"wave", "wave", choice, none, 0, 2, 0, linear, 0, kAcidWaves,
              "Waveform the source voice plays while the acid is on it, or the voice's own."},
    ParamSpec{"source", "source", count, none, 0, kMaxVoices, 2, linear, 0, "",
              "Voice whose oscillator runs through the acid filter; 0 is none."},
    ParamSpec{"whistle", "whistle", amount, none, 0, 1, 0, linear, kGlide, "",
              "How much further the resonance reaches, to where the filter whistles by itself; 1 "
              "doubles it."},
    ParamSpec{"quality", "quality", choice, none, 0, 1, 0, linear, 0, kAcidQualities,
              "Rate the acid filter runs at: 4x has fainter aliases for half as much work again."},
};

inline constexpr std::array kDistortion{
    ParamSpec{"drive", "drive", amount, none, 0, 1, 0, linear, kGlide, "",
              "How hard the mix is driven into saturation."},
    ParamSpec{"mix", "mix", amount, none, 0, 1, 0, linear, kGlide, "",
              "From the clean mix (0) to the distorted one (1)."},
    ParamSpec{"tone", "tone", amount, none, 0, 1, 0.5f, linear, kGlide, "",
              "Brightness of the distorted part."},
};

inline constexpr std::array kReverb{
    ParamSpec{"mix", "mix", amount, none, 0, 1, 0.3f, linear, kGlide, "",
              "Level of the reverb's return."},
    ParamSpec{"room", "room", amount, none, 0, 1, 0.5f, linear, kGlide, "",
              "Size of the room: decay time from 0.3 s to 12 s."},
    ParamSpec{"damp", "damp", amount, none, 0, 1, 0.5f, linear, kGlide, "",
              "How much sooner high frequencies die away."},
    ParamSpec{"low", "low", amount, none, 0.25f, 4, 1, exponential, kGlide, "",
              "Decay time of low frequencies against that of the middle."},
    ParamSpec{"predelay", "predelay", amount, seconds, 0, 0.25f, 0, linear, 0, "",
              "Time before the first echo."},
    ParamSpec{"size", "size", amount, none, 0.5f, 1.5f, 1, exponential, 0, "",
              "Length of the room's paths: small rooms sound denser, large ones wider apart."},
    ParamSpec{"motion", "motion", amount, none, 0, 1, 0.5f, linear, 0, "",
              "How far slow movement in the room goes; at 0 nothing moves."},
    ParamSpec{"freeze", "freeze", choice, none, 0, 1, 0, linear, 0, kSwitch,
              "Whether the tail stays for ever and takes in nothing new."},
};

inline constexpr std::array kDelay{
    ParamSpec{"time", "time", amount, seconds, 0.01f, 2, 0.25f, exponential, 0, "",
              "Time between repeats."},
    ParamSpec{"feedback", "feedback", amount, none, 0, 1.1f, 0.4f, linear, kGlide, "",
              "Level of each repeat against the one before; above 1 they grow into saturation."},
    ParamSpec{"mix", "mix", amount, none, 0, 1, 0.3f, linear, kGlide, "",
              "Level of the delay's return."},
    ParamSpec{"lowcut", "lowcut", amount, hertz, 20, 20000, 100, exponential, kGlide, "",
              "High-pass in the loop: each repeat is thinner than the last."},
    ParamSpec{"highcut", "highcut", amount, hertz, 20, 20000, 5000, exponential, kGlide, "",
              "Low-pass in the loop: each repeat is darker than the last."},
    ParamSpec{
        "sync", "sync", choice, none, 0, 12, 0, linear, 0, kNoteLengths,
        "Time between repeats as the length of a note, or free; halved until it is 2 s at most."},
    ParamSpec{"mode", "mode", choice, none, 0, 1, 0, linear, 0, kDelayModes,
              "Whether a new time is faded to, or travelled to with the pitch bent."},
    ParamSpec{"pingpong", "pingpong", amount, none, 0, 1, 0, linear, kGlide, "",
              "How much of each repeat comes back on the other side."},
    ParamSpec{"saturation", "saturation", amount, none, 0, 1, 0, linear, kGlide, "",
              "How softly the loop bends: from half scale on (0) or from nothing on (1)."},
};

inline constexpr std::array kLfo{
    ParamSpec{"rate", "rate", amount, hertz, 0.01f, 20, 0.25f, exponential, kGlide, "",
              "Cycles a second while sync is free."},
    ParamSpec{"depth", "depth", amount, none, 0, 1, 0, linear, kGlide, "",
              "Reach as a share of the target's whole range; 0 moves nothing."},
    ParamSpec{"shape", "shape", choice, none, 0, 4, 0, linear, 0, kLfoShapes, "Shape of a cycle."},
    ParamSpec{"sync", "sync", choice, none, 0, 7, 0, linear, 0, kLfoSyncs,
              "Length of a cycle in musical time, or free."},
    ParamSpec{"target", "target", target, none, -1, 4095, -1, linear, 0, "",
              "Path of the parameter it moves, or none."},
};

inline constexpr std::array kEnvelope{
    ParamSpec{"source", "source", count, none, 0, kMaxVoices, 0, linear, 0, "",
              "Voice whose notes start it; 0 is none."},
    ParamSpec{"target", "target", target, none, -1, 4095, -1, linear, 0, "",
              "Path of the parameter it moves, or none."},
    ParamSpec{"amount", "amount", amount, none, -1, 1, 0, linear, kGlide, "",
              "Reach as a share of the target's whole range, down below 0; 0 moves nothing."},
    ParamSpec{"attack", "attack", amount, seconds, 0.001f, 4, 0.001f, exponential, 0, "",
              "Time from the note to the top."},
    ParamSpec{"decay", "decay", amount, seconds, 0.005f, 8, 0.3f, exponential, 0, "",
              "Time from the top until 1 % is left."},
};

inline constexpr std::array kDuck{
    ParamSpec{"source", "source", count, none, 0, kMaxVoices, 0, linear, 0, "",
              "Voice whose notes push the target down, heard or not; 0 is none."},
    ParamSpec{
        "target", "target", choice, none, 0, 5, 0, linear, 0, kDuckTargets,
        "What is pushed down: all other voices and their sends, the dry mix, a return, all of "
        "it, or one voice."},
    ParamSpec{"voice", "voice", count, none, 1, kMaxVoices, 2, linear, 0, "",
              "The voice that is pushed down while the target is voice."},
    ParamSpec{"depth", "depth", amount, none, 0, 1, 0.75f, linear, kGlide, "",
              "Share of the level that is taken; 1 leaves silence."},
    ParamSpec{"attack", "attack", amount, seconds, 0.001f, 0.5f, 0.005f, exponential, 0, "",
              "Time from the note to the bottom."},
    ParamSpec{"hold", "hold", amount, seconds, 0, 2, 0.05f, linear, 0, "", "Time at the bottom."},
    ParamSpec{"release", "release", amount, seconds, 0.005f, 4, 0.25f, exponential, 0, "",
              "Time from the bottom back to the full level."},
};

inline constexpr std::array kMaster{
    ParamSpec{"level", "level", amount, none, 0, 2, 1, linear, kGlide, "",
              "Level of the whole mix before the limiter."},
    ParamSpec{"ceiling", "ceiling", amount, decibels, -24, 0, -1, linear, kGlide, "",
              "Level no sample of the output exceeds."},
};

inline constexpr std::array kSequencer{
    ParamSpec{"bpm", "bpm", amount, bpm, 20, 300, 120, linear, 0, "",
              "Tempo in quarter notes a minute."},
    ParamSpec{"swing", "swing", amount, none, 0, 0.6f, 0, linear, 0, "",
              "How late odd steps come, in half steps; the tempo stays."},
};
} // namespace rows

inline constexpr std::array kModules{
    ModuleSpec{"voice", kMaxVoices, true, rows::kVoice, "A monophonic synthesiser voice."},
    ModuleSpec{"acid", 1, true, rows::kAcid, "The diode-ladder filter on one voice."},
    ModuleSpec{"dist", 1, true, rows::kDistortion, "Distortion on the dry mix."},
    ModuleSpec{"reverb", 1, true, rows::kReverb, "Reverb fed by the voices' sends."},
    ModuleSpec{"delay", 1, true, rows::kDelay, "Stereo delay fed by the voices' sends."},
    ModuleSpec{"lfo", kLfos, true, rows::kLfo, "Low-frequency oscillator on any amount."},
    ModuleSpec{"env", kEnvelopes, true, rows::kEnvelope,
               "Envelope on any amount, started by the notes of a voice."},
    ModuleSpec{"duck", kDucks, true, rows::kDuck, "Makes room for the notes of a voice."},
    ModuleSpec{"master", 1, false, rows::kMaster, "Output of the whole mix."},
    ModuleSpec{"seq", 1, false, rows::kSequencer, "Tempo and feel."},
};

/// A parameter of a certain module: an index into every array of values.
struct ParamId {
    std::uint16_t index = 0;
    friend constexpr bool operator==(ParamId, ParamId) = default;
};

/// Where a parameter stands in the table: row `row` of instance `instance` (from 0) of `module`.
struct ParamPlace {
    std::uint16_t module = 0, instance = 0, row = 0;
};

namespace detail {
consteval auto module_starts() {
    std::array<std::uint16_t, kModules.size() + 1> first{};
    for (std::size_t m = 0; m < kModules.size(); ++m)
        first[m + 1] =
            static_cast<std::uint16_t>(first[m] + kModules[m].count * kModules[m].params.size());
    return first;
}
} // namespace detail

inline constexpr auto kModuleStart = detail::module_starts();
inline constexpr std::uint16_t kParamCount = kModuleStart.back();

constexpr ParamId id_of(ParamPlace p) noexcept {
    return {static_cast<std::uint16_t>(kModuleStart[p.module] +
                                       p.instance * kModules[p.module].params.size() + p.row)};
}

namespace detail {
consteval auto places() {
    std::array<ParamPlace, kParamCount> out{};
    for (std::uint16_t m = 0; m < kModules.size(); ++m)
        for (std::uint16_t instance = 0; instance < kModules[m].count; ++instance)
            for (std::uint16_t row = 0; row < kModules[m].params.size(); ++row)
                out[id_of({m, instance, row}).index] = {m, instance, row};
    return out;
}
inline constexpr auto kPlaces = places();
} // namespace detail

constexpr ParamPlace place_of(ParamId id) noexcept { return detail::kPlaces[id.index]; }

constexpr const ParamSpec &spec_of(ParamId id) noexcept {
    const ParamPlace p = place_of(id);
    return kModules[p.module].params[p.row];
}

/// A module by its name: "voice12", "acid1", "master".
struct ModuleRef {
    std::uint16_t module = 0, instance = 0;
};

constexpr std::optional<ModuleRef> find_module(std::string_view name) noexcept {
    for (std::uint16_t m = 0; m < kModules.size(); ++m) {
        const ModuleSpec &spec = kModules[m];
        if (!name.starts_with(spec.name)) continue;
        const std::string_view number = name.substr(spec.name.size());
        if (!spec.numbered) {
            if (number.empty()) return ModuleRef{m, 0};
            continue;
        }
        if (number.empty() || number.size() > 3 || number[0] == '0') continue;
        std::uint16_t n = 0;
        bool digits = true;
        for (const char c : number) {
            digits = digits && c >= '0' && c <= '9';
            n = static_cast<std::uint16_t>(n * 10 + (c - '0'));
        }
        if (digits && n >= 1 && n <= spec.count)
            return ModuleRef{m, static_cast<std::uint16_t>(n - 1)};
    }
    return std::nullopt;
}

/// The parameter at "voice2/filter/freq"; nothing when the table has none.
constexpr std::optional<ParamId> find_param(std::string_view path) noexcept {
    const std::size_t slash = path.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto module = find_module(path.substr(0, slash));
    if (!module) return std::nullopt;
    const auto params = kModules[module->module].params;
    for (std::uint16_t r = 0; r < params.size(); ++r)
        if (params[r].path == path.substr(slash + 1))
            return id_of({module->module, module->instance, r});
    return std::nullopt;
}

/// `param("acid1/cutof")` does not compile: code cannot name a parameter the table lacks.
consteval ParamId param(std::string_view path) { return find_param(path).value(); }

using ModuleName = FixedText<16>;
using ParamPath = FixedText<48>;

constexpr ModuleName module_name(ModuleRef ref) noexcept {
    const ModuleSpec &spec = kModules[ref.module];
    ModuleName name{spec.name};
    if (!spec.numbered) return name;
    const std::uint16_t n = static_cast<std::uint16_t>(ref.instance + 1);
    const char digits[2] = {static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)};
    return name.append(n > 9 ? std::string_view{digits, 2} : std::string_view{digits + 1, 1});
}

constexpr ParamPath path_of(ParamId id) noexcept {
    const ParamPlace p = place_of(id);
    ParamPath path{module_name({p.module, p.instance}).view()};
    return path.append("/").append(kModules[p.module].params[p.row].path);
}

/// What a parameter starts as. LFO 1 and 2 aim where the original's did, at depth 0.
constexpr float initial_of(ParamId id) noexcept {
    if (id == param("lfo1/target")) return param("voice2/filter/freq").index;
    if (id == param("lfo2/target")) return param("voice3/amp").index;
    if (id == param("lfo2/rate")) return 4.0f;
    return spec_of(id).initial;
}

/// Name `n` of a list "a|b|c"; empty when there is none.
constexpr std::string_view choice_name(std::string_view choices, std::size_t n) noexcept {
    for (; n > 0; --n) {
        const std::size_t bar = choices.find('|');
        if (bar == std::string_view::npos) return {};
        choices.remove_prefix(bar + 1);
    }
    return choices.substr(0, choices.find('|'));
}

constexpr std::optional<float> find_choice(std::string_view choices,
                                           std::string_view name) noexcept {
    for (std::size_t n = 0; !choice_name(choices, n).empty(); ++n)
        if (choice_name(choices, n) == name) return static_cast<float>(n);
    return std::nullopt;
}

static_assert(std::ranges::all_of(kModules, [](const ModuleSpec &m) {
    return !m.doc.empty() && std::ranges::all_of(m.params, [](const ParamSpec &p) {
        return p.min <= p.initial && p.initial <= p.max && !p.doc.empty() && p.doc.back() == '.' &&
               !p.path.empty() && p.path.front() != '/' && !p.key.empty() &&
               (p.kind == Kind::choice) == !p.choices.empty() &&
               (p.curve != Curve::exponential || p.min > 0);
    });
}));
static_assert(kParamCount < 4096, "targets are kept as numbers up to 4095");

} // namespace chronus
