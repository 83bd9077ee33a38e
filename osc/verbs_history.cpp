#include "osc/ask_history.h"
#include "osc/history_filter.h"
#include "osc/history_json.h"
#include "osc/history_writes.h"
#include "osc/verbs.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <string>
#include <utility>

/// Commands that look at what was performed.
namespace chronus::osc {

namespace {

using patterns::Database;
using patterns::Execution;

constexpr std::string_view kList = "/history/list";
constexpr std::size_t kUsual = 50, kUsualItems = 100;
constexpr IntRange kLimits{1, 1000}, kOffsets{0, std::numeric_limits<std::int64_t>::max()};

Error none_such(std::int64_t id) {
    return {Errc::not_found, fmt::format("execution {}: there is none", id), std::string{kList}};
}

Result<HistoryWords> words_of(const Context &context, std::string_view verb, Chosen chosen,
                              Args args) {
    return history_words({verb, verb, chosen, context.now_ms()}, args);
}

Result<Reply> list(Context &context, Args args) {
    const auto words = words_of(context, kList, Chosen::executions, args);
    if (!words) return words.error();
    auto filter = executions_of(*words);
    filter.most = words->limit.value_or(kUsual);
    return asked(
        context, [filter](Database &db) { return patterns::executions(db, filter); },
        [](const std::vector<Execution> &found) {
            return listed(counted(found.size(), "execution"), found.size(), executions_json(found));
        });
}

Result<std::int64_t> number_in(Args args, std::size_t i, std::string_view name, IntRange range,
                               std::int64_t usual) {
    if (!has(args, i)) return usual;
    const auto number = to_index(args[i], name, range);
    if (!number)
        return Error{number.error().code, fmt::format("/history/show: {}", number.error().what),
                     std::string{kList}};
    return *number;
}

Result<Reply> show(Context &context, Args args) {
    const std::int64_t id = int_at(args, 0);
    const std::string name = has(args, 1) ? text_at(args, 1) : "advanced";
    const auto view = patterns::find_view(name);
    if (!view)
        return Error{Errc::out_of_range,
                     fmt::format("view {}: there are performer, advanced and researcher", name),
                     std::string{kList}};
    const auto most = number_in(args, 2, "limit", kLimits, kUsualItems);
    if (!most) return most.error();
    const auto from = number_in(args, 3, "offset", kOffsets, 0);
    if (!from) return from.error();
    const patterns::Page page{static_cast<std::size_t>(*most), static_cast<std::size_t>(*from)};
    return asked(
        context,
        [id, view = *view, name, page, recent = context.recent](Database &db) -> Result<Reply> {
            auto one = recent->find(db, id);
            if (!one) return one.error();
            if (!*one) return none_such(id);
            auto items = patterns::items(db, id, view, {page.most + 1, page.from});
            if (!items) return items.error();
            const auto shown = show_json({**std::move(one), name, *std::move(items), page});
            return Reply{.text = fmt::format("execution {}: {}", id, counted(shown.count, "item")),
                         .document = shown.json};
        },
        [](const Reply &reply) { return reply; });
}

Result<Reply> find(Context &context, Args args) {
    const auto words = words_of(context, "/history/find", Chosen::items, args);
    if (!words) return words.error();
    auto filter = items_of(*words);
    filter.most = words->limit.value_or(kUsualItems);
    return asked(
        context,
        [filter](Database &db) -> Result<Reply> {
            const auto found = patterns::find_items(db, filter);
            if (!found) return found.error();
            const auto shown = found_json(*found);
            return Reply{.text = counted(shown.count, "item"), .document = shown.json};
        },
        [](const Reply &reply) { return reply; });
}

Result<Reply> stats(Context &context, Args args) {
    const auto words = words_of(context, "/history/stats", Chosen::counts, args);
    if (!words) return words.error();
    return asked(
        context,
        [filter = counts_of(*words)](Database &db) { return patterns::statistics(db, filter); },
        [](const patterns::Statistics &counts) {
            const auto count = [](std::int64_t n, std::string_view noun) {
                return counted(static_cast<std::size_t>(n), noun);
            };
            return Reply{.text = fmt::format("{} and {} of {}", count(counts.outputs, "output"),
                                             count(counts.items, "item"),
                                             count(counts.executions, "execution")),
                         .document = counts_json(counts)};
        });
}

constexpr std::array kVerbs{
    Verb{kList, "...",
         "What was performed, the last first, as JSON: 50 executions, all but the pauses between. "
         "Words choose: limit=20, kind=render (performance, pause), status=complete (running, "
         "stopped, failed, killed), type=output_audio (those that have such an item), slot=, set=, "
         "song=, author=, name=, since=2h, until=30m (s, m, h or d ago), before=ID.",
         "/history/list since=2h", list},
    Verb{"/history/show", "i:id s:view? i:limit? i:offset?",
         "An execution and its items, 100 unless told, as JSON. Views are performer (what came "
         "out), advanced (and what was applied) and researcher (all, stage by stage). Where there "
         "is more, \"next\" is the offset to go on from.",
         "/history/show 1 researcher", show},
    Verb{"/history/find", "...",
         "Items of all executions, the last first, as JSON. Words choose: execution=, "
         "type=applied, text=kick, slot=, set=, song=, author=, since=2h, until=30m, limit=20. "
         "Where there may be more, before= what the answer calls \"before\" goes on.",
         "/history/find type=user_input_osc text=kick", find},
    Verb{"/history/stats", "...",
         "How many outputs and items there are of executions, and of what gave most, as JSON. "
         "Words choose: execution=, slot=, set=, song=, author=, since=2h, until=30m.",
         "/history/stats since=7d", stats},
    Verb{"/history/pin", "i:id b:on?", "Keep an execution for ever, or (0) as long as others.",
         "/history/pin 1 1", pin_execution, Acts::keeps, Extra::refused},
    Verb{"/history/export", "s:what ...",
         "Pack an execution, by its number, or those that words choose as for /history/list, into "
         "a ZIP file in the folder exports, under a name if one stands behind: items, patterns, "
         "outputs that are still there, and a manifest with their hashes. Answers s:job s:file at "
         "once; /render/report tells what came of it.",
         "/history/export 1 friday", export_history, Acts::keeps},
};

} // namespace

std::span<const Verb> history_verbs() { return kVerbs; }

} // namespace chronus::osc
