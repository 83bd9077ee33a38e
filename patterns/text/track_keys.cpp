#include "patterns/text/track_keys.h"

#include "patterns/text/nearest.h"
#include "patterns/text/notation.h"
#include "patterns/text/notes.h"
#include "patterns/text/number.h"
#include "patterns/text/step_length.h"
#include "patterns/text/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace chronus::patterns {

namespace {

constexpr std::string_view kNone = "none";
constexpr std::size_t kNameBytes = decltype(Track::name)::capacity();

Error not_a_number(std::string_view key, std::string_view value, std::string hint) {
    return {Errc::bad_type, fmt::format("{}: {} is not a number", key, in_quotes(value)),
            std::move(hint)};
}

Error not_whole_within(std::string_view key, std::string_view value, float min, float max) {
    const double number = parse_number(value).value_or(0);
    const double nearest = std::round(std::clamp<double>(number, min, max));
    return {Errc::out_of_range,
            fmt::format("{}: {} is not a whole number in {}..{}", key, in_quotes(value), min, max),
            fmt::format("{}", nearest)};
}

bool is_whole_within(double number, double min, double max) {
    return number == std::floor(number) && number >= min && number <= max;
}

Result<int> parse_whole(std::string_view key, std::string_view text, float min, float max) {
    const auto number = parse_number(text);
    if (!number) return not_a_number(key, text, number_text(min));
    if (!is_whole_within(*number, min, max)) return not_whole_within(key, text, min, max);
    return static_cast<int>(*number);
}

Outcome set_pattern(Track &track, std::string_view text) {
    const auto pattern = parse_pattern(text);
    if (!pattern) return pattern.error();
    put_pattern(track, *pattern);
    return Done{};
}
std::string get_pattern(const Track &track) { return print_pattern(track.pattern()); }

Outcome set_notes(Track &track, std::string_view text) {
    const auto notes = parse_notes(text == kNone ? "" : text);
    if (!notes) return notes.error();
    put_notes(track, *notes);
    track.note_start = 0;
    track.notes_uid = 0;
    return Done{};
}
std::string get_notes(const Track &track) { return print_notes(track.notes()); }

Outcome set_voice(Track &track, std::string_view text) {
    const auto voice = parse_voice(text);
    if (!voice) return voice.error();
    track.voice = static_cast<std::uint8_t>(*voice);
    return Done{};
}
std::string get_voice(const Track &track) { return fmt::format("voice{}", track.voice); }

/// Leaves the lock sets that steps name, in the order in which they do.
void forget_unused_locks(Track &track) {
    LockSets used;
    for (Step &step : track.steps)
        step.locks = static_cast<std::uint8_t>(used.add(track.locks.of(step.locks)));
    track.locks = used;
}

/// Cuts the pattern or plays it again from its start until it is as long.
Outcome set_length(Track &track, std::string_view text) {
    const auto length = parse_whole("len", text, 1, kMaxSteps);
    if (!length) return length.error();
    for (std::size_t i = track.length; i < static_cast<std::size_t>(*length); ++i)
        track.steps[i] = track.length > 0 ? track.steps[i % track.length] : Step{};
    for (auto i = static_cast<std::size_t>(*length); i < kMaxSteps; ++i) track.steps[i] = {};
    track.length = static_cast<std::uint16_t>(*length);
    forget_unused_locks(track);
    return Done{};
}
std::string get_length(const Track &track) { return fmt::format("{}", track.length); }

Outcome set_div(Track &track, std::string_view text) {
    const auto div = parse_step_length(text);
    if (!div) return div.error();
    track.div = *div;
    return Done{};
}
std::string get_div(const Track &track) { return print_step_length(track.div); }

constexpr std::array kTrackKeys{
    TrackKey{"voice", TextField{set_voice, get_voice}, Unit::none, 1, kMaxVoices, 1,
             "The voice it plays."},
    TrackKey{"pattern", TextField{set_pattern, get_pattern}, Unit::none, 1, kMaxSteps, 1,
             "Its steps: X accent, x normal, o ghost, . rest, _ hold; after a hit ~ slides, *3 "
             "ratchets, ?40 is a chance, %2:4 a pass, ! fills only, >12 late, <12 early, "
             "{cutoff=800} locks; [X.x.]*4 repeats, E(5,16) spreads hits."},
    TrackKey{"len", TextField{set_length, get_length}, Unit::none, 1, kMaxSteps, 1,
             "Number of steps; cuts the pattern or repeats it."},
    TrackKey{"div", TextField{set_div, get_div}, Unit::none, 0.125f, 16, 1,
             "Length of a step in sixteenths: 1/2, 2, 3/4."},
    TrackKey{"prob", &Track::chance, Unit::none, 0, 100, 100,
             "Chance of every hit in percent, besides its own."},
    TrackKey{"seed", &Track::seed, Unit::none, 0, 65535, 0, "Another draw of its chances."},
    TrackKey{"notes", TextField{set_notes, get_notes}, Unit::hertz, kLowestNote, kHighestNote, 440,
             "Notes the hits play in turn: MIDI numbers, names or Hz; r rests, C4+E4 is a chord."},
    TrackKey{"note_index", &Track::note_start, Unit::none, 0, kMaxNotes - 1, 0,
             "Which of the notes the first hit plays, from 0; a chord is one."},
    TrackKey{"base_freq", &Track::base_freq, Unit::hertz, 20, 20000, 440,
             "Pitch of every hit while there are no notes."},
    TrackKey{"base_amp", &Track::amp, Unit::none, 0, 1, 0.3f,
             "Level of an accent; others are below. The voice's own unless set."},
    TrackKey{"filter_freq", &Track::filter_freq, Unit::hertz, 20, 20000, 1000,
             "Cutoff of the voice's filter. The voice's own unless set."},
    TrackKey{"accent_boost", &Track::accent_boost, Unit::hertz, 0, 20000, 1500,
             "An accent opens the filter by half of it, another hit by a tenth."},
    TrackKey{"reverb_send", &Track::reverb_send, Unit::none, 0, 1, 0,
             "Level into the reverb. The voice's own unless set."},
    TrackKey{"delay_send", &Track::delay_send, Unit::none, 0, 1, 0,
             "Level into the delay. The voice's own unless set."},
    TrackKey{"pan", &Track::pan, Unit::none, -1, 1, 0,
             "Place between left (-1) and right (1). The voice's own unless set."},
    TrackKey{"gate_frac", &Track::gate, Unit::none, 0.01f, 16, 0.5f, "Length of a note in steps."},
    TrackKey{"mute", &Track::mute, Unit::none, 0, 1, 0, "Keeps its place but is not heard."},
    TrackKey{"solo", &Track::solo, Unit::none, 0, 1, 0, "Only tracks that are solo are heard."},
};

static_assert(std::ranges::all_of(kTrackKeys, [](const TrackKey &key) {
    return key.min <= key.initial && key.initial <= key.max && key.doc.ends_with('.') &&
           std::ranges::count(kTrackKeys, key.name, &TrackKey::name) == 1;
}));

/// Cases of std::visit in one place.
template <class... F>
struct Cases : F... {
    using F::operator()...;
};
template <class... F>
Cases(F...) -> Cases<F...>;

Error unknown_key(std::string_view key) {
    std::vector<std::string_view> names;
    for (const TrackKey &known : kTrackKeys) names.push_back(known.name);
    return {Errc::not_found,
            fmt::format("{}: no such key; there are {}", in_quotes(key), fmt::join(names, ", ")),
            std::string{nearest_of(key, names)}};
}

bool is_whole(const TrackKey &key) {
    return key.is_switch() || std::holds_alternative<std::uint16_t Track::*>(key.field);
}

bool unset(Track &track, const TrackKey &key) {
    const auto *field = std::get_if<std::optional<float> Track::*>(&key.field);
    if (field != nullptr) track.**field = std::nullopt;
    return field != nullptr;
}

/// "on" and its like for switches, else a number.
std::optional<double> number_for(const TrackKey &key, std::string_view value) {
    if (key.is_switch() && (value == "on" || value == "true")) return 1;
    if (key.is_switch() && (value == "off" || value == "false")) return 0;
    return parse_number(value);
}

std::string initial_text(const TrackKey &key) { return number_text(key.initial); }

} // namespace

std::span<const TrackKey> track_keys() { return kTrackKeys; }

const TrackKey *find_track_key(std::string_view name) {
    const auto *key = std::ranges::find(kTrackKeys, name, &TrackKey::name);
    return key == kTrackKeys.end() ? nullptr : key;
}

std::optional<float> key_number(const Track &track, const TrackKey &key) {
    using Number = std::optional<float>;
    return std::visit(Cases{[](const TextField &) { return Number{}; },
                            [&](auto Track::*field) -> Number {
                                if constexpr (requires { (track.*field).has_value(); })
                                    return track.*field;
                                else
                                    return static_cast<float>(track.*field);
                            }},
                      key.field);
}

float set_key_number(Track &track, const TrackKey &key, float value) {
    float inside = std::clamp(value, key.min, key.max);
    if (is_whole(key)) inside = std::trunc(inside);
    std::visit(Cases{[](const TextField &) {},
                     [&](std::uint16_t Track::*field) {
                         track.*field = static_cast<std::uint16_t>(inside);
                     },
                     [&](bool Track::*field) { track.*field = inside != 0; },
                     [&](auto Track::*field) { track.*field = inside; }},
               key.field);
    return inside;
}

Result<std::string> set_key(Track &track, std::string_view name, std::string_view value) {
    const TrackKey *key = find_track_key(name);
    if (key == nullptr) return unknown_key(name);
    value = trimmed(value);
    if (const auto *text = std::get_if<TextField>(&key->field)) {
        if (auto done = text->set(track, value); !done) return done.error();
        return text->get(track);
    }
    if ((value.empty() || value == kNone) && unset(track, *key)) return std::string{kNone};
    const auto number = number_for(*key, value);
    if (!number) return not_a_number(name, value, initial_text(*key));
    if (is_whole(*key) && !is_whole_within(*number, key->min, key->max))
        return not_whole_within(name, value, key->min, key->max);
    const double inside = std::clamp<double>(*number, key->min, key->max);
    return number_text(set_key_number(track, *key, static_cast<float>(inside)));
}

Result<std::string> set_key(Track &track, std::string_view name, float value) {
    const std::string text = number_text(value);
    const bool spelled_whole = text.find_first_not_of("-0123456789") == std::string::npos;
    return set_key(track, name, spelled_whole ? text + ".0" : text);
}

std::string get_key(const Track &track, std::string_view name) {
    const TrackKey *key = find_track_key(name);
    if (key == nullptr) return {};
    if (const auto *text = std::get_if<TextField>(&key->field)) return text->get(track);
    const auto number = key_number(track, *key);
    return number ? number_text(*number) : std::string{};
}

Result<int> parse_voice(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with("voice")) text.remove_prefix(5);
    auto voice = parse_whole("voice", text, 1, kMaxVoices);
    if (!voice) return Error{voice.error().code, voice.error().what, "voice1"};
    return voice;
}

std::string usable_name(std::string_view name) {
    std::string out;
    while (!name.empty()) {
        const std::string_view character = front_character(name);
        if (out.size() + character.size() > kNameBytes) break;
        out += is_printable(character) && character != "/" ? character : "_";
        name.remove_prefix(character.size());
    }
    return out.empty() ? "track" : out;
}

Result<Track> make_track(std::string_view name, int voice, std::string_view pattern) {
    if (std::string usable = usable_name(name); usable != name)
        return Error{Errc::bad_type,
                     fmt::format("track {}: a name is 1 to {} bytes of printable text without '/'",
                                 in_quotes(name), kNameBytes),
                     std::move(usable)};
    Track track;
    track.name.assign(name);
    if (auto set = set_key(track, "voice", std::to_string(voice)); !set) return set.error();
    if (auto set = set_key(track, "pattern", pattern); !set) return set.error();
    return track;
}

} // namespace chronus::patterns
