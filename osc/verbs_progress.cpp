#include "osc/context.h"
#include "osc/hints.h"
#include "osc/progress_filter.h"
#include "osc/progress_history.h"
#include "osc/progress_json.h"
#include "osc/verbs.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

namespace chronus::osc {

namespace {

using patterns::JsonWriter;

Result<Reply> list(Context &context, Args) {
    const auto going = context.progress.active(), over = context.progress.recent();
    JsonWriter json;
    json.begin_array();
    for (const auto *levels : {&going, &over})
        for (auto level = levels->rbegin(); level != levels->rend(); ++level)
            write_summary(json, *level);
    json.end_array();
    const std::size_t count = going.size() + over.size();
    return listed(fmt::format("{} going on, {} over lately", going.size(), over.size()), count,
                  json.text());
}

Result<Reply> active(Context &context, Args) {
    const auto going = context.progress.active();
    JsonWriter json;
    json.begin_array();
    for (const ProgressLevel &level : going) write_level(json, level);
    json.end_array();
    return listed(fmt::format("{} going on", going.size()), going.size(), json.text());
}

Result<Reply> show(Context &context, Args args) {
    const std::string &id = text_at(args, 0);
    const auto level = context.progress.find(id);
    if (!level) return past_operation(context, id);
    return Reply{.text =
                     fmt::format("{}, {} {}: {}", id.find('.') == id.npos ? "operation " + id : id,
                                 level->type, level->name, word_of(level->status)),
                 .document = level_json(*level)};
}

Result<Reply> history(Context &context, Args args) {
    const auto filter = operation_filter(args, context.now_ms());
    if (!filter) return filter.error();
    return past_operations(context, *filter);
}

Result<Reply> save(Context &context, Args args) {
    const std::string &id = text_at(args, 0);
    for (const ProgressLevel &level : context.progress.active())
        if (level.id == id)
            return Error{Errc::not_now, fmt::format("operation {}: is not over yet", id),
                         fmt::format("/progress/show {}", id)};
    return export_operations(context, id);
}

/// Once all of what it came with is done.
Result<Reply> cancel(Context &context, Args args) {
    const std::string &id = text_at(args, 0);
    if (const auto may = context.progress.may_cancel(id); !may) {
        std::vector<std::string> ids;
        for (const ProgressLevel &level : context.progress.active()) ids.push_back(level.id);
        return Error{may.error().code, may.error().what, id_hint("/job/cancel", id, ids)};
    }
    context.desk.ended_jobs.emplace_back(id, context.clients.author(context.caller.peer));
    return Reply{fmt::format("operation {} is being cancelled", id), {id}};
}

constexpr std::array kVerbs{
    Verb{"/progress/list", "",
         "What takes long: operations that wait or run, and those that were over last, as JSON.",
         "/progress/list", list},
    Verb{"/progress/active", "", "Operations that wait or run, with all their parts, as JSON.",
         "/progress/active", active},
    Verb{"/progress/show", "s:id",
         "An operation or a part of one (\"12.3\"), with all its parts, as JSON; also when it was "
         "over long ago.",
         "/progress/show 1", show},
    Verb{
        "/progress/history", "s:type? i:limit? ...",
        "Operations that are over, of a type or \"all\", the last ones first (100 unless told), as "
        "JSON. More words choose: status=failed, since=2h, until=30m (s, m, h or d ago).",
        "/progress/history all 20", history},
    Verb{"/progress/export", "s:id",
         "Write an operation that is over into the state folder as JSON, or \"all\" that are kept, "
         "one a line.",
         "/progress/export all", save, Acts::keeps},
    Verb{"/job/cancel", "s:id",
         "End an operation before it is done; it leaves no half file, and says who wanted it.",
         "/job/cancel 1", cancel, Acts::keeps},
};

} // namespace

std::span<const Verb> progress_verbs() { return kVerbs; }

} // namespace chronus::osc
