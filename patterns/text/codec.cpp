#include "patterns/text/codec.h"

#include "patterns/text/document_tree.h"
#include "patterns/text/hash.h"
#include "patterns/text/json_gate.h"
#include "patterns/text/migrations.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace chronus::patterns {

namespace {

/// Paths of what the file says and we do not know.
std::vector<std::string> unknown_paths(const Document &document, const JsonObject &unknown) {
    std::vector<std::string> paths;
    JsonObject known = tree_of(document);
    add_unknown(known, unknown, &paths);
    return paths;
}

void keep_unknown(Document &document, JsonObject rest, Reading &reading) {
    if (rest.empty()) return;
    for (const std::string &path : unknown_paths(document, rest))
        reading.note(fmt::format("{}: not known here, kept as it is", path));
    document.unknown = to_text(Json{std::move(rest)}, JsonStyle::compact);
}

Document read_document(Json tree, Reading &reading) {
    JsonObject &members = *tree.as<JsonObject>();
    remove_member(members, "schema_version");
    remove_member(members, "chronus_version");
    Document document = document_of(members, reading);
    keep_unknown(document, std::move(members), reading);
    return document;
}

} // namespace

std::string checksum_of(const Json &tree) { return sha256_hex(to_text(tree, JsonStyle::compact)); }

Outcome check_sum(Json &tree) {
    auto *object = tree.as<JsonObject>();
    const Json *json = object == nullptr ? nullptr : find(*object, "checksum");
    if (json == nullptr) return Done{};
    std::string said;
    const std::uint32_t line = json->line;
    if (!take_as(*json, said))
        return Error{Errc::corrupt,
                     fmt::format("line {}: checksum is {}, not text", line, kind_of(*json))};
    remove_member(*object, "checksum");
    if (said == checksum_of(tree)) return Done{};
    return Error{Errc::corrupt,
                 fmt::format("line {}: checksum does not fit what the file says", line)};
}

Json file_tree_of(const Document &document) {
    Json tree{tree_of(document)};
    JsonObject &members = *tree.as<JsonObject>();
    put(members, "schema_version", std::string{kSchemaVersion});
    put(members, "chronus_version", std::string{CHRONUS_VERSION});
    if (const auto unknown = parse_json(document.unknown))
        if (const auto *object = unknown->as<JsonObject>()) add_unknown(members, *object);
    put(members, "checksum", checksum_of(tree));
    return tree;
}

std::string encode(const Document &document) {
    return to_text(file_tree_of(document), JsonStyle::indented) + '\n';
}

Result<Loaded> decode(std::string_view bytes) {
    auto parsed = parse_json(bytes);
    if (!parsed) return parsed.error();
    return decode_tree(*std::move(parsed));
}

Result<Loaded> decode_tree(Json tree) {
    Reading reading;
    const auto sum = check_sum(tree);
    auto current = migrated(std::move(tree), reading);
    // A later version may reckon its checksum otherwise; that it is later counts for more.
    if (!current && current.error().code == Errc::too_new) return current.error();
    if (!sum) return sum.error();
    if (!current) return current.error();
    Document document = read_document(*std::move(current), reading);
    if (reading.error()) return *reading.error();
    return Loaded{std::move(document), std::move(reading).notes()};
}

std::string content_hash(const Document &document) {
    return sha256_hex(to_text(Json{content_of(document)}, JsonStyle::compact) + document.unknown);
}

Outcome verify_slot(std::string_view bytes) {
    const auto first = decode(bytes);
    if (!first) return first.error();
    const auto again = decode(encode(first->document));
    if (!again) return again.error();
    if (again->document == first->document) return Done{};
    return Error{Errc::corrupt, "what was read does not survive being written"};
}

Result<SlotHead> summary(std::string_view bytes) {
    const auto loaded = decode(bytes);
    if (!loaded) return loaded.error();
    const Document &document = loaded->document;
    return SlotHead{document.metadata.name, document.timestamp,
                    document.scene.params.get(param("seq/bpm")), document.scene.track_count,
                    content_hash(document)};
}

} // namespace chronus::patterns
