#include "osc/ask_history.h"
#include "osc/rendering.h"
#include "osc/verbs.h"
#include "patterns/history/performance.h"
#include "patterns/show/render_wishes.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <utility>
#include <vector>

/// Commands that play what was performed again.
namespace chronus::osc {

namespace {

using patterns::Database;
using patterns::Performance;

/// What a replay may be told besides the keys of a render.
struct ReplayWishes {
    patterns::RenderWishes render;
    std::uint32_t from_bar = 1;
};

Result<ReplayWishes> wishes_in(std::int64_t id, Args pairs) {
    constexpr std::string_view kFrom = "from=";
    ReplayWishes out{.render = {.outputs = {}, .name = fmt::format("execution_{}", id)}};
    const std::string command = fmt::format("/history/replay {}", id);
    std::vector<Value> rest;
    for (const Value &pair : pairs) {
        const auto *text = std::get_if<std::string>(&pair);
        if (text == nullptr || !text->starts_with(kFrom)) {
            rest.push_back(pair);
            continue;
        }
        const auto bar = to_index(Value{text->substr(kFrom.size())}, "from", {1, 1'000'000});
        if (!bar)
            return Error{bar.error().code, fmt::format("{}: {}", command, bar.error().what),
                         command + " from=1"};
        out.from_bar = static_cast<std::uint32_t>(*bar);
    }
    if (auto set = set_wishes(out.render, rest, command); !set) return set.error();
    return out;
}

Result<Reply> begin(Context &context, std::int64_t id, const ReplayWishes &wishes,
                    Performance performance) {
    if (auto objection = patterns::objection_to(performance)) return *std::move(objection);
    const auto job = context.studio.replay(
        {.performance = std::make_shared<const Performance>(std::move(performance)),
         .from_bar = wishes.from_bar,
         .outputs = wishes.render.outputs,
         .tail = wishes.render.tail,
         .name = wishes.render.name});
    if (!job) return Error{job.error().code, job.error().what, "/progress/list"};
    return Reply{fmt::format("job {}: execution {} is being played again", *job, id),
                 {*job, context.studio.folder().string()}};
}

Result<Reply> replay(Context &context, Args args) {
    const std::int64_t id = int_at(args, 0);
    const auto wishes = wishes_in(id, args.subspan(1));
    if (!wishes) return wishes.error();
    if (auto takes = context.studio.would_take(wishes->render.name); !takes)
        return Error{takes.error().code, takes.error().what, "/progress/list"};
    context.desk.writings.push_back(
        {context.caller, [id, wishes = *wishes](Context &sure) {
             return asked(
                 sure,
                 [id](Database &db) { return patterns::performance(db, id, CHRONUS_VERSION); },
                 [&sure, id, wishes](const Performance &found) {
                     return begin(sure, id, wishes, found);
                 });
         }});
    return Reply{.text = {}, .later = true};
}

constexpr std::array kVerbs{
    Verb{"/history/replay", "i:execution ...",
         "Play a performance again offline, from what was done in it alone, and compare every "
         "second with what was heard; /render/report says what came of it. More arguments are "
         "outputs=wav24,stems (wav16, wav24, wav32f, flac, ogg, stems, plot), from=5 for the bar "
         "they begin with, name=take, tail=20. Answers s:job s:folder at once.",
         "/history/replay 1 outputs=wav24", replay, Acts::keeps},
};

} // namespace

std::span<const Verb> replay_verbs() { return kVerbs; }

} // namespace chronus::osc
