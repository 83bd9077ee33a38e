#include "patterns/show/export_manifest.h"

#include "patterns/history/item_json.h"
#include "patterns/text/json_writer.h"

#include <string>
#include <utility>

namespace chronus::patterns {

namespace {

/// What reads archives looks at it first.
constexpr int kFormat = 1;

void write_members(JsonWriter &json, const ArchivedFile &file) {
    json.key("path").value(file.path);
    json.key("bytes").value(file.bytes);
    json.key("sha256").value(file.sha256);
}

void write_members(JsonWriter &json, const Manifest::Missing &missing) {
    json.key("path").value(missing.path);
    json.key("why").value(missing.why);
}

template <class T>
void write_list(JsonWriter &json, std::string_view key, const std::vector<T> &list) {
    json.key(key).begin_array();
    for (const T &each : list) {
        json.begin_object();
        write_members(json, each);
        json.end_object();
    }
    json.end_array();
}

} // namespace

std::string manifest_text(const Manifest &manifest) {
    JsonWriter json{JsonStyle::indented};
    json.begin_object();
    json.key("format").value(kFormat);
    json.key("made_by").value("chronus " CHRONUS_VERSION);
    write_list(json, "sessions", manifest.sessions);
    write_list(json, "executions", manifest.executions);
    json.key("items").value(manifest.items);
    json.key("begins_with").begin_object();
    for (const auto &[execution, pattern] : manifest.begins_with)
        json.key(std::to_string(execution)).value(pattern);
    json.end_object();
    json.key("snapshots").begin_object();
    for (const auto &[snapshot, pattern] : manifest.snapshots) json.key(snapshot).value(pattern);
    json.end_object();
    write_list(json, "files", manifest.files);
    write_list(json, "missing", manifest.missing);
    json.end_object();
    return std::move(json).text() + "\n";
}

} // namespace chronus::patterns
