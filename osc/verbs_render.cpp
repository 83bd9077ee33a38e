#include "osc/ask_history.h"
#include "osc/context.h"
#include "osc/rendering.h"
#include "osc/snapshots.h"
#include "osc/stage.h"
#include "osc/typed.h"
#include "osc/verbs.h"
#include "patterns/show/render_record.h"
#include "patterns/show/render_wishes.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// Commands that play kept things offline.
namespace chronus::osc {

namespace {

using patterns::KeptPart;
using patterns::RenderWishes;

/// What is rendered, and what the history is told of it.
struct Source {
    std::string called; ///< "slot 3"
    std::string said;
    patterns::ExecutionBegin execution = {};
    std::string snapshot = {};
};

StudioAsked asked_of(Source source, std::vector<KeptPart> parts, RenderWishes wishes) {
    StudioAsked out{.name = wishes.name,
                    .what = source.called + " is being rendered",
                    .begin = {},
                    .said = std::move(source.said),
                    .execution = std::move(source.execution)};
    auto record = std::make_shared<const patterns::RenderRecord>(
        patterns::RenderRecord{.parts = std::move(parts),
                               .wishes = std::move(wishes),
                               .snapshot = std::move(source.snapshot)});
    out.begin = [record, called = std::move(source.called)](patterns::Studio &studio) {
        return studio.render(patterns::orders_of(*record).front(), called);
    };
    out.record = std::move(record);
    return out;
}

Result<Reply> render_slot(Context &context, Args args) {
    const auto slot = slot_at(context, args, 0, "/render/slot");
    if (!slot) return slot.error();
    RenderWishes wishes{.name = fmt::format("slot_{:03}", *slot)};
    const std::string command = fmt::format("/render/slot {}", *slot);
    if (auto set = set_wishes(wishes, args.subspan(1), command); !set) return set.error();
    const auto pattern = pattern_in(context, *slot, "/render/slot");
    if (!pattern) return pattern.error();
    return ask_for(context, asked_of({.called = fmt::format("slot {}", *slot),
                                      .said = typed("/render/slot", args),
                                      .execution = {.slot = *slot}},
                                     {{kept(*pattern), wishes.bars}}, wishes));
}

/// As it is when its turn in the bundle comes, edits before it included.
Result<Reply> render_pattern(Context &context, Args args) {
    RenderWishes wishes{.name = "pattern"};
    if (auto set = set_wishes(wishes, args, "/render/pattern"); !set) return set.error();
    const Label &label = label_heard(context);
    patterns::Document document{
        .scene = context.session.scene(), .metadata = label.metadata, .unknown = label.unknown};
    document.voices = context.session.config().voices;
    return ask_for(context,
                   asked_of({.called = "the pattern in play",
                             .said = typed("/render/pattern", args),
                             .execution = {.slot = label.slot,
                                           .setlist = label.place.set,
                                           .song = label.place.song}},
                            {{patterns::KeptPattern{std::move(document)}, wishes.bars}}, wishes));
}

Result<Reply> render_setlist(Context &context, Args args) {
    const auto set = full_set(context, text_at(args, 0));
    if (!set) return set.error();
    RenderWishes wishes;
    const std::string command = typed("/render/setlist", {(*set)->name});
    const auto wished = set_set_wishes(wishes, args.subspan(1), command);
    if (!wished) return wished.error();
    if (wishes.name.empty()) wishes.name = (*set)->name;
    auto parts = patterns::kept_parts(**set);
    if (!parts) {
        Error error = parts.error();
        error.hint = typed("/setlist/show", {(*set)->name});
        return error;
    }
    return ask_for(context, asked_of({.called = "set " + (*set)->name,
                                      .said = typed("/render/setlist", args),
                                      .execution = {.setlist = (*set)->name}},
                                     *std::move(parts), wishes));
}

/// The history is asked for it first.
Result<Reply> begin_snapshot(Context &context, Source source, const FetchedSnapshot &fetched,
                             RenderWishes wishes, Caller caller) {
    const patterns::Snapshot &snapshot = fetched.kept.snapshot;
    if (wishes.name.empty()) wishes.name = fmt::format("snapshot_{}", short_hash(snapshot));
    source.called = fmt::format("snapshot {}", short_hash(snapshot));
    source.execution.slot = snapshot.slot;
    source.snapshot = snapshot.hash;
    StudioAsked asked =
        asked_of(std::move(source), {{patterns::KeptPattern{fetched.document}, wishes.bars}},
                 std::move(wishes));
    asked.caller = std::move(caller);
    return begin_job(context, asked);
}

Result<Reply> render_snapshot(Context &context, Args args) {
    const std::string command = typed("/render/snapshot", {text_at(args, 0)});
    RenderWishes wishes;
    if (auto set = set_wishes(wishes, args.subspan(1), command); !set) return set.error();
    auto which = wanted(context, text_at(args, 0), "/render/snapshot");
    if (!which) return which.error();
    Source source{.called = {}, .said = typed("/render/snapshot", args)};
    return when_sure(context, [which = *std::move(which), wishes, source](Context &sure) {
        return asked(
            sure, [which](patterns::Database &db) { return fetch(db, which); },
            [&sure, wishes, source, caller = sure.caller](const FetchedSnapshot &fetched) {
                return begin_snapshot(sure, source, fetched, wishes, caller);
            });
    });
}

Result<Reply> render_execution(Context &context, Args args) {
    return play_again(context, args, "/render/execution");
}

constexpr std::array kVerbs{
    Verb{"/render/execution", "i:execution ...",
         "Play a performance again offline, from what was done in it alone, and keep what comes of "
         "it in the folder renders; or a render, into a folder of its own there. More arguments "
         "are those of /history/replay, which only compares where no outputs are named; here they "
         "are wav24 unless told. Answers s:job s:folder at once.",
         "/render/execution 1 outputs=stems", render_execution, Acts::keeps},
    Verb{"/render/pattern", "...",
         "Play the pattern that is in play offline, as it is now, and keep what comes of it. "
         "Arguments and answer as of /render/slot; without a name files are called pattern.",
         "/render/pattern bars=4", render_pattern, Acts::keeps},
    Verb{"/render/report", "s:job",
         "What came of a render, or of an export: levels, files, sizes and hashes, as JSON. "
         "/progress/show tells of "
         "one that goes on, /job/cancel ends it.",
         "/render/report 1", render_report},
    Verb{
        "/render/slot", "i:slot ...",
        "Play a slot offline, faster than it sounds, and keep what comes of it in the folder "
        "renders. More arguments are bars=8, outputs=wav24,stems (wav16, wav24, wav32f, flac, ogg, "
        "stems, midi, plot), name=take, rate=48000, tail=20: it rings on until it is silent, so "
        "many seconds at most. Answers s:job s:folder at once.",
        "/render/slot 1 bars=8 outputs=wav24,plot", render_slot, Acts::keeps},
    Verb{"/render/setlist", "s:set ...",
         "Play a set through offline, song after song without a gap, into one piece called as the "
         "set; /setlist/process makes files of each song. Nothing is kept with the set. More "
         "arguments are outputs=wav24,plot, name=take, rate=48000, tail=20. Answers s:job s:folder "
         "at once.",
         "/render/setlist friday outputs=flac", render_setlist, Acts::keeps},
    Verb{"/render/snapshot", "s:snapshot ...",
         "Play a snapshot offline, by any of its names, and keep what comes of it. More arguments "
         "and the answer are as of /render/slot; without a name files are called snapshot_ and the "
         "first digits of its hash.",
         "/render/snapshot HEAD bars=8", render_snapshot, Acts::keeps},
};

} // namespace

std::span<const Verb> render_verbs() { return kVerbs; }

} // namespace chronus::osc
