#include "patterns/text/document_tree.h"
#include "patterns/text/notation.h"
#include "patterns/text/notes.h"
#include "patterns/text/number.h"
#include "patterns/text/step_length.h"
#include "patterns/text/track_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace chronus::patterns {

namespace {

constexpr std::uint16_t kSequencerModule = place_of(param("seq/bpm")).module;
constexpr std::uint16_t kVoiceModule = place_of(param("voice1/freq")).module;
constexpr std::uint16_t kUsualVoices = 8;
constexpr double kLatest = 253402300799; // the last second of the year 9999

float narrowed(double number) {
    constexpr double most = std::numeric_limits<float>::max();
    return static_cast<float>(std::clamp(number, -most, most));
}

void note_bent(Reading &reading, std::string_view path, double wanted, float got) {
    if (narrowed(wanted) != got)
        reading.note(fmt::format("{}: {} taken as {}", path, narrowed(wanted), got));
}

/// The path of the parameter an LFO moves.
void read_target(const Json &json, std::string_view path, ParamId id, ParamValues &values,
                 Reading &reading) {
    std::string target;
    if (!take_as(json, target)) return reading.refuse(json, path, "a parameter's path or none");
    const auto found = find_param(target);
    const bool moves = found && spec_of(*found).kind == Kind::amount;
    values.set(id, moves ? static_cast<float>(found->index) : -1.0f);
    if (!moves && target != "none")
        reading.note(fmt::format("{}: {} taken as none", path, path_below("", target)));
}

/// A number, or the name of a choice.
void read_value(const Json &json, std::string_view path, ParamId id, ParamValues &values,
                Reading &reading) {
    const ParamSpec &spec = spec_of(id);
    if (spec.kind == Kind::target) return read_target(json, path, id, values, reading);
    if (const auto *name = json.as<std::string>(); name != nullptr && spec.kind == Kind::choice)
        if (const auto choice = find_choice(spec.choices, *name)) {
            values.set(id, *choice);
            return;
        }
    double number = 0;
    if (!take_as(json, number)) return reading.refuse(json, path, "a number");
    note_bent(reading, path, number, values.set(id, narrowed(number)));
}

void read_param(Members &members, std::string_view key, ParamId id, ParamValues &values) {
    const std::size_t dot = key.find('.');
    if (dot != std::string_view::npos)
        members.inside(key.substr(0, dot),
                       [&](Members &inner) { read_param(inner, key.substr(dot + 1), id, values); });
    else if (const Json *json = members.take(key))
        read_value(*json, members.path(key), id, values, members.reading());
}

} // namespace

void read_params(Members &members, ModuleRef ref, ParamValues &values) {
    const auto rows = kModules[ref.module].params;
    for (std::uint16_t row = 0; row < rows.size(); ++row)
        read_param(members, rows[row].key, id_of({ref.module, ref.instance, row}), values);
}

namespace {

/// Reads all modules we have and returns the highest voice among them.
std::uint16_t read_modules(Members &modules, ParamValues &values) {
    std::uint16_t voices = 0;
    modules.each([&](std::string_view name, Members &module) {
        const auto ref = find_module(name);
        if (!ref || ref->module == kSequencerModule) return module.keep();
        read_params(module, *ref, values);
        if (ref->module == kVoiceModule)
            voices = std::max(voices, static_cast<std::uint16_t>(ref->instance + 1));
    });
    return voices;
}

/// A track, its place in the file and its place among the others.
struct Placed {
    Track track;
    std::size_t place = 0;
    double order = 0;
};

void read_voice(Members &members, Track &track) {
    const Json *json = members.take("voice_id");
    if (json == nullptr) return;
    const auto *text = json->as<std::string>();
    const auto voice = parse_voice(text == nullptr ? "" : *text);
    if (voice)
        track.voice = static_cast<std::uint8_t>(*voice);
    else
        members.reading().refuse(
            json->line, fmt::format("{}: {}", members.path("voice_id"), voice.error().what));
}

void read_pattern(Members &members, Track &track) {
    const Json *json = members.take("pattern");
    if (json == nullptr)
        return members.reading().refuse(0, fmt::format("{} is missing", members.path("pattern")));
    const auto *text = json->as<std::string>();
    if (text == nullptr) return members.reading().refuse(*json, members.path("pattern"), "text");
    const auto pattern = parse_pattern(*text);
    if (!pattern)
        return members.reading().refuse(
            json->line, fmt::format("{}: {}", members.path("pattern"), pattern.error().what));
    put_pattern(track, *pattern);
}

void read_div(Members &members, Track &track) {
    std::string text;
    if (!members.read("div", text)) return;
    const auto div = parse_step_length(text);
    if (!div)
        return members.reading().note(fmt::format("{}: {}", members.path("div"), div.error().what));
    track.div = *div;
}

/// Takes a number in Hz, or the list of them that is a chord, behind the notes there are.
bool take_note(const Json &json, std::vector<double> &chord) {
    chord.assign(1, 0);
    if (take_as(json, chord[0])) return true;
    return take_as(json, chord) && !chord.empty();
}

float pitch_within(double number, bool may_rest) {
    if (may_rest && number == 0) return 0;
    return std::clamp(narrowed(number), kLowestNote, kHighestNote);
}

void read_notes(Members &members, Track &track) {
    const Json *json = members.take("notes");
    if (json == nullptr) return;
    const std::string path = members.path("notes");
    const auto *list = json->as<JsonArray>();
    if (list == nullptr) return members.reading().refuse(*json, path, "a list of numbers");
    std::vector<Note> notes;
    std::vector<double> chord;
    for (const Json &piece : *list) {
        if (!take_note(piece, chord))
            return members.reading().refuse(piece, path, "a number or a chord of them");
        const std::size_t size = std::min(chord.size(), kMaxChord);
        if (size < chord.size())
            members.reading().note(fmt::format("{}: a chord cut to {}", path, size));
        for (std::size_t i = 0; i < size; ++i) {
            const float hz = pitch_within(chord[i], size == 1);
            note_bent(members.reading(), path, chord[i], hz);
            notes.push_back({hz, i > 0});
        }
    }
    if (notes.size() > kMaxNotes)
        members.reading().note(fmt::format("{}: {} cut to {}", path, notes.size(), kMaxNotes));
    notes.resize(std::min(notes.size(), kMaxNotes));
    put_notes(track, notes);
}

void read_key(Members &members, const TrackKey &key, Track &track) {
    if (key.is_text()) return;
    double number = 0;
    bool on = false;
    if (key.is_switch()) {
        if (members.read(key.name, on)) set_key_number(track, key, on ? 1.0f : 0.0f);
    } else if (members.read(key.name, number)) {
        note_bent(members.reading(), members.path(key.name), number,
                  set_key_number(track, key, narrowed(number)));
    }
}

void read_name(Members &members, std::string_view key, Track &track) {
    std::string name{key};
    members.read("name", name);
    const std::string usable = usable_name(name);
    if (usable != name)
        members.reading().note(fmt::format("{}: called {}", members.path("name"), usable));
    track.name.assign(usable);
}

Placed read_track(Members &members, std::string_view key, std::size_t place) {
    Placed placed{.track = {}, .place = place, .order = static_cast<double>(place)};
    read_name(members, key, placed.track);
    members.read("order", placed.order);
    read_voice(members, placed.track);
    read_pattern(members, placed.track);
    read_notes(members, placed.track);
    read_div(members, placed.track);
    for (const TrackKey &row : track_keys()) read_key(members, row, placed.track);
    return placed;
}

/// A name of its own for each track: commands know them by nothing else.
void tell_apart(std::vector<Placed> &tracks, Reading &reading) {
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        const auto is_taken = [&](const std::string &name) {
            return std::any_of(tracks.begin(), tracks.begin() + static_cast<std::ptrdiff_t>(i),
                               [&](const Placed &p) { return p.track.name.view() == name; });
        };
        std::string name{tracks[i].track.name.view()};
        for (int n = 2; is_taken(name); ++n)
            name = usable_name(tracks[i].track.name.view()).substr(0, 56) + fmt::format("_{}", n);
        if (name == tracks[i].track.name.view()) continue;
        reading.note(fmt::format("sequencer.tracks: a second {} called {}",
                                 tracks[i].track.name.view(), name));
        tracks[i].track.name.assign(usable_name(name));
    }
}

void read_tracks(Members &members, Scene &scene) {
    std::vector<Placed> tracks;
    std::size_t place = 0;
    members.each([&](std::string_view key, Members &track) {
        if (place++ >= kMaxTracks) return track.drop();
        tracks.push_back(read_track(track, key, place - 1));
    });
    if (place > kMaxTracks)
        members.reading().note(
            fmt::format("{}: {} of them cut to {}", members.path(), place, kMaxTracks));
    std::ranges::stable_sort(tracks, {}, &Placed::order);
    tell_apart(tracks, members.reading());
    for (const Placed &placed : tracks) {
        Track &track = scene.tracks[scene.track_count++] = placed.track;
        track.uid = scene.track_count;
        // What we do not know of a track is written back by its name.
        members.rename(placed.place, track.name.view());
    }
}

void read_sequencer(Members &members, Document &document) {
    read_params(members, {kSequencerModule, 0}, document.scene.params);
    members.read("seed", document.scene.seed);
    members.read("running", document.running);
    members.read("global_step", document.global_step);
    members.inside("tracks", [&](Members &tracks) { read_tracks(tracks, document.scene); });
}

void read_metadata(Members &members, Metadata &metadata) {
    members.read("name", metadata.name);
    members.read("genre", metadata.genre);
    members.read("author", metadata.author);
    members.read("notes", metadata.notes);
    members.read("tags", metadata.tags);
}

/// The original's files say nothing of voices but by their modules.
std::uint16_t voices_of(Members &root, std::uint16_t highest) {
    std::uint64_t voices = std::max(highest, kUsualVoices);
    root.read("voices", voices);
    return static_cast<std::uint16_t>(std::clamp<std::uint64_t>(voices, 1, kMaxVoices));
}

/// A time that every calendar has: what shows it need not ask.
void read_timestamp(Members &root, double &timestamp) {
    double said = 0;
    if (!root.read("timestamp", said)) return;
    timestamp = std::clamp(said, 0.0, kLatest);
    if (timestamp != said)
        root.reading().note(fmt::format("timestamp: {} taken as {}", said, timestamp));
}

} // namespace

Document document_of(JsonObject &tree, Reading &reading) {
    Document document;
    Members root{tree, "", reading};
    read_timestamp(root, document.timestamp);
    root.inside("metadata", [&](Members &m) { read_metadata(m, document.metadata); });
    root.inside("sequencer", [&](Members &m) { read_sequencer(m, document); });
    std::uint16_t highest = 0;
    root.inside("modules", [&](Members &m) { highest = read_modules(m, document.scene.params); });
    document.voices = voices_of(root, highest);
    return document;
}

} // namespace chronus::patterns
