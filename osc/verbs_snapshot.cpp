#include "osc/ask_history.h"
#include "osc/snapshot_json.h"
#include "osc/snapshot_writes.h"
#include "osc/snapshots.h"
#include "osc/verbs.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <utility>

/// Commands that look at what was, and bring it back.
namespace chronus::osc {

namespace {

using patterns::Database;
using patterns::KeptSnapshot;
using patterns::Name;

constexpr IntRange kLimits{1, 10'000};
constexpr std::int64_t kUsual = 50;

struct Found {
    std::vector<KeptSnapshot> all;
    std::vector<Name> names;
};

Result<Found> with_names(Database &db, Result<std::vector<KeptSnapshot>> all) {
    if (!all) return all.error();
    auto names = patterns::names(db);
    if (!names) return names.error();
    return Found{*std::move(all), *std::move(names)};
}

std::string counted_of(const Found &found) { return counted(found.all.size(), "snapshot"); }

Reply list_of(const Found &found) {
    return listed(counted_of(found), found.all.size(), list_json(found.all, found.names));
}

Result<std::size_t> limit_at(Args args, std::size_t i, std::string_view verb) {
    if (!has(args, i)) return static_cast<std::size_t>(kUsual);
    const auto limit = to_index(args[i], "limit", kLimits);
    if (!limit)
        return Error{limit.error().code, limit.error().what, fmt::format("{} {}", verb, kUsual)};
    return static_cast<std::size_t>(*limit);
}

Result<Reply> list(Context &context, Args args) {
    const auto most = limit_at(args, 0, "/snapshot/list");
    if (!most) return most.error();
    return asked(
        context,
        [most = *most](Database &db) { return with_names(db, patterns::newest(db, most)); },
        list_of);
}

Result<Reply> graph(Context &context, Args args) {
    const auto most = limit_at(args, 0, "/snapshot/graph");
    if (!most) return most.error();
    return asked(
        context,
        [most = *most](Database &db) { return with_names(db, patterns::newest(db, most)); },
        [](const Found &found) {
            return Reply{.text = counted_of(found), .document = graph_json(found.all, found.names)};
        });
}

Result<Reply> log(Context &context, Args args) {
    const auto from = wanted(context, snapshot_at(args, 0), "/snapshot/log");
    if (!from) return from.error();
    const auto most = limit_at(args, 1, "/snapshot/log HEAD");
    if (!most) return most.error();
    return asked(
        context,
        [from = *from, most = *most](Database &db) -> Result<Found> {
            const auto kept = find(db, from);
            if (!kept) return kept.error();
            return with_names(db, patterns::line(db, *kept, most));
        },
        list_of);
}

Result<Shown> shown(Database &db, const Wanted &wanted) {
    auto fetched = fetch(db, wanted);
    if (!fetched) return fetched.error();
    auto said = patterns::annotations(db, fetched->kept);
    if (!said) return said.error();
    auto names = patterns::names(db);
    if (!names) return names.error();
    auto structure = structure_of(fetched->kept.snapshot, fetched->document);
    return Shown{std::move(fetched->kept), std::move(structure), *std::move(said),
                 *std::move(names)};
}

Result<Reply> show(Context &context, Args args) {
    const auto which = wanted(context, snapshot_at(args, 0), "/snapshot/show");
    if (!which) return which.error();
    return asked(
        context, [which = *which](Database &db) { return shown(db, which); },
        [](const Shown &found) {
            const patterns::Snapshot &snapshot = found.kept.snapshot;
            return Reply{.text = fmt::format("snapshot {}{}{}", called(snapshot),
                                             snapshot.note.empty() ? "" : ": ", snapshot.note),
                         .document = show_json(found)};
        });
}

/// The other side: a snapshot, or what plays now.
Result<FetchedSnapshot> other(Database &db, const std::optional<Wanted> &wanted,
                              const InPlay &now) {
    if (wanted) return fetch(db, *wanted);
    FetchedSnapshot out{.kept = {}, .document = now.document()};
    out.kept.snapshot = now.about;
    return out;
}

Result<Reply> compare(Context &context, Args args) {
    const auto a = wanted(context, text_at(args, 0), "/snapshot/compare");
    if (!a) return a.error();
    std::optional<Wanted> b;
    if (has(args, 1)) {
        const auto named = wanted(context, text_at(args, 1), "/snapshot/compare");
        if (!named) return named.error();
        b = *named;
    }
    const auto compared = [a = *a, b, now = context.versions.in_play(context, "", "")](
                              Database &db) -> Result<Compared> {
        const auto from = fetch(db, a);
        if (!from) return from.error();
        const auto to = other(db, b, now);
        if (!to) return to.error();
        return Compared{from->kept.snapshot, to->kept.snapshot,
                        patterns::compare(structure_of(from->kept.snapshot, from->document),
                                          structure_of(to->kept.snapshot, to->document))};
    };
    return asked(context, compared, [](const Compared &found) {
        const auto &changes = found.changes;
        const std::size_t rest = changes.connected.size() + changes.disconnected.size() +
                                 changes.settings.size() + changes.metadata.size() +
                                 changes.variables.size() + changes.triggers.size();
        return Reply{.text =
                         changes == patterns::Comparison{}
                             ? fmt::format("{} and {} are equal", called(found.a), called(found.b))
                             : fmt::format("{} to {}: {} and {} differ", called(found.a),
                                           called(found.b), counted(changes.nodes.size(), "node"),
                                           counted(rest, "other thing")),
                     .document = compare_json(found)};
    });
}

Result<Reply> blame(Context &context, Args args) {
    const std::string track = text_at(args, 0);
    const std::int64_t step = has(args, 1) ? int_at(args, 1) : 0;
    const auto at = wanted(context, snapshot_at(args, 2), "/snapshot/blame");
    if (!at) return at.error();
    using Steps = std::vector<patterns::BlamedStep>;
    return asked(
        context,
        [at = *at, track, step, all = !has(args, 1)](Database &db) -> Result<Steps> {
            const auto kept = find(db, at);
            if (!kept) return kept.error();
            auto steps = patterns::blame(db, *kept, track);
            if (!steps || all) return steps;
            if (step < 1 || step > static_cast<std::int64_t>(steps->size()))
                return Error{Errc::out_of_range,
                             fmt::format("step {}: {} has 1..{}", step, track, steps->size()),
                             fmt::format("/snapshot/blame \"{}\" 1", track)};
            return Steps{(*steps)[static_cast<std::size_t>(step - 1)]};
        },
        [track](const Steps &steps) {
            return listed(fmt::format("{} of {}", counted(steps.size(), "step"), track),
                          steps.size(), blame_json(steps));
        });
}

constexpr std::array kVerbs{
    Verb{"/snapshot/list", "i:limit?", "The newest snapshots of all branches, as JSON.",
         "/snapshot/list 10", list},
    Verb{"/snapshot/show", "s:snapshot?",
         "All that a snapshot holds, as JSON: nodes, connections, settings, and what is said of "
         "it. One is asked for by its hash or the first 4 digits of it, a tag, a branch, HEAD, "
         "HEAD~3, slot:12, bar:17 or bar:-4; without a name it is HEAD.",
         "/snapshot/show HEAD", show},
    Verb{"/snapshot/log", "s:from? i:limit?", "A snapshot and those before it, as JSON.",
         "/snapshot/log HEAD 10", log},
    Verb{"/snapshot/graph", "i:limit?",
         "Branches, tags and the newest snapshots with those before them, as JSON.",
         "/snapshot/graph 10", graph},
    Verb{"/snapshot/compare", "s:from s:to?",
         "What differs between two snapshots, or one and what plays now, as JSON: nodes added, "
         "removed and modified, connections, settings; and as text side by side.",
         "/snapshot/compare HEAD", compare},
    Verb{"/snapshot/take", "s:message?",
         "Keep what plays now. Answers s:hash s:version when it is on the disk.",
         "/snapshot/take \"the good one\"", take_snapshot, Acts::keeps},
    Verb{"/snapshot/restore", "s:snapshot s:when?",
         "Play a snapshot from the next bar on, at once when stopped, or when said: now, step+1, "
         "beat+2, bar+1, bar:17. Nothing is lost: what played is a snapshot too.",
         "/snapshot/restore HEAD", restore_snapshot, Acts::switches},
    Verb{"/snapshot/branch", "s:name s:at?",
         "Go on working in a branch: one that is there, or a new one that begins at HEAD or where "
         "said. What plays goes on.",
         "/snapshot/branch idea", branch_snapshot, Acts::keeps},
    Verb{"/snapshot/tag", "s:name s:at?", "Give HEAD, or another snapshot, a name for ever.",
         "/snapshot/tag good HEAD", tag_snapshot, Acts::keeps, Extra::refused},
    Verb{"/snapshot/annotate", "s:kind s:text s:node? s:at?",
         "Say something of a snapshot (HEAD), or of a node in it such as \"track kick\" or voice1: "
         "a note, a bug or an insight.",
         "/snapshot/annotate note \"the good one\"", annotate_snapshot, Acts::keeps},
    Verb{"/snapshot/blame", "s:track i:step? s:at?",
         "Which snapshot first had a step of a track as it is, or each of them, as JSON.",
         "/snapshot/blame kick 1", blame},
    Verb{"/snapshot/gc", "",
         "Drop what is older than 30 days and not among the newest 10,000, unless a tag, a branch, "
         "an annotation or a performance names it or it was taken by hand. The daemon does so by "
         "itself.",
         "/snapshot/gc", collect_snapshots, Acts::removes, Extra::refused},
};

} // namespace

std::span<const Verb> snapshot_verbs() { return kVerbs; }

} // namespace chronus::osc
