#include "patterns/history/item_json.h"

#include "patterns/text/iso_time.h"
#include "patterns/text/json_gate.h"

#include <array>

namespace chronus::patterns {

namespace {

constexpr std::array<std::string_view, 6> kStages{"input",    "reading", "acting",
                                                  "checking", "output",  "system"};

void write_text(JsonWriter &json, std::string_view key, std::string_view text) {
    if (!text.empty()) json.key(key).value(text);
}

/// Of its file, where that is another than usual.
std::string_view media_of(const ItemRow &row, std::string_view file) {
    if (file.ends_with(".flac")) return "audio/flac";
    if (file.ends_with(".ogg")) return "audio/ogg";
    return row.media;
}

/// JSON as what it is; other text, and such as takes more than a line, as text.
void write_json_or_text(JsonWriter &json, std::string_view key, std::string_view text) {
    if (text.empty()) return;
    const bool one_line = text.find_first_of("\r\n") == text.npos;
    if (one_line && (text[0] == '{' || text[0] == '[') && parse_json(text))
        json.key(key).raw(text);
    else
        json.key(key).value(text);
}

} // namespace

std::string_view name_of(Stage stage) { return kStages[static_cast<std::size_t>(stage)]; }

void write_members(JsonWriter &json, const Execution &execution) {
    json.key("id").value(execution.id);
    json.key("session").value(execution.session);
    json.key("kind").value(name_of(execution.kind));
    json.key("status").value(name_of(execution.status));
    write_text(json, "name", execution.name);
    if (execution.slot != 0) json.key("slot").value(execution.slot);
    write_text(json, "set", execution.setlist);
    write_text(json, "song", execution.song);
    write_text(json, "author", execution.author);
    write_text(json, "snapshot", execution.snapshot);
    json.key("start").value(iso_time_ms(execution.start_ms));
    if (execution.end_ms) {
        json.key("end").value(iso_time_ms(*execution.end_ms));
        json.key("seconds").value(static_cast<double>(*execution.end_ms - execution.start_ms) /
                                  1000);
    }
    json.key("start_frame").value(execution.start_frame);
    if (execution.end_frame) json.key("end_frame").value(*execution.end_frame);
    json.key("items").value(execution.items);
    if (execution.lost != 0) json.key("lost").value(execution.lost);
}

void write_members(JsonWriter &json, const Item &item) {
    const ItemRow *row = find_item_row(static_cast<std::int64_t>(item.type));
    json.key("seq").value(item.seq);
    if (row != nullptr) { // else of a later chronus
        json.key("stage").value(name_of(row->stage));
        json.key("type").value(row->name);
        json.key("media").value(media_of(*row, item.file));
    }
    json.key("time").value(iso_time_ms(item.time_ms));
    json.key("frame").value(item.frame);
    write_text(json, "author", item.author);
    write_text(json, "request", item.request);
    if (item.output != 0) json.key("output_config_index").value(item.output);
    write_text(json, "file", item.file);
    write_json_or_text(json, "content", item.content);
    write_json_or_text(json, "metadata", item.metadata);
}

void write_members(JsonWriter &json, const SessionFacts &session) {
    json.key("id").value(session.id);
    json.key("start").value(iso_time_ms(session.start_ms));
    if (session.end_ms) json.key("end").value(iso_time_ms(*session.end_ms));
    write_text(json, "version", session.version);
    json.key("rate").value(session.rate);
    json.key("voices").value(session.voices);
    json.key("seed").value(session.seed);
    write_text(json, "pattern", session.pattern);
}

} // namespace chronus::patterns
