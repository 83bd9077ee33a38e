#include "patterns/text/document_tree.h"
#include "patterns/text/notation.h"
#include "patterns/text/number.h"
#include "patterns/text/track_keys.h"

#include <fmt/format.h>

#include <algorithm>

namespace chronus::patterns {

namespace {

constexpr std::uint16_t kSequencerModule = place_of(param("seq/bpm")).module;
constexpr std::string_view kTracksPath = "sequencer.tracks";
constexpr std::uint16_t kVoiceModule = place_of(param("voice1/freq")).module;

Json::Value value_of(ParamId id, float value) {
    switch (spec_of(id).kind) {
    case Kind::amount:
        return widened(value);
    case Kind::target:
        if (!(value >= 0 && value < kParamCount)) return std::string{"none"};
        return std::string{path_of({static_cast<std::uint16_t>(value)}).view()};
    default:
        return static_cast<std::int64_t>(value);
    }
}

/// Puts a value at a dotted key.
void put_at(JsonObject &object, std::string_view key, Json::Value value) {
    const std::size_t dot = key.find('.');
    if (dot == std::string_view::npos) return put(object, key, std::move(value));
    const std::string_view front = key.substr(0, dot);
    if (find(object, front) == nullptr) put(object, front, JsonObject{});
    put_at(*find(object, front)->as<JsonObject>(), key.substr(dot + 1), std::move(value));
}

} // namespace

void write_param(JsonObject &object, ParamId id, float value) {
    put_at(object, spec_of(id).key, value_of(id, value));
}

namespace {

void write_params(JsonObject &object, ModuleRef ref, const ParamValues &values) {
    const auto rows = kModules[ref.module].params;
    for (std::uint16_t row = 0; row < rows.size(); ++row) {
        const ParamId id = id_of({ref.module, ref.instance, row});
        write_param(object, id, values.get(id));
    }
}

bool is_untouched(ModuleRef ref, const ParamValues &values) {
    for (std::uint16_t row = 0; row < kModules[ref.module].params.size(); ++row) {
        const ParamId id = id_of({ref.module, ref.instance, row});
        if (values.get(id) != initial_of(id)) return false;
    }
    return true;
}

JsonObject modules_of(const Document &document) {
    JsonObject modules;
    for (std::uint16_t m = 0; m < kModules.size(); ++m) {
        for (std::uint16_t i = 0; i < kModules[m].count; ++i) {
            const ModuleRef ref{m, i};
            const bool beyond = m == kVoiceModule && i >= document.voices;
            if (m == kSequencerModule || (beyond && is_untouched(ref, document.scene.params)))
                continue;
            JsonObject module;
            write_params(module, ref, document.scene.params);
            put(modules, module_name(ref).view(), std::move(module));
        }
    }
    return modules;
}

/// Each a number in Hz, 0 for a rest, or the list of a chord's.
JsonArray list_of(std::span<const Note> notes) {
    JsonArray list;
    for (const Note &note : notes) {
        Json hz{widened(note.hz)};
        if (!note.with_last) {
            list.push_back(std::move(hz));
            continue;
        }
        Json &last = list.back();
        if (last.as<JsonArray>() == nullptr) last = Json{JsonArray{last}};
        last.as<JsonArray>()->push_back(std::move(hz));
    }
    return list;
}

JsonObject track_of(const Track &track, std::uint64_t order) {
    JsonObject object;
    put(object, "name", std::string{track.name.view()});
    put(object, "order", order);
    put(object, "voice_id", get_key(track, "voice"));
    put(object, "pattern", print_pattern(track.pattern()));
    put(object, "notes", list_of(track.notes()));
    put(object, "div", get_key(track, "div"));
    for (const TrackKey &key : track_keys()) {
        const auto number = key_number(track, key);
        if (!number) continue;
        if (key.is_switch())
            put(object, key.name, *number != 0);
        else
            put(object, key.name, widened(*number));
    }
    return object;
}

/// Names are keys, and so must differ even where tracks' names do not.
JsonObject tracks_of(const Scene &scene) {
    JsonObject tracks;
    for (const Track &track : scene.playing()) {
        std::string key{track.name.view()};
        while (find(tracks, key) != nullptr) key += '_';
        put(tracks, key, track_of(track, tracks.size()));
    }
    return tracks;
}

JsonArray list_of(const std::vector<std::string> &texts) {
    JsonArray list;
    for (const std::string &text : texts) list.emplace_back(text);
    return list;
}

JsonObject metadata_of(const Metadata &metadata) {
    JsonObject object;
    put(object, "name", metadata.name);
    put(object, "genre", metadata.genre);
    put(object, "author", metadata.author);
    put(object, "notes", metadata.notes);
    put(object, "tags", list_of(metadata.tags));
    return object;
}

JsonObject sequencer_of(const Scene &scene) {
    JsonObject object;
    write_params(object, {kSequencerModule, 0}, scene.params);
    put(object, "seed", scene.seed);
    put(object, "tracks", tracks_of(scene));
    return object;
}

/// Adds what only `theirs` has. Their keys differ, so each is looked for only among ours: a file of
/// nothing but unknown members takes no longer than any other.
void add_missing(JsonObject &ours, const JsonObject &theirs, const std::string &path,
                 std::vector<std::string> *missing) {
    const std::size_t count = ours.size();
    for (const JsonMember &member : theirs) {
        const auto end = ours.begin() + static_cast<std::ptrdiff_t>(count);
        const auto there = std::ranges::find(ours.begin(), end, member.key, &JsonMember::key);
        if (there == end) {
            if (missing != nullptr) missing->push_back(path_below(path, member.key));
            if (path != kTracksPath) ours.push_back(member);
            continue;
        }
        auto *inner = there->value.as<JsonObject>();
        const auto *their_inner = member.value.as<JsonObject>();
        if (inner != nullptr && their_inner != nullptr)
            add_missing(*inner, *their_inner, path_below(path, member.key), missing);
    }
}

} // namespace

JsonObject tree_of(const Document &document) {
    JsonObject tree = content_of(document);
    put(tree, "timestamp", document.timestamp);
    put(tree, "voices", std::uint64_t{document.voices});
    JsonObject &sequencer = *find(tree, "sequencer")->as<JsonObject>();
    put(sequencer, "running", document.running);
    put(sequencer, "global_step", document.global_step);
    return tree;
}

JsonObject content_of(const Document &document) {
    JsonObject tree;
    put(tree, "metadata", metadata_of(document.metadata));
    put(tree, "sequencer", sequencer_of(document.scene));
    put(tree, "modules", modules_of(document));
    return tree;
}

void add_unknown(JsonObject &tree, const JsonObject &unknown, std::vector<std::string> *missing) {
    add_missing(tree, unknown, "", missing);
}

} // namespace chronus::patterns
