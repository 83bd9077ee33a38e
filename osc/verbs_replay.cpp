#include "osc/ask_history.h"
#include "osc/rendering.h"
#include "osc/verbs.h"
#include "patterns/history/changes.h"
#include "patterns/history/performance.h"
#include "patterns/show/bisect.h"
#include "patterns/show/render_wishes.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Commands that play what was performed again, to hear it or to look through it.
namespace chronus::osc {

namespace {

using patterns::Database;
using patterns::Performance;

/// What a replay may be told besides the keys of a render.
struct ReplayWishes {
    patterns::RenderWishes render;
    std::uint32_t from_bar = 1;
    bool live = false;
};

/// The value of "key=value", if that is what it is.
std::optional<std::string> value_of(const Value &pair, std::string_view key) {
    const auto *text = std::get_if<std::string>(&pair);
    if (text == nullptr || !text->starts_with(key) || text->substr(key.size(), 1) != "=")
        return std::nullopt;
    return text->substr(key.size() + 1);
}

/// Whether it is a wish of a replay's own.
Result<bool> take_wish(ReplayWishes &wishes, const Value &word) {
    if (word == Value{std::string{"live"}}) {
        wishes.live = true;
    } else if (const auto live = value_of(word, "live")) {
        const auto on = to_switch(Value{*live}, "live");
        if (!on) return Error{on.error().code, on.error().what, "live"};
        wishes.live = *on;
    } else if (const auto from = value_of(word, "from")) {
        const auto bar = to_index(Value{*from}, "from", {1, 1'000'000});
        if (!bar) return Error{bar.error().code, bar.error().what, "from=1"};
        wishes.from_bar = static_cast<std::uint32_t>(*bar);
    } else {
        return false;
    }
    return true;
}

Result<ReplayWishes> wishes_in(std::int64_t id, Args words) {
    ReplayWishes out{.render = {.outputs = {}, .name = fmt::format("execution_{}", id)}};
    const std::string command = fmt::format("/history/replay {}", id);
    std::vector<Value> rest;
    for (const Value &word : words) {
        const auto taken = take_wish(out, word);
        if (!taken)
            return Error{taken.error().code, fmt::format("{}: {}", command, taken.error().what),
                         fmt::format("{} {}", command, taken.error().hint)};
        if (!*taken) rest.push_back(word);
    }
    if (auto set = set_wishes(out.render, rest, command); !set) return set.error();
    if (out.live && !out.render.outputs.empty())
        return Error{Errc::conflict,
                     fmt::format("{}: what is heard live makes no outputs; ask for them without "
                                 "live",
                                 command),
                     command + " live"};
    if (out.live) out.render.name = patterns::kLiveName;
    return out;
}

/// Errors: busy - one is heard already, or its files are being made, or too many jobs wait.
Outcome room_for(Context &context, const ReplayWishes &wishes) {
    const std::string job = context.studio.job_making(wishes.render.name);
    if (wishes.live && !job.empty())
        return Error{Errc::busy, fmt::format("job {} is heard already: one can be at a time", job),
                     "/job/cancel " + job};
    auto takes = context.studio.would_take(wishes.render.name);
    return takes ? takes : Error{takes.error().code, takes.error().what, "/progress/list"};
}

/// Errors: unsupported - the device has another rate.
Result<patterns::LiveWay> way_to_hear(Context &context, const Performance &performance) {
    const SampleRate fs = context.session.config().fs;
    const std::uint32_t rate = performance.session.rate;
    if (static_cast<float>(rate) != fs.hz)
        return Error{Errc::unsupported,
                     fmt::format("execution {} was played at {} Hz, and the device plays at {}",
                                 performance.execution.id, rate, fs.hz),
                     fmt::format("/history/replay {}", performance.execution.id)};
    return patterns::LiveWay{&context.device.deck(), &context.session.alarm(), fs};
}

Result<Reply> begin(Context &context, std::int64_t id, const ReplayWishes &wishes,
                    Performance performance) {
    if (auto objection = patterns::objection_to(performance)) return *std::move(objection);
    if (auto room = room_for(context, wishes); !room) return room.error();
    patterns::ReplayOrder order{.from_bar = wishes.from_bar,
                                .outputs = wishes.render.outputs,
                                .tail = wishes.render.tail,
                                .name = wishes.render.name};
    if (wishes.live) {
        const auto way = way_to_hear(context, performance);
        if (!way) return way.error();
        order.live = *way;
    }
    order.performance = std::make_shared<const Performance>(std::move(performance));
    const auto job = context.studio.replay(std::move(order));
    if (!job) return Error{job.error().code, job.error().what, "/progress/list"};
    return Reply{fmt::format("job {}: execution {} is being played again", *job, id),
                 {*job, context.studio.folder().string()}};
}

Result<Reply> replay(Context &context, Args args) {
    const std::int64_t id = int_at(args, 0);
    const auto wishes = wishes_in(id, args.subspan(1));
    if (!wishes) return wishes.error();
    if (auto room = room_for(context, *wishes); !room) return room.error();
    return when_sure(context, [id, wishes = *wishes](Context &sure) {
        return asked(
            sure, [id](Database &db) { return patterns::performance(db, id, CHRONUS_VERSION); },
            [&sure, id, wishes](const Performance &found) {
                return begin(sure, id, wishes, found);
            });
    });
}

/// A performance, and what was done in it.
struct Found {
    Performance performance;
    std::vector<patterns::Change> changes;
};

Result<Found> find(Database &db, std::int64_t id) {
    auto performance = patterns::performance(db, id, CHRONUS_VERSION);
    if (!performance) return performance.error();
    auto changes = patterns::changes(db, id);
    if (!changes) return changes.error();
    return Found{*std::move(performance), *std::move(changes)};
}

std::string bisect_name(std::int64_t id) { return fmt::format("bisection of {}", id); }

Result<Reply> begin_bisect(Context &context, patterns::BisectOrder order) {
    if (auto objection = patterns::objection_to(*order.performance)) return *std::move(objection);
    const std::int64_t id = order.performance->execution.id;
    const std::string what = fmt::format("execution {}: {}", id, order.words);
    const auto job = context.studio.make({.name = bisect_name(id),
                                          .type = "bisect",
                                          .what = what,
                                          .work = [order = std::move(order)](ProgressScope &level) {
                                              return patterns::bisected(order, level);
                                          }});
    if (!job) return Error{job.error().code, job.error().what, "/progress/list"};
    return Reply{fmt::format("job {}: {} is being looked for", *job, what), {*job}};
}

Result<Reply> bisect(Context &context, Args args) {
    const std::int64_t id = int_at(args, 0);
    const std::string words = text_at(args, 1);
    const auto predicate = patterns::parse_predicate(words);
    if (!predicate) {
        const Error &why = predicate.error();
        return Error{why.code, fmt::format("/history/bisect {}: {}", id, why.what),
                     fmt::format("/history/bisect {} {}", id, why.hint)};
    }
    if (const auto job = context.studio.job_making(bisect_name(id)); !job.empty())
        return Error{Errc::busy, fmt::format("job {} looks through execution {} already", job, id),
                     "/job/cancel " + job};
    return when_sure(context, [id, words, predicate = *predicate](Context &sure) {
        return asked(
            sure, [id](Database &db) { return find(db, id); },
            [&sure, words, predicate](const Found &found) {
                return begin_bisect(
                    sure, {.performance = std::make_shared<const Performance>(found.performance),
                           .changes = found.changes,
                           .predicate = predicate,
                           .words = words});
            });
    });
}

constexpr std::array kVerbs{
    Verb{"/history/replay", "i:execution ...",
         "Play a performance again offline, from what was done in it alone, and compare every "
         "second with what was heard; /render/report says what came of it. More arguments are "
         "outputs=wav24,stems (wav16, wav24, wav32f, flac, ogg, stems, plot), from=5 for the bar "
         "they begin with, name=take, tail=20. With live it is heard instead, as long as it took, "
         "beside what is played now; one at a time, until /job/cancel or /panic. Answers s:job "
         "s:folder at once.",
         "/history/replay 1 outputs=wav24", replay, Acts::keeps},
    Verb{"/history/bisect", "i:execution s:predicate",
         "Find the change after which something measured first held in a performance: silence, "
         "silence=2 (s, 1 unless told), clipping (true peak at full scale), level>-14 or "
         "level<-40 (LUFS of 0.4 s), peak>-3 or peak<-60 (dBFS). It is played offline with ever "
         "fewer of its changes, until there is one with which it holds and without which it does "
         "not; /render/report says which, whose and when. Answers s:job at once.",
         "/history/bisect 1 silence", bisect, Acts::keeps},
};

} // namespace

std::span<const Verb> replay_verbs() { return kVerbs; }

} // namespace chronus::osc
