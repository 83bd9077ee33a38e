#include "patterns/text/document_tree.h"
#include "patterns/text/json_gate.h"
#include "patterns/text/number.h"
#include "patterns/text/setlist_text.h"
#include "patterns/text/setlist_version.h"

#include <map>
#include <utility>

namespace chronus::patterns {

namespace {

/// The patterns of a set, each once, and what they are called in its file.
class Table {
public:
    const std::string &name_of(const KeptPattern &pattern) {
        std::string &name = names_[pattern.id()];
        if (!name.empty()) return name;
        Json tree = file_tree_of(*pattern);
        name = find(*tree.as<JsonObject>(), "checksum")->as<std::string>()->substr(0, 16);
        put(patterns_, name, std::move(tree.value));
        return name;
    }
    JsonObject &&patterns() && { return std::move(patterns_); }

private:
    std::map<const Document *, std::string> names_;
    JsonObject patterns_;
};

void add_kept(JsonObject &tree, const std::string &unknown) {
    if (const auto kept = parse_json(unknown, kSetlistLimits))
        if (const auto *object = kept->as<JsonObject>()) add_unknown(tree, *object);
}

void put_source(JsonObject &tree, std::string_view key, const Source &source, Table &table) {
    if (!source.pattern) return;
    JsonObject object;
    put(object, "pattern", table.name_of(source.pattern));
    if (source.slot != 0) put(object, "slot", std::int64_t{source.slot});
    put(tree, key, std::move(object));
}

JsonObject tree_of(const SongPart &part, Table &table) {
    JsonObject tree;
    put_source(tree, "source", part.source, table);
    put(tree, "bars", std::uint64_t{part.bars});
    put(tree, "repeat", std::uint64_t{part.repeat});
    add_kept(tree, part.unknown);
    return tree;
}

JsonObject tree_of(const SongState &state, Table &table) {
    JsonObject tree, metrics, outputs;
    for (const auto &[name, value] : state.metrics) put(metrics, name, value);
    for (const auto &[name, file] : state.outputs) {
        JsonObject output;
        put(output, "sha256", file.sha256);
        put(output, "bytes", file.bytes);
        put(outputs, name, std::move(output));
    }
    put(tree, "inputs", state.inputs);
    put(tree, "timestamp", state.timestamp);
    put_source(tree, "scene", {state.scene, 0}, table);
    put(tree, "hash", state.hash);
    put(tree, "error", state.error);
    put(tree, "metrics", std::move(metrics));
    put(tree, "outputs", std::move(outputs));
    return tree;
}

Json::Value json_of(double number) { return number; }
Json::Value json_of(const std::string &name) { return name; }

JsonObject tree_of(const Song &song, Table &table) {
    JsonObject tree, overrides;
    JsonArray parts;
    for (const SongPart &part : song.parts) parts.emplace_back(tree_of(part, table));
    for (const auto &[path, value] : song.overrides)
        put(overrides, path, std::visit([](const auto &v) { return json_of(v); }, value));
    put(tree, "name", song.name);
    put_source(tree, "source", song.source, table);
    put(tree, "parts", std::move(parts));
    put(tree, "overrides", std::move(overrides));
    put(tree, "after", std::string{word_of(song.after)});
    put(tree, "notes", song.notes);
    if (song.state) put(tree, "state", tree_of(*song.state, table));
    add_kept(tree, song.unknown);
    return tree;
}

} // namespace

std::string encode_setlist(const Setlist &set) {
    Table table;
    JsonArray songs;
    for (const Song &song : set.songs) songs.emplace_back(tree_of(song, table));
    Json tree{JsonObject{}};
    JsonObject &members = *tree.as<JsonObject>();
    put(members, "setlist_version", kSetlistVersion);
    put(members, "chronus_version", std::string{CHRONUS_VERSION});
    put(members, "name", set.name);
    put_source(members, "template", set.base, table);
    put(members, "songs", std::move(songs));
    put(members, "patterns", std::move(table).patterns());
    add_kept(members, set.unknown);
    put(members, "checksum", checksum_of(tree));
    return to_text(tree, JsonStyle::indented) + '\n';
}

} // namespace chronus::patterns
