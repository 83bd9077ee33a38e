#include "osc/progress_history.h"

#include "osc/ask_history.h"
#include "osc/hints.h"
#include "osc/progress_json.h"
#include "patterns/store/atomic_file.h"
#include "patterns/store/jobs.h"
#include "patterns/store/posix_disk.h"
#include "patterns/text/json_gate.h"

#include <fmt/format.h>

#include <charconv>
#include <unistd.h>
#include <utility>

namespace chronus::osc {

namespace {

using patterns::Database;
using patterns::Json;
using patterns::Operation;

using patterns::kExportFolder;

Reply list_of(const std::vector<Operation> &operations) {
    patterns::JsonWriter json;
    json.begin_array();
    for (const Operation &one : operations) write_summary(json, one);
    json.end_array();
    return listed(counted(operations.size(), "operation"), operations.size(), json.text());
}

/// Errors: not_found - with the nearest id that is kept.
Error none_like(Database &db, std::string_view id, std::string_view verb) {
    std::vector<std::string> ids;
    if (const auto all = patterns::operations(db, {}))
        for (const Operation &one : *all) ids.push_back(std::to_string(one.id));
    return {Errc::not_found, fmt::format("operation {}: none with this id is kept", id),
            id_hint(verb, id, ids)};
}

Result<Operation> kept(Database &db, std::string_view id, std::string_view verb) {
    const std::string_view whole = id.substr(0, id.find('.'));
    std::int64_t number = 0;
    const auto [end, wrong] = std::from_chars(whole.data(), whole.data() + whole.size(), number);
    const bool is_number = wrong == std::errc{} && end == whole.data() + whole.size();
    auto found = is_number ? patterns::operation(db, number) : std::optional<Operation>{};
    if (!found) return found.error();
    if (!*found) return none_like(db, id, verb);
    return **std::move(found);
}

const Json *member(const Json &level, std::string_view key) {
    const auto *object = level.as<patterns::JsonObject>();
    return object != nullptr ? patterns::find(*object, key) : nullptr;
}

/// The level of that id, or null.
const Json *level_with(const Json &level, std::string_view id) {
    const Json *its = member(level, "id"), *parts = member(level, "parts");
    const auto *text = its != nullptr ? its->as<std::string>() : nullptr;
    if (text != nullptr && *text == id) return &level;
    const auto *list = parts != nullptr ? parts->as<patterns::JsonArray>() : nullptr;
    if (list == nullptr) return nullptr;
    for (const Json &part : *list)
        if (const Json *found = level_with(part, id)) return found;
    return nullptr;
}

/// The operation with the document of that level alone.
Result<Operation> kept_level(Database &db, std::string_view id) {
    auto found = kept(db, id, "/progress/show");
    if (!found || id.find('.') == id.npos) return found;
    const auto document = patterns::parse_json(found->document);
    if (!document) return document.error();
    const Json *level = level_with(*document, id);
    if (level == nullptr)
        return Error{Errc::not_found,
                     fmt::format("{}: operation {} has no such part", id, found->id),
                     fmt::format("/progress/show {}", found->id)};
    found->document = patterns::to_text(*level, patterns::JsonStyle::compact);
    return found;
}

struct Export {
    std::string name;
    std::string text;
    std::size_t count = 0;
};

Result<Export> export_of(Database &db, std::string_view id) {
    if (id != "all") {
        auto one = kept(db, id, "/progress/export");
        if (!one) return one.error();
        return Export{fmt::format("operation-{}.json", one->id), one->document + "\n", 1};
    }
    const auto all = patterns::operations(db, {});
    if (!all) return all.error();
    Export out{"operations.jsonl", {}, all->size()};
    for (const Operation &each : *all) {
        const auto whole = patterns::operation(db, each.id);
        if (!whole) return whole.error();
        if (*whole) out.text += (*whole)->document + "\n";
    }
    return out;
}

/// Answers the path.
Result<std::pair<Export, std::string>> written(Result<Export> made,
                                               const std::filesystem::path &state) {
    if (!made) return made.error();
    auto disk = patterns::PosixDisk::open(state);
    if (!disk) return disk.error();
    if (const auto there = ensure_folder(*disk, kExportFolder); !there) return there.error();
    patterns::TempNames names{static_cast<std::uint32_t>(::getpid())};
    const std::string path = fmt::format("{}/{}", kExportFolder, made->name);
    if (const auto kept = replace_file(*disk, names, path, made->text); !kept) return kept.error();
    return std::pair{*std::move(made), (state / path).string()};
}

} // namespace

Result<Reply> past_operations(Context &context, const patterns::OperationFilter &filter) {
    return asked(
        context, [filter](Database &db) { return patterns::operations(db, filter); }, list_of);
}

Result<Reply> past_operation(Context &context, const std::string &id) {
    return asked(
        context, [id](Database &db) { return kept_level(db, id); },
        [](const Operation &one) {
            return Reply{.text = fmt::format("operation {}, {} {}: {}", one.id, one.type, one.name,
                                             one.status),
                         .document = one.document};
        });
}

Result<Reply> export_operations(Context &context, const std::string &id) {
    return asked(
        context,
        [id, state = context.history.folder()](Database &db) {
            return written(export_of(db, id), state);
        },
        [](const std::pair<Export, std::string> &made) {
            return Reply{
                fmt::format("{} in {}", counted(made.first.count, "operation"), made.second),
                {static_cast<std::int32_t>(made.first.count), made.second}};
        });
}

} // namespace chronus::osc
