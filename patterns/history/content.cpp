#include "patterns/history/content.h"

#include "patterns/text/document_tree.h"
#include "patterns/text/json_gate.h"

#include <utility>

namespace chronus::patterns {

std::string content_text(const Document &document) {
    Json tree{content_of(document)};
    JsonObject &members = *tree.as<JsonObject>();
    put(members, "schema_version", std::string{kSchemaVersion});
    if (const auto unknown = parse_json(document.unknown))
        if (const auto *object = unknown->as<JsonObject>()) add_unknown(members, *object);
    return to_text(tree, JsonStyle::compact);
}

/// It is a slot file without what a file says of its making.
Result<Document> document_of_content(std::string_view text) {
    auto loaded = decode(text);
    if (!loaded) return loaded.error();
    return std::move(loaded->document);
}

} // namespace chronus::patterns
