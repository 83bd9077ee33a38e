#include "patterns/text/preset_text.h"

#include "patterns/text/document_tree.h"
#include "patterns/text/json_gate.h"

#include <fmt/format.h>

#include <utility>

namespace chronus::patterns {

namespace {

constexpr std::uint64_t kPresetVersion = 1;
constexpr ModuleRef kVoice1{0, 0};

constexpr ParamId row_id(std::size_t row) { return id_of({0, 0, static_cast<std::uint16_t>(row)}); }

/// Whether there is anything at a dotted key.
bool has_at(const JsonObject &object, std::string_view key) {
    const std::size_t dot = key.find('.');
    const Json *json = find(object, key.substr(0, dot));
    if (json == nullptr || json->is_null()) return false;
    if (dot == std::string_view::npos) return true;
    const auto *inner = json->as<JsonObject>();
    return inner != nullptr && has_at(*inner, key.substr(dot + 1));
}

void note_unknown(const JsonObject &left, const std::string &path, Reading &reading) {
    for (const JsonMember &member : left)
        reading.note(fmt::format("{}: not known here, passed over", path_below(path, member.key)));
}

VoiceSound read_sound(JsonObject &voice, Reading &reading) {
    VoiceSound sound;
    for (std::size_t row = 0; row < VoiceSound::kRows; ++row)
        if (has_at(voice, rows::kVoice[row].key)) sound.set(row, 0);
    ParamValues values;
    {
        Members members{voice, "voice", reading};
        read_params(members, kVoice1, values);
    }
    for (std::size_t row = 0; row < VoiceSound::kRows; ++row)
        if (sound.get(row)) sound.set(row, values.get(row_id(row)));
    note_unknown(voice, "voice", reading);
    return sound;
}

/// What says of itself that it is older or newer than what we read.
Outcome check_version(JsonObject &tree, Reading &reading) {
    std::uint64_t version = kPresetVersion;
    {
        Members members{tree, "", reading};
        members.read("preset_version", version);
        for (const char *known : {"chronus_version", "name"}) members.take(known);
    }
    if (version <= kPresetVersion) return Done{};
    return Error{Errc::too_new, fmt::format("preset_version {}: this chronus reads up to {}",
                                            version, kPresetVersion)};
}

} // namespace

std::string encode_preset(std::string_view name, const VoiceSound &sound) {
    JsonObject voice, tree;
    for (std::size_t row = 0; row < VoiceSound::kRows; ++row)
        if (const auto value = sound.get(row)) write_param(voice, row_id(row), *value);
    put(tree, "chronus_version", std::string{CHRONUS_VERSION});
    put(tree, "preset_version", kPresetVersion);
    put(tree, "name", std::string{name});
    put(tree, "voice", std::move(voice));
    return to_text(Json{std::move(tree)}, JsonStyle::indented) + '\n';
}

Result<LoadedPreset> decode_preset(std::string_view bytes) {
    auto parsed = parse_json(bytes);
    if (!parsed) return parsed.error();
    Reading reading;
    auto *tree = parsed->as<JsonObject>();
    if (tree == nullptr) return Error{Errc::corrupt, "not a preset: no object"};
    if (auto known = check_version(*tree, reading); !known) return known.error();
    Json *voice = find(*tree, "voice");
    if (voice == nullptr || voice->as<JsonObject>() == nullptr)
        return Error{Errc::corrupt, "not a preset: no voice in it"};
    LoadedPreset loaded{read_sound(*voice->as<JsonObject>(), reading), {}};
    remove_member(*tree, "voice");
    note_unknown(*tree, "", reading);
    if (reading.error()) return *reading.error();
    loaded.notes = std::move(reading).notes();
    return loaded;
}

} // namespace chronus::patterns
