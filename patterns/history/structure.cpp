#include "patterns/history/structure.h"

#include "patterns/text/json_writer.h"
#include "patterns/text/number.h"
#include "patterns/text/track_keys.h"

#include <fmt/format.h>

#include <cstdint>

namespace chronus::patterns {

namespace {

constexpr std::uint16_t kVoiceModule = place_of(param("voice1/freq")).module;
constexpr std::uint16_t kSequencerModule = place_of(param("seq/bpm")).module;

template <class T>
std::string json(const T &value) {
    return JsonWriter{}.value(value).text();
}

std::string value_of(ParamId id, float value) {
    const ParamSpec &spec = spec_of(id);
    if (spec.kind == Kind::target && !(value >= 0 && value < kParamCount)) return json("none");
    if (spec.kind == Kind::target) return json(path_of({static_cast<std::uint16_t>(value)}).view());
    if (spec.kind == Kind::choice && value >= 0)
        return json(choice_name(spec.choices, static_cast<std::size_t>(value)));
    return json(value);
}

Fields params_of(ModuleRef ref, const ParamValues &values) {
    Fields out;
    const auto rows = kModules[ref.module].params;
    for (std::uint16_t row = 0; row < rows.size(); ++row) {
        const ParamId id = id_of({ref.module, ref.instance, row});
        out.emplace(rows[row].path, value_of(id, values.get(id)));
    }
    return out;
}

bool is_untouched(ModuleRef ref, const ParamValues &values) {
    for (std::uint16_t row = 0; row < kModules[ref.module].params.size(); ++row) {
        const ParamId id = id_of({ref.module, ref.instance, row});
        if (values.get(id) != initial_of(id)) return false;
    }
    return true;
}

Fields keys_of(const Track &track) {
    Fields out;
    for (const TrackKey &key : track_keys()) {
        if (key.is_text()) {
            out.emplace(key.name, json(get_key(track, key.name)));
        } else if (const auto number = key_number(track, key)) {
            out.emplace(key.name, key.is_switch() ? json(*number != 0) : json(*number));
        }
    }
    return out;
}

std::string voice_node(std::size_t number) { return fmt::format("voice{}", number); }

void connect(Structure &out, std::string_view from, std::string_view to) {
    out.connections.insert(fmt::format("{} > {}", from, to));
}

void connect_tracks(Structure &out, const Scene &scene) {
    for (const Track &track : scene.playing()) {
        const std::string node = fmt::format("{}{}", kTrackNode, track.name.view());
        connect(out, node, voice_node(track.voice));
        if (track.reverb_send.value_or(0) > 0) connect(out, node, "reverb1");
        if (track.delay_send.value_or(0) > 0) connect(out, node, "delay1");
    }
}

void connect_voices(Structure &out, const ParamValues &values) {
    for (std::uint16_t i = 0; i < kMaxVoices; ++i) {
        const auto send = [&](std::string_view path, std::string_view to) {
            const auto id = find_param(fmt::format("voice{}/{}", i + 1, path));
            if (id && values.get(*id) > 0) connect(out, voice_node(i + 1u), to);
        };
        send("send/reverb", "reverb1");
        send("send/delay", "delay1");
    }
}

/// Whatever has a voice as its source, or another parameter as its target.
void connect_modules(Structure &out, const ParamValues &values) {
    for (std::uint16_t index = 0; index < kParamCount; ++index) {
        const ParamId id{index};
        const ParamPlace place = place_of(id);
        const ParamSpec &spec = spec_of(id);
        const float value = values.get(id);
        const auto node = module_name({place.module, place.instance});
        if (spec.kind == Kind::count && spec.path == "source" && value >= 1)
            connect(out, voice_node(static_cast<std::size_t>(value)), node.view());
        if (spec.kind == Kind::target && value >= 0 && value < kParamCount)
            connect(out, node.view(), path_of({static_cast<std::uint16_t>(value)}).view());
    }
}

void add_settings(Structure &out, const Document &document) {
    out.settings = params_of({kSequencerModule, 0}, document.scene.params);
    out.settings.emplace("seed", json(document.scene.seed));
    out.settings.emplace("voices", json(document.voices));
    const Metadata &label = document.metadata;
    JsonWriter tags;
    tags.begin_array();
    for (const std::string &tag : label.tags) tags.value(tag);
    tags.end_array();
    out.metadata = {{"name", json(label.name)},
                    {"genre", json(label.genre)},
                    {"author", json(label.author)},
                    {"notes", json(label.notes)},
                    {"tags", tags.text()}};
    if (!document.unknown.empty()) out.metadata.emplace("unknown", document.unknown);
}

} // namespace

Structure structure_of(const Document &document) {
    Structure out;
    const Scene &scene = document.scene;
    for (const Track &track : scene.playing())
        out.nodes.emplace(fmt::format("{}{}", kTrackNode, track.name.view()), keys_of(track));
    for (std::uint16_t m = 0; m < kModules.size(); ++m)
        for (std::uint16_t i = 0; i < kModules[m].count; ++i) {
            const ModuleRef ref{m, i};
            const bool beyond = m == kVoiceModule && i >= document.voices;
            if (m == kSequencerModule || (beyond && is_untouched(ref, scene.params))) continue;
            out.nodes.emplace(module_name(ref).view(), params_of(ref, scene.params));
        }
    connect_tracks(out, scene);
    connect_voices(out, scene.params);
    connect_modules(out, scene.params);
    add_settings(out, document);
    return out;
}

} // namespace chronus::patterns
