#include "osc/ask_history.h"
#include "osc/rendering.h"
#include "osc/typed.h"
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
#include <variant>
#include <vector>

/// Commands that play what was performed again, to hear it or to look through it.
namespace chronus::osc {

namespace {

using patterns::Database;
using patterns::Performance;

constexpr std::string_view kReplay = "/history/replay";

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

Result<ReplayWishes> wishes_in(std::int64_t id, Args words, std::string_view verb) {
    ReplayWishes out{.render = {.name = fmt::format("execution_{}", id)}};
    if (verb == kReplay) out.render.outputs.clear();
    const std::string command = fmt::format("{} {}", verb, id);
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
                     fmt::format("{} {} live", kReplay, id)};
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

/// What is played again: a performance, or a render.
using Again = std::variant<Performance, patterns::MadeBefore>;

Result<Again> again(Database &db, std::int64_t id) {
    const auto one = patterns::execution(db, id);
    if (!one) return one.error();
    if (*one && (*one)->kind == patterns::ExecutionKind::render) {
        auto before = patterns::made_before(db, **one, CHRONUS_VERSION);
        if (!before) return before.error();
        return Again{*std::move(before)};
    }
    auto performance = patterns::performance(db, id, CHRONUS_VERSION);
    if (!performance) return performance.error();
    return Again{*std::move(performance)};
}

/// What both have in common.
StudioAsked asked_for(const patterns::Execution &of, const ReplayWishes &wishes) {
    return {.name = wishes.render.name,
            .what = fmt::format("execution {} is being played again", of.id),
            .begin = {},
            .execution = {.slot = of.slot, .setlist = of.setlist, .song = of.song}};
}

Result<StudioAsked> asked_again(Context &context, const ReplayWishes &wishes,
                                Performance performance) {
    if (auto objection = patterns::objection_to(performance)) return *std::move(objection);
    if (auto room = room_for(context, wishes); !room) return room.error();
    StudioAsked out = asked_for(performance.execution, wishes);
    out.record = std::make_shared<const patterns::RenderRecord>(
        patterns::RenderRecord{.wishes = wishes.render,
                               .execution = performance.execution.id,
                               .from_bar = wishes.from_bar});
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
    out.begin = [order = std::move(order)](patterns::Studio &studio) {
        return studio.replay(order);
    };
    return out;
}

/// Its own outputs, where no others are named.
Result<StudioAsked> asked_again(Context &, const ReplayWishes &wishes,
                                patterns::MadeBefore before) {
    if (wishes.from_bar != 1 || wishes.live)
        return Error{Errc::unsupported,
                     fmt::format("execution {}: a render is made again from its beginning, and not "
                                 "heard",
                                 before.execution.id),
                     fmt::format("{} {}", kReplay, before.execution.id)};
    if (!wishes.render.outputs.empty()) before.record.wishes.outputs = wishes.render.outputs;
    StudioAsked out = asked_for(before.execution, wishes);
    out.record = std::make_shared<const patterns::RenderRecord>(before.record);
    out.begin =
        [order = patterns::RerenderOrder{.before = std::move(before), .name = wishes.render.name}](
            patterns::Studio &studio) { return studio.rerender(order); };
    return out;
}

} // namespace

Result<Reply> play_again(Context &context, Args args, std::string_view verb) {
    const std::int64_t id = int_at(args, 0);
    const auto wishes = wishes_in(id, args.subspan(1), verb);
    if (!wishes) return wishes.error();
    if (auto room = room_for(context, *wishes); !room) return room.error();
    return when_sure(context, [id, wishes = *wishes, said = typed(verb, args)](Context &sure) {
        return asked(
            sure, [id](Database &db) { return again(db, id); },
            [&sure, wishes, said, caller = sure.caller](const Again &found) -> Result<Reply> {
                auto asked = std::visit(
                    [&](const auto &one) { return asked_again(sure, wishes, one); }, found);
                if (!asked) return asked.error();
                asked->caller = caller;
                asked->said = said;
                return begin_job(sure, *asked);
            });
    });
}

namespace {

Result<Reply> replay(Context &context, Args args) { return play_again(context, args, kReplay); }

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
    Verb{kReplay, "i:execution ...",
         "Play a performance again offline, from what was done in it alone, and compare every "
         "second with what was heard; or make a render again, in a folder of its own, and compare "
         "its files. /render/report says what came of it. More arguments are "
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
