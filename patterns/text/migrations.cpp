#include "patterns/text/migrations.h"

#include "patterns/text/codec.h"
#include "patterns/text/legacy.h"
#include "patterns/text/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace chronus::patterns {

namespace {

/// One step up: a document of version `from` becomes one of version `to`.
struct Migration {
    std::string_view from, to;
    JsonObject (*apply)(JsonObject, Reading &);
};
constexpr std::array kMigrations{Migration{"1.0", kSchemaVersion, from_original}};

/// "2.0" as {2, 0}.
std::optional<std::pair<unsigned, unsigned>> numbers_of(std::string_view version) {
    std::pair<unsigned, unsigned> numbers;
    const char *end = version.data() + version.size();
    const auto major = std::from_chars(version.data(), end, numbers.first);
    if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.') return std::nullopt;
    const auto minor = std::from_chars(major.ptr + 1, end, numbers.second);
    if (minor.ec != std::errc{} || minor.ptr != end) return std::nullopt;
    return numbers;
}

} // namespace

Result<Json> migrated(Json document, Reading &reading) {
    auto *object = document.as<JsonObject>();
    if (object == nullptr)
        return Error{Errc::corrupt, fmt::format("line {}: the document is {}, not an object",
                                                document.line, kind_of(document))};
    const Json *json = find(*object, "schema_version");
    std::string version;
    if (json == nullptr || !take_as(*json, version) || !numbers_of(version))
        return Error{Errc::corrupt,
                     fmt::format("line {}: no schema_version like \"{}\"",
                                 json == nullptr ? document.line : json->line, kSchemaVersion)};
    if (*numbers_of(version) > *numbers_of(kSchemaVersion))
        return Error{Errc::too_new, fmt::format("schema_version {}: newer than {}, which we know",
                                                in_quotes(version), kSchemaVersion)};
    for (const Migration &migration : kMigrations) {
        if (version != migration.from) continue;
        *object = migration.apply(std::move(*object), reading);
        version = migration.to;
    }
    if (version != kSchemaVersion)
        return Error{Errc::corrupt,
                     fmt::format("schema_version {}: there never was one", in_quotes(version))};
    return document;
}

} // namespace chronus::patterns
