#include "osc/history_writes.h"

#include "osc/ask_history.h"
#include "osc/history_filter.h"
#include "osc/rendering.h"
#include "patterns/show/history_export.h"
#include "patterns/store/jobs.h"
#include "patterns/text/setlist.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chronus::osc {

namespace {

using patterns::Database;
using patterns::Execution;

constexpr std::string_view kVerb = "/history/export", kList = "/history/list";
constexpr std::size_t kMost = 10'000;

/// What is exported, and under which name.
struct Wish {
    std::optional<std::int64_t> id = {};
    patterns::ExecutionFilter filter = {};
    std::string name = {}; ///< of the file; empty: after what is in it
};

/// Words apart from the number and the name.
Result<std::vector<Value>> sorted_out(Args args, Wish &wish) {
    std::vector<Value> words;
    for (const Value &value : args) {
        const auto word = to_text(value, "execution");
        const auto number = to_int64(value, "execution");
        const bool first = !wish.id && words.empty() && wish.name.empty();
        if (word && word->find('=') != word->npos && !wish.id)
            words.push_back(value);
        else if (number && first)
            wish.id = *number;
        else if (word && wish.name.empty() && !first)
            wish.name = *word;
        else
            return Error{Errc::bad_type,
                         fmt::format("{}: it takes the number of an execution, or words such as "
                                     "song=intro, and then a name for the file",
                                     kVerb),
                         std::string{kList}};
    }
    return words;
}

Result<Wish> wish_in(const Context &context, Args args) {
    Wish out;
    const auto words = sorted_out(args, out);
    if (!words) return words.error();
    if (!out.name.empty() && !patterns::is_set_name(out.name))
        return Error{Errc::out_of_range,
                     fmt::format("{}: \"{}\" names no file: letters, digits, '_' and '-' do, 64 at "
                                 "most",
                                 kVerb, out.name.substr(0, 64)),
                     std::string{kList}};
    const auto chosen = history_words({kVerb, kList, Chosen::executions, context.now_ms()}, *words);
    if (!chosen) return chosen.error();
    out.filter = executions_of(*chosen);
    out.filter.most = chosen->limit.value_or(kMost);
    return out;
}

/// Those that began first first.
Result<std::vector<std::int64_t>> chosen_ids(Database &db, const Wish &wish) {
    if (wish.id) {
        const auto one = patterns::execution(db, *wish.id);
        if (!one) return one.error();
        if (!*one)
            return Error{Errc::not_found, fmt::format("execution {}: there is none", *wish.id),
                         std::string{kList}};
        return std::vector{*wish.id};
    }
    const auto found = patterns::executions(db, wish.filter);
    if (!found) return found.error();
    if (found->empty())
        return Error{Errc::not_found, fmt::format("{}: no execution is like that", kVerb),
                     std::string{kList}};
    std::vector<std::int64_t> ids;
    for (auto each = found->rbegin(); each != found->rend(); ++each) ids.push_back(each->id);
    return ids;
}

std::string name_after(const std::vector<std::int64_t> &ids) {
    if (ids.size() == 1) return fmt::format("execution-{}", ids.front());
    return fmt::format("executions-{}-{}", ids.front(), ids.back());
}

Result<Reply> begin_export(Context &context, patterns::HistoryOrder order) {
    const auto file = order.state / patterns::kExportFolder / (order.name + ".zip");
    const std::string what = order.executions.size() == 1
                                 ? fmt::format("execution {}", order.executions.front())
                                 : counted(order.executions.size(), "execution");
    const auto job = context.studio.make(
        {.name = file.filename().string(),
         .type = "export",
         .what = what,
         .work = [order = std::move(order), &history = context.history](ProgressScope &level) {
             return patterns::export_history(order, history, level);
         }});
    if (!job) return Error{job.error().code, job.error().what, "/progress/list"};
    return Reply{fmt::format("job {}: {} is being exported", *job, what), {*job, file.string()}};
}

} // namespace

Result<Reply> pin_execution(Context &context, Args args) {
    const std::int64_t id = int_at(args, 0);
    const bool on = !has(args, 1) || std::get<bool>(args[1]);
    return when_sure(context, [id, on](Context &sure) {
        return asked(
            sure,
            [id, on, recent = sure.recent](Database &db) {
                recent->forget(id);
                return patterns::pin(db, id, on);
            },
            [id, on](Done) {
                return Reply{fmt::format("execution {} is kept {}", id,
                                         on ? "for ever" : "as long as others"),
                             {shortest(id), on}};
            });
    });
}

Result<Reply> export_history(Context &context, Args args) {
    auto wish = wish_in(context, args);
    if (!wish) return wish.error();
    return when_sure(context, [wish = *std::move(wish)](Context &sure) {
        return asked(
            sure, [wish](Database &db) { return chosen_ids(db, wish); },
            [&sure, name = wish.name](const std::vector<std::int64_t> &ids) {
                return begin_export(sure, {.executions = ids,
                                           .state = sure.history.folder(),
                                           .name = name.empty() ? name_after(ids) : name});
            });
    });
}

} // namespace chronus::osc
