#include "patterns/history/item_keeper.h"

#include "patterns/history/contents.h"
#include "patterns/history/execution_rows.h"
#include "patterns/history/message_text.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace chronus::patterns {

namespace {

constexpr std::size_t kMostRecords = 4096;

Outcome set_position(Database &db, std::uint64_t identity, std::uint64_t position) {
    auto put = db.prepare("INSERT OR REPLACE INTO journal (one, identity, position)"
                          " VALUES (1, ?, ?)");
    if (!put) return put.error();
    return put->with(static_cast<std::int64_t>(identity), static_cast<std::int64_t>(position))
        .run();
}

/// Of this journal: of another it says nothing.
Result<std::uint64_t> kept_up_to(Database &db, std::uint64_t identity) {
    auto asked = db.prepare("SELECT position FROM journal WHERE identity = ?");
    if (!asked) return asked.error();
    const auto row = asked->with(static_cast<std::int64_t>(identity)).next();
    if (!row) return row.error();
    return *row ? static_cast<std::uint64_t>(asked->whole(0)) : 0;
}

/// What the next try would refuse as well.
bool is_for_good(const Error &error) {
    return error.code == Errc::conflict || error.code == Errc::too_big ||
           error.code == Errc::failed;
}

} // namespace

struct ItemKeeper::State {
    ExecutionRows rows;
    std::uint64_t position = 0; ///< all before it is kept
    std::uint64_t epoch = 0;    ///< of the scene below
    std::optional<NamedScene> scene = {};
    std::optional<std::int64_t> content = {}; ///< the next is much like it

    Outcome keep(Database &db, const RecordsLost &lost) {
        return rows.add_gap(db, lost.count, "no room");
    }
    Outcome keep(Database &db, const ItemRecord &r) {
        const Item &i = r.item;
        return rows.add(db,
                        {i.type, i.time_ms, i.frame, i.author, i.content, i.file, i.request,
                         i.output, i.metadata},
                        r.run);
    }
    Outcome keep(Database &db, const SentMessage &m) {
        const auto text = text_of(m, named(m.message));
        if (!text) return Done{};
        return rows.add(
            db,
            {.type = ItemType::applied, .time_ms = m.time_ms, .frame = m.frame, .content = *text});
    }
    Outcome keep(Database &db, const LentScene &lent) {
        const auto kept = keep_content(db, lent.content, content);
        if (!kept) return kept.error();
        content = kept->id;
        epoch = lent.epoch;
        scene = NamedScene{kept->hash, lent.uids};
        return rows.name_content(db, kept->id);
    }
    Outcome keep(Database &db, const LateMessages &l) {
        return rows.add(db, {.type = ItemType::late,
                             .time_ms = l.time_ms,
                             .frame = l.frame,
                             .content = text_of(l)});
    }
    Outcome keep(Database &db, const AlarmHeard &a) {
        return rows.add(db, {.type = ItemType::applied,
                             .time_ms = a.time_ms,
                             .frame = a.frame,
                             .content = text_of(a)});
    }
    Outcome keep(Database &db, const SecondHeard &s) {
        return rows.add(db, {.type = ItemType::audio_hash,
                             .time_ms = s.time_ms,
                             .frame = s.frame,
                             .content = text_of(s)});
    }
    Outcome keep(Database &db, const SessionBegin &s) { return rows.begin(db, s); }
    Outcome keep(Database &db, const SessionEnd &s) { return rows.end(db, s); }
    Outcome keep(Database &db, const ExecutionBegin &e) { return rows.begin(db, e); }
    Outcome keep(Database &db, const ExecutionEnd &e) { return rows.end(db, e); }

    /// The scene that came for this message, or one that was lost.
    NamedScene named(const Message &message) const {
        const auto *edit = std::get_if<Edit>(&message.what);
        const auto *other = std::get_if<Switch>(&message.what);
        const std::uint64_t wanted = edit ? edit->epoch : other ? other->epoch : 0;
        return scene && epoch == wanted ? *scene : NamedScene{};
    }

    Outcome keep(Database &db, const Record &record) {
        return std::visit([&](const auto &one) { return keep(db, one); }, record);
    }

    static Result<State> load(Database &db, const JournalRing &ring) {
        auto rows = ExecutionRows::load(db);
        if (!rows) return rows.error();
        const auto position = kept_up_to(db, ring.identity());
        if (!position) return position.error();
        State state{*std::move(rows), *position <= ring.end() ? *position : 0};
        auto last = db.prepare("SELECT max(content) FROM session_contents");
        if (!last) return last.error();
        if (const auto row = last->next(); !row) return row.error();
        if (!last->is_null(0)) state.content = last->whole(0);
        return state;
    }
};

ItemKeeper::ItemKeeper(Journal &journal) : ring_(journal.ring()) {}
ItemKeeper::~ItemKeeper() = default;

/// A record that is refused for good is found by taking them one by one.
Outcome ItemKeeper::drain(Database &db) {
    const std::uint64_t end = ring_.end();
    Batch batch{.end = end, .most = kMostRecords};
    for (;;) {
        const auto progress = drain_some(db, batch);
        if (progress && !*progress) return Done{};
        if (progress) {
            batch.skip = false;
            continue;
        }
        state_.reset();
        if (!is_for_good(progress.error()) || batch.skip) return progress.error();
        batch.skip = batch.most == 1;
        batch.most = 1;
    }
}

/// False: there is nothing left.
Result<bool> ItemKeeper::drain_some(Database &db, const Batch &batch) {
    if (const auto loaded = load(db); !loaded) return loaded.error();
    const std::uint64_t from = std::max(state_->position, ring_.first());
    if (from >= batch.end) return false;
    auto all = Transaction::begin(db);
    if (!all) return all.error();
    const auto to = keep_some(db, batch, from);
    if (!to) return to.error();
    if (*to == from) return false;
    if (const auto done = state_->rows.flush(db); !done) return done.error();
    if (const auto done = set_position(db, ring_.identity(), *to); !done) return done.error();
    if (const auto done = all->commit(); !done) return done.error();
    state_->position = *to;
    ring_.release(*to);
    return true;
}

/// Up to where. A scene is kept together with what it is for: alone it waits for that.
Result<std::uint64_t> ItemKeeper::keep_some(Database &db, const Batch &batch, std::uint64_t from) {
    std::uint64_t kept = from;
    bool scene = false;
    for (std::size_t n = 0; n < batch.most || scene; ++n) {
        bool damaged = false;
        const auto found = ring_.find(kept, batch.end, damaged);
        const auto record = found ? record_of(found->kind, found->payload) : std::nullopt;
        scene = record && std::holds_alternative<LentScene>(*record);
        if (scene && found->end == batch.end) return kept;
        if (damaged)
            if (const auto done = state_->rows.add_gap(db, 1, "damaged"); !done)
                return done.error();
        if (!found) return batch.end;
        const bool skip = !record || (batch.skip && n == 0);
        if (const auto done = state_->keep(db, skip ? Record{RecordsLost{1}} : *record); !done)
            return done.error();
        kept = found->end;
    }
    return kept;
}

Outcome ItemKeeper::load(Database &db) {
    if (state_) return Done{};
    auto state = State::load(db, ring_);
    if (!state) return state.error();
    state_ = std::make_unique<State>(*std::move(state));
    return Done{};
}

} // namespace chronus::patterns
