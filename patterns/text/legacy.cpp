#include "patterns/text/legacy.h"

#include "engine/model/scene.h"
#include "patterns/text/notes.h"
#include "patterns/text/number.h"
#include "patterns/text/utf8.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string>

namespace chronus::patterns {

namespace {

/// The original counted characters; bytes that are not UTF-8 cannot come from it.
std::string pattern_of(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::string_view character = front_character(text);
        out += character == "X" || character == "x" ? character[0] : '.';
        text.remove_prefix(character.size());
    }
    return out;
}

void migrate_pattern(JsonObject &track, std::string_view path, Reading &reading) {
    Json *json = find(track, "pattern");
    auto *text = json == nullptr ? nullptr : json->as<std::string>();
    if (text == nullptr) return;
    *text = pattern_of(*text);
    if (text->empty()) reading.note(fmt::format("{}.pattern: empty, taken as one rest", path));
    if (text->empty()) *text = ".";
    if (text->size() > kMaxSteps) {
        reading.note(fmt::format("{}.pattern: {} steps cut to {}", path, text->size(), kMaxSteps));
        text->resize(kMaxSteps);
    }
}

/// The original stored `notes=60` as a bare number, and then stumbled over it at every step.
void migrate_notes(JsonObject &track, std::string_view path, Reading &reading) {
    Json *notes = find(track, "notes");
    double number = 0;
    if (notes == nullptr || !take_as(*notes, number)) return;
    const std::string text = fmt::format("{}", number);
    const auto note = parse_note(text);
    notes->value = JsonArray{Json{note ? widened(*note) : number, notes->line}};
    reading.note(fmt::format("{}.notes: the bare number {} taken as one note", path, text));
}

void migrate_note_index(JsonObject &track) {
    Json *index = find(track, "note_index");
    const Json *notes = find(track, "notes");
    double number = 0;
    if (index == nullptr || !take_as(*index, number)) return;
    const auto *list = notes == nullptr ? nullptr : notes->as<JsonArray>();
    const double count = list == nullptr ? 0 : static_cast<double>(list->size());
    index->value = count > 0 && number > 0 ? std::fmod(std::floor(number), count) : 0.0;
}

void drop_zero_sends(JsonObject &track) {
    for (const std::string_view send : {"reverb_send", "delay_send"}) {
        double level = 0;
        const Json *json = find(track, send);
        if (json != nullptr && take_as(*json, level) && level == 0) remove_member(track, send);
    }
}

void migrate_track(JsonObject &track, std::string_view path, Reading &reading) {
    migrate_pattern(track, path, reading);
    migrate_notes(track, path, reading);
    migrate_note_index(track);
    drop_zero_sends(track);
}

void migrate_module(std::string_view name, JsonObject &module, Reading &reading) {
    for (const std::string_view key : {"voice_id", "module_id", "accent_disabled"})
        remove_member(module, key);
    Json *depth = name.starts_with("lfo") ? find(module, "depth") : nullptr;
    double was = 0;
    if (depth == nullptr || !take_as(*depth, was) || was == 0) return;
    depth->value = 0.0;
    reading.note(fmt::format("modules.{}.depth: {} taken as 0, nothing moves until asked", name,
                             static_cast<float>(was)));
}

/// `f(key, object)` for every member of the object at `key` that is one; the rest is for whoever
/// reads the document to refuse.
template <class F>
void each_object(JsonObject &parent, std::string_view key, F &&f) {
    Json *container = find(parent, key);
    auto *members = container == nullptr ? nullptr : container->as<JsonObject>();
    if (members == nullptr) return;
    for (JsonMember &member : *members)
        if (auto *object = member.value.as<JsonObject>()) f(member.key, *object);
}

} // namespace

JsonObject from_original(JsonObject document, Reading &reading) {
    Json *sequencer = find(document, "sequencer");
    if (auto *object = sequencer == nullptr ? nullptr : sequencer->as<JsonObject>())
        each_object(*object, "tracks", [&](std::string_view name, JsonObject &track) {
            migrate_track(track, path_below("sequencer.tracks", name), reading);
        });
    each_object(document, "modules", [&](std::string_view name, JsonObject &module) {
        migrate_module(name, module, reading);
    });
    return document;
}

} // namespace chronus::patterns
