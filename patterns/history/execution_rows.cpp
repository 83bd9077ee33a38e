#include "patterns/history/execution_rows.h"

#include "patterns/history/contents.h"
#include "patterns/history/message_text.h"
#include "patterns/text/json_writer.h"

#include <fmt/format.h>

#include <string_view>

namespace chronus::patterns {

namespace {

/// None takes no room.
std::optional<std::int64_t> if_any(std::int64_t number) {
    return number == 0 ? std::nullopt : std::optional{number};
}

/// That are known without asking.
constexpr std::size_t kMostAuthors = 256;

std::int64_t since(Frame start, Frame frame) { return static_cast<std::int64_t>(frame - start); }

Result<std::int64_t> last_row(Database &db) {
    auto asked = db.prepare("SELECT last_insert_rowid()");
    if (!asked) return asked.error();
    if (const auto row = asked->next(); !row) return row.error();
    return asked->whole(0);
}

Result<std::int64_t> insert_session(Database &db, const SessionBegin &begin,
                                    std::optional<std::int64_t> content) {
    auto put = db.prepare("INSERT INTO sessions (start_ms, version, rate, voices, seed, content,"
                          " uids) VALUES (?, ?, ?, ?, ?, ?, ?)");
    if (!put) return put.error();
    put->with(begin.time_ms, begin.version, std::int64_t{begin.rate}, std::int64_t{begin.voices},
              static_cast<std::int64_t>(begin.seed), content, uids_text(begin.uids));
    if (const auto done = put->run(); !done) return done.error();
    return last_row(db);
}

} // namespace

// Sessions.

Outcome ExecutionRows::begin(Database &db, const SessionBegin &begin) {
    if (auto done = close_all(db, ExecutionStatus::killed, last_ms_.value_or(0), last_frame_);
        !done)
        return done;
    std::optional<std::int64_t> content;
    if (!begin.content.empty()) {
        const auto kept = keep_content(db, begin.content, {});
        if (!kept) return kept.error();
        content = kept->id;
    }
    const auto id = insert_session(db, begin, content);
    if (!id) return id.error();
    session_ = *id;
    last_ms_ = begin.time_ms;
    last_frame_ = 0;
    return content ? name_content(db, *content) : Outcome{Done{}};
}

Outcome ExecutionRows::end(Database &db, const SessionEnd &end) {
    if (auto done = close_all(db, ExecutionStatus::stopped, end.time_ms, end.frame); !done)
        return done;
    auto put = db.prepare("UPDATE sessions SET end_ms = ? WHERE id = ?");
    if (!put) return put.error();
    return put->with(end.time_ms, session_).run();
}

/// One whose beginning was lost says nothing of itself, so that no replay trusts it.
Result<std::int64_t> ExecutionRows::session(Database &db) {
    if (session_) return *session_;
    const auto id = insert_session(db, {.time_ms = last_ms_.value_or(0)}, {});
    if (id) session_ = *id;
    return id;
}

Outcome ExecutionRows::name_content(Database &db, std::int64_t content) {
    const auto in = session(db);
    if (!in) return in.error();
    auto put =
        db.prepare("INSERT OR IGNORE INTO session_contents (content, session) VALUES (?, ?)");
    if (!put) return put.error();
    return put->with(content, *in).run();
}

// Executions.

Result<ExecutionRows::Open> ExecutionRows::opened(Database &db, const ExecutionBegin &begin) {
    last_ms_ = begin.time_ms;
    last_frame_ = begin.frame;
    const auto in = session(db);
    if (!in) return in.error();
    auto put = db.prepare("INSERT INTO executions (session, run, kind, status, name, slot, setlist,"
                          " song, author, snapshot, start_ms, start_frame)"
                          " VALUES (?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!put) return put.error();
    put->with(*in, static_cast<std::int64_t>(begin.run), name_of(begin.kind), begin.name,
              begin.slot, begin.setlist, begin.song, begin.author, begin.snapshot, begin.time_ms,
              static_cast<std::int64_t>(begin.frame));
    if (const auto done = put->run(); !done) return done.error();
    const auto id = last_row(db);
    if (!id) return id.error();
    return Open{.id = *id, .start_ms = begin.time_ms, .start_frame = begin.frame, .changed = true};
}

Outcome ExecutionRows::begin(Database &db, const ExecutionBegin &begin) {
    if (begin.run == 0)
        if (auto done = close_pause(db, begin.time_ms, begin.frame); !done) return done;
    if (const auto before = open_.find(begin.run); before != open_.end())
        if (auto done = end(db, {begin.run, ExecutionStatus::stopped, begin.time_ms, begin.frame});
            !done)
            return done;
    auto open = opened(db, begin);
    if (!open) return open.error();
    const auto at = open_.insert_or_assign(begin.run, *std::move(open)).first;
    return insert(db, at->second,
                  {.type = ItemType::start,
                   .time_ms = begin.time_ms,
                   .frame = begin.frame,
                   .author = begin.author});
}

Outcome ExecutionRows::end(Database &db, const ExecutionEnd &end) {
    const auto at = open_.find(end.run);
    if (at == open_.end()) return Done{}; // its beginning was lost
    if (auto done = close(db, at->second, end); !done) return done;
    open_.erase(at);
    return Done{};
}

/// With an item that says how.
Outcome ExecutionRows::close(Database &db, Open &open, const ExecutionEnd &end) {
    const bool well =
        end.status == ExecutionStatus::complete || end.status == ExecutionStatus::stopped;
    JsonWriter said;
    said.begin_object().key("status").value(name_of(end.status));
    if (!end.why.empty()) said.key("why").value(end.why);
    if (auto done = insert(db, open,
                           {.type = well ? ItemType::complete : ItemType::error,
                            .time_ms = end.time_ms,
                            .frame = end.frame,
                            .content = said.end_object().text()});
        !done)
        return done;
    if (auto done = flush(db, open); !done) return done;
    auto put =
        db.prepare("UPDATE executions SET status = ?, end_ms = ?, end_frame = ? WHERE id = ?");
    if (!put) return put.error();
    return put
        ->with(name_of(end.status), end.time_ms, static_cast<std::int64_t>(end.frame), open.id)
        .run();
}

Outcome ExecutionRows::close_pause(Database &db, std::int64_t time_ms, Frame frame) {
    if (!pause_) return Done{};
    if (auto done = close(db, *pause_, {0, ExecutionStatus::complete, time_ms, frame}); !done)
        return done;
    pause_.reset();
    return Done{};
}

Outcome ExecutionRows::close_all(Database &db, ExecutionStatus status, std::int64_t time_ms,
                                 Frame frame) {
    if (auto done = close_pause(db, time_ms, frame); !done) return done;
    for (auto &[run, open] : open_)
        if (auto done = close(db, open, {run, status, time_ms, frame}); !done) return done;
    open_.clear();
    return Done{};
}

/// Where what has no number of its own belongs.
Result<ExecutionRows::Open *> ExecutionRows::stage(Database &db, std::int64_t time_ms,
                                                   Frame frame) {
    if (const auto at = open_.find(0); at != open_.end()) return &at->second;
    if (!pause_) {
        auto open = opened(db, {.kind = ExecutionKind::pause, .time_ms = time_ms, .frame = frame});
        if (!open) return open.error();
        pause_ = *std::move(open);
    }
    return &*pause_;
}

Result<ExecutionRows::Open *> ExecutionRows::place(Database &db, const ItemView &item,
                                                   std::uint64_t run) {
    if (const auto at = open_.find(run); at != open_.end()) return &at->second;
    return stage(db, item.time_ms, item.frame);
}

// Items.

Outcome ExecutionRows::add(Database &db, const ItemView &item, std::uint64_t run) {
    if (run == kLastPerformance) {
        auto last = last_performance(db);
        if (!last) return last.error();
        if (*last) {
            if (auto done = insert(db, **last, item); !done) return done;
            return flush(db, **last);
        }
    }
    const auto open = place(db, item, run);
    if (!open) return open.error();
    return insert(db, **open, item);
}

/// Before anything was kept nobody misses what was lost.
Outcome ExecutionRows::add_gap(Database &db, std::uint64_t lost, std::string_view why) {
    if (!last_ms_) return Done{};
    const auto open = stage(db, *last_ms_, last_frame_);
    if (!open) return open.error();
    (*open)->lost += static_cast<std::int64_t>(lost);
    return insert(db, **open,
                  {.type = ItemType::gap,
                   .time_ms = *last_ms_,
                   .frame = last_frame_,
                   .content = fmt::format(R"({{"lost":{},"why":"{}"}})", lost, why)});
}

Outcome ExecutionRows::insert(Database &db, Open &open, const ItemView &item) {
    const auto by = author(db, item.author);
    if (!by) return by.error();
    if (!insert_) {
        auto made = db.prepare("INSERT INTO items (execution, seq, type, time, frame, author,"
                               " content, output, request, file, metadata)"
                               " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        if (!made) return made.error();
        insert_ = *std::move(made);
    }
    insert_->with(open.id, open.items + 1, static_cast<std::int64_t>(item.type),
                  item.time_ms - open.start_ms, since(open.start_frame, item.frame), if_any(*by),
                  if_any(item.content), if_any(std::int64_t{item.output}), if_any(item.request),
                  if_any(item.file), if_any(item.metadata));
    if (auto done = insert_->run(); !done) return done;
    ++open.items;
    ++open.counts[{item.type, *by}];
    open.changed = true;
    last_ms_ = item.time_ms;
    last_frame_ = item.frame;
    return Done{};
}

/// 0: nobody.
Result<std::int64_t> ExecutionRows::author(Database &db, std::string_view name) {
    if (name.empty()) return std::int64_t{0};
    if (const auto known = authors_.find(name); known != authors_.end()) return known->second;
    if (authors_.size() >= kMostAuthors) authors_.clear();
    auto put = db.prepare("INSERT OR IGNORE INTO authors (name) VALUES (?)");
    if (!put) return put.error();
    if (const auto done = put->with(name).run(); !done) return done.error();
    auto asked = db.prepare("SELECT id FROM authors WHERE name = ?");
    if (!asked) return asked.error();
    if (const auto row = asked->with(name).next(); !row) return row.error();
    return authors_.emplace(name, asked->whole(0)).first->second;
}

Outcome ExecutionRows::flush(Database &db) {
    insert_.reset();
    if (pause_)
        if (auto done = flush(db, *pause_); !done) return done;
    for (auto &[run, open] : open_)
        if (auto done = flush(db, open); !done) return done;
    return Done{};
}

Outcome ExecutionRows::flush(Database &db, Open &open) {
    if (!open.changed) return Done{};
    auto put = db.prepare("UPDATE executions SET items = ?, lost = ? WHERE id = ?");
    if (!put) return put.error();
    if (auto done = put->with(open.items, open.lost, open.id).run(); !done) return done;
    auto count = db.prepare("INSERT INTO item_counts (execution, type, author, items)"
                            " VALUES (?, ?, ?, ?) ON CONFLICT (execution, type, author)"
                            " DO UPDATE SET items = items + excluded.items");
    if (!count) return count.error();
    for (const auto &[what, more] : open.counts)
        if (auto done =
                count->with(open.id, static_cast<std::int64_t>(what.first), what.second, more)
                    .run();
            !done)
            return done;
    open.counts.clear();
    open.changed = false;
    return Done{};
}

} // namespace chronus::patterns
