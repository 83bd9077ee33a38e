#include "osc/snapshot_writes.h"

#include "osc/ask_history.h"
#include "osc/collecting.h"
#include "osc/snapshot_json.h"
#include "osc/snapshots.h"
#include "osc/stage.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace chronus::osc {

namespace {

using patterns::Database;
using patterns::KeptSnapshot;

/// Does something with a snapshot and tells of it in a sentence.
template <class Write, class Tell>
Result<Reply> write_at(Context &context, Wanted at, Write write, Tell tell) {
    return when_sure(context, [at = std::move(at), write, tell](Context &sure) {
        return asked(
            sure,
            [at, write](Database &db) -> Result<KeptSnapshot> {
                auto kept = find(db, at);
                if (!kept) return kept.error();
                if (auto done = write(db, *kept); !done) return done.error();
                return kept;
            },
            [tell](const KeptSnapshot &kept) {
                return Reply{tell(kept.snapshot), {kept.snapshot.hash}};
            });
    });
}

} // namespace

Result<Reply> take_snapshot(Context &context, Args args) {
    return when_sure(context, [note = has(args, 0) ? text_at(args, 0) : ""](Context &sure) {
        return asked(
            sure,
            [now = sure.versions.in_play(sure, note, "manual")](
                Database &db) -> Result<KeptSnapshot> {
                auto kept = patterns::keep(db, {.document = now.document(), .about = now.about});
                if (!kept) return kept.error();
                return **std::move(kept);
            },
            [](const KeptSnapshot &kept) {
                return Reply{fmt::format("snapshot {}", called(kept.snapshot)),
                             {kept.snapshot.hash, text_of(kept.snapshot.version)}};
            });
    });
}

Result<Reply> tag_snapshot(Context &context, Args args) {
    const std::string name = text_at(args, 0);
    auto at = wanted(context, snapshot_at(args, 1), "/snapshot/tag");
    if (!at) return at.error();
    return write_at(
        context, *std::move(at),
        [name](Database &db, const KeptSnapshot &kept) { return patterns::tag(db, name, kept); },
        [name](const patterns::Snapshot &snapshot) {
            return fmt::format("snapshot {} is called {}", called(snapshot), name);
        });
}

Result<Reply> branch_snapshot(Context &context, Args args) {
    const std::string name = text_at(args, 0);
    const auto tell = [name](const patterns::Snapshot &snapshot) {
        return fmt::format("work goes on in {}, after {}", name, called(snapshot));
    };
    if (has(args, 1)) {
        auto at = wanted(context, text_at(args, 1), "/snapshot/branch");
        if (!at) return at.error();
        return write_at(
            context, *std::move(at),
            [name](Database &db, const KeptSnapshot &kept) {
                return patterns::branch(db, name, kept);
            },
            tell);
    }
    return when_sure(context, [name, tell](Context &sure) {
        return asked(
            sure,
            [name](Database &db) -> Result<KeptSnapshot> {
                if (auto done = patterns::branch(db, name, std::nullopt); !done)
                    return done.error();
                return patterns::find(db, "HEAD", {});
            },
            [tell](const KeptSnapshot &kept) {
                return Reply{tell(kept.snapshot), {kept.snapshot.hash}};
            });
    });
}

Result<Reply> annotate_snapshot(Context &context, Args args) {
    auto at = wanted(context, snapshot_at(args, 3), "/snapshot/annotate");
    if (!at) return at.error();
    patterns::Annotation said{.kind = text_at(args, 0), .text = text_at(args, 1)};
    if (has(args, 2)) said.node = text_at(args, 2);
    said.author = context.clients.author(context.caller.peer);
    said.time_ms = context.now_ms();
    return write_at(
        context, *std::move(at),
        [said](Database &db, const KeptSnapshot &kept) {
            return patterns::annotate(db, kept, said);
        },
        [said](const patterns::Snapshot &snapshot) {
            return fmt::format("{} on {}{}{}", said.kind, said.node,
                               said.node.empty() ? "" : " in ", called(snapshot));
        });
}

Result<Reply> collect_snapshots(Context &context, Args) {
    return when_sure(context, [](Context &sure) {
        return asked(
            sure,
            [&progress = sure.progress, now_ms = sure.now_ms()](Database &db) {
                return collect(db, progress, {.now_ms = now_ms});
            },
            [](const patterns::GcReport &report) {
                return Reply{
                    fmt::format("{} dropped, {} kept",
                                counted(static_cast<std::size_t>(report.dropped), "snapshot"),
                                report.kept),
                    {report.dropped, report.kept}};
            });
    });
}

/// The director has had it fetched, but where it is only tried.
Result<Reply> restore_snapshot(Context &context, Args args) {
    if (!context.fetched) return Reply{"will be brought back"};
    const patterns::KeptSnapshot &kept = context.fetched->kept;
    const bool now = context.on_line || has(args, 1);
    const Boundary boundary = now ? Boundary::now : Boundary::bar;
    const bool waits = context.session.running() && !now;
    const Chain::Link link{static_cast<int>(kept.snapshot.slot), 1,
                           patterns::KeptPattern{std::shared_ptr<const patterns::Document>{
                               context.fetched, &context.fetched->document}}};
    if (auto done = put_in_play(context, link, boundary); !done) return done.error();
    context.desk.chain = {};
    context.desk.switched = {.note = fmt::format("brought back {}", called(kept.snapshot)),
                             .trigger = "manual",
                             .restored = kept.snapshot.hash};
    return Reply{fmt::format("snapshot {} plays {}", called(kept.snapshot),
                             waits ? "from the next bar on" : "now"),
                 {kept.snapshot.hash, text_of(kept.snapshot.version), waits}};
}

} // namespace chronus::osc
