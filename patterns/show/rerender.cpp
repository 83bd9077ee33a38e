#include "patterns/show/rerender.h"

#include "patterns/history/items.h"
#include "patterns/show/json_view.h"
#include "patterns/text/json_gate.h"
#include "patterns/text/json_writer.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace chronus::patterns {

namespace {

Outcome same_engine(Database &db, const Execution &execution, std::string_view version) {
    auto asked = db.prepare("SELECT version FROM sessions WHERE id = ?");
    if (!asked) return asked.error();
    const auto row = asked->with(execution.session).next();
    if (!row) return row.error();
    if (*row && asked->text(0) == version) return Done{};
    return Error{Errc::failed,
                 fmt::format("it cannot be made again as it was: execution {}: chronus {} made it, "
                             "and this is {}",
                             execution.id, *row ? asked->text(0) : "?", version),
                 "/history/list"};
}

Result<std::map<std::string, std::string>> files_of(Database &db, std::int64_t execution) {
    const auto made = items(db, execution, View::performer);
    if (!made) return made.error();
    std::map<std::string, std::string> out;
    for (const Item &item : *made) {
        const auto content = parse_json(item.content);
        if (content) out[std::filesystem::path{item.file}.filename()] = text_at(*content, "sha256");
    }
    return out;
}

/// How many of the files were made before, and how many of those are as they were.
std::pair<std::size_t, std::size_t> compared(const MadeBefore &before, const RenderReport &now) {
    std::size_t there = 0, equal = 0;
    for (const MadeOutput &made : now.outputs)
        for (const MadeFile &file : made.files) {
            const auto known = before.files.find(file.name);
            if (known == before.files.end()) continue;
            ++there;
            equal += known->second == file.sha256 ? 1 : 0;
        }
    return {there, equal};
}

} // namespace

Result<MadeBefore> made_before(Database &db, const Execution &execution, std::string_view version) {
    if (auto same = same_engine(db, execution, version); !same) return same.error();
    auto record = render_record(db, execution.id);
    if (!record) return Error{record.error().code, record.error().what, "/history/list"};
    if (record->execution != 0)
        return Error{Errc::unsupported,
                     fmt::format("execution {}: execution {} was played again in it; that one can "
                                 "be",
                                 execution.id, record->execution),
                     fmt::format("/history/replay {}", record->execution)};
    auto files = files_of(db, execution.id);
    if (!files) return files.error();
    return MadeBefore{execution, *std::move(record), *std::move(files)};
}

Result<StudioReport> rerender(const RerenderOrder &order, ProgressScope &level) {
    RenderReport all;
    for (RenderOrder &one : orders_of(order.before.record)) {
        one.folder = order.folder;
        one.told = order.told;
        auto made = render(one, level);
        if (!made) return made.error();
        all.frames += made->frames;
        all.seconds += made->seconds;
        std::ranges::move(made->outputs, std::back_inserter(all.outputs));
    }
    const auto [there, equal] = compared(order.before, all);
    JsonWriter json;
    json.begin_object().key("execution").value(order.before.execution.id);
    json.key("compared").begin_object().key("files").value(there);
    json.key("equal").value(equal).end_object();
    json.key("folder").value(order.folder.string());
    write_members(json, all);
    return StudioReport{fmt::format("{} of {} files are equal; {}", equal, there, summary_of(all)),
                        std::move(json.end_object()).text()};
}

} // namespace chronus::patterns
