#include "patterns/history/snapshots.h"

#include "patterns/history/content.h"
#include "patterns/history/contents.h"
#include "patterns/text/hash.h"

#include <fmt/format.h>

#include <utility>

namespace chronus::patterns {

namespace {

constexpr std::string_view kColumns = "SELECT s.id, s.content, s.parent, s.header FROM snapshots s";

Result<KeptSnapshot> kept_in(const Statement &row) {
    auto snapshot = snapshot_of(row.text(3));
    if (!snapshot) return snapshot.error();
    KeptSnapshot out{.id = row.whole(0), .content = row.whole(1), .snapshot = *std::move(snapshot)};
    if (!row.is_null(2)) out.parent = row.whole(2);
    return out;
}

Result<std::optional<KeptSnapshot>> one(Statement &asked) {
    const auto row = asked.next();
    if (!row) return row.error();
    if (!*row) return std::optional<KeptSnapshot>{};
    auto kept = kept_in(asked);
    if (!kept) return kept.error();
    return std::optional{*std::move(kept)};
}

Result<Comparison> changes_since(Database &db, const KeptSnapshot &before, const Structure &now) {
    const auto document = document_of(db, before);
    if (!document) return document.error();
    return compare(structure_of(before.snapshot, *document), now);
}

Outcome insert(Database &db, KeptSnapshot &kept) {
    const Snapshot &snapshot = kept.snapshot;
    const std::string header = header_text(snapshot);
    kept.snapshot.hash = sha256_hex(header);
    auto put = db.prepare(
        "INSERT OR IGNORE INTO snapshots (hash, content, parent, time_ms, run, bar, asked, header)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    if (!put) return put.error();
    put->with(std::string_view{snapshot.hash}, kept.content, kept.parent, snapshot.time_ms,
              snapshot.run, snapshot.bar, std::int64_t{snapshot.trigger == "manual"},
              std::string_view{header});
    if (auto done = put->run(); !done) return done;
    auto asked = db.prepare("SELECT id FROM snapshots WHERE hash = ?");
    if (!asked) return asked.error();
    if (const auto row = asked->with(std::string_view{snapshot.hash}).next(); !row)
        return row.error();
    kept.id = asked->whole(0);
    return Done{};
}

/// The performance that began with it names it. Those that began just now are among the last.
Outcome note_performed(Database &db, const KeptSnapshot &kept) {
    if (kept.snapshot.run == 0) return Done{};
    auto put = db.prepare("UPDATE executions SET snapshot = ? WHERE snapshot = '' AND start_ms = ?"
                          " AND kind = 'performance'"
                          " AND id > (SELECT max(id) FROM executions) - 100");
    if (!put) return put.error();
    return put->with(std::string_view{kept.snapshot.hash}, kept.snapshot.run).run();
}

/// Which tracks came, went or changed: where somebody asks who did, only those are looked at.
Outcome note_touched(Database &db, const KeptSnapshot &kept, const Comparison &changes) {
    auto put = db.prepare("INSERT OR IGNORE INTO touched (node, snapshot) VALUES (?, ?)");
    if (!put) return put.error();
    for (const NodeChange &change : changes.nodes)
        if (change.node.starts_with(kTrackNode))
            if (auto done = put->with(std::string_view{change.node}, kept.id).run(); !done)
                return done;
    return Done{};
}

Outcome move_head(Database &db, const KeptSnapshot &to) {
    auto put = db.prepare("INSERT OR REPLACE INTO names (name, kind, snapshot, time_ms)"
                          " SELECT branch, 'branch', ?, ? FROM head");
    if (!put) return put.error();
    return put->with(to.id, to.snapshot.time_ms).run();
}

/// On top of what was before, if anything was.
Outcome place(KeptSnapshot &kept, Comparison &changes, const Structure &now, Database &db,
              const std::optional<KeptSnapshot> &before) {
    if (!before) {
        changes = compare(Structure{}, now);
        return Done{};
    }
    auto since = changes_since(db, *before, now);
    if (!since) return since.error();
    changes = *std::move(since);
    kept.parent = before->id;
    kept.snapshot.parents = {before->snapshot.hash};
    kept.snapshot.version = next(before->snapshot.version, changes);
    return Done{};
}

} // namespace

Result<std::optional<KeptSnapshot>> keep(Database &db, const ToKeep &pattern) {
    auto all = Transaction::begin(db);
    if (!all) return all.error();
    const auto before = head(db);
    if (!before) return before.error();
    const auto content = keep_content(db, content_text(pattern.document),
                                      *before ? std::optional{(*before)->content} : std::nullopt);
    if (!content) return content.error();
    if (pattern.only_if_changed && *before && (*before)->content == content->id)
        return std::optional<KeptSnapshot>{};
    KeptSnapshot kept{.content = content->id, .snapshot = pattern.about};
    kept.snapshot.content = content->hash;
    kept.snapshot.voices = pattern.document.voices;
    Comparison changes;
    const Structure now = structure_of(kept.snapshot, pattern.document);
    if (auto done = place(kept, changes, now, db, *before); !done) return done.error();
    if (!pattern.restored.empty()) kept.snapshot.parents.push_back(pattern.restored);
    if (auto done = insert(db, kept); !done) return done.error();
    if (auto done = note_performed(db, kept); !done) return done.error();
    if (auto done = note_touched(db, kept, changes); !done) return done.error();
    if (auto done = move_head(db, kept); !done) return done.error();
    if (auto done = all->commit(); !done) return done.error();
    return std::optional{std::move(kept)};
}

Result<std::string> keep_aside(Database &db, const ToKeep &pattern) {
    const auto content = keep_content(db, content_text(pattern.document), std::nullopt);
    if (!content) return content.error();
    auto asked =
        db.prepare("SELECT hash FROM snapshots WHERE content = ? ORDER BY id DESC LIMIT 1");
    if (!asked) return asked.error();
    const auto row = asked->with(content->id).next();
    if (!row) return row.error();
    if (*row) return std::string{asked->text(0)};
    KeptSnapshot kept{.content = content->id, .snapshot = pattern.about};
    kept.snapshot.content = content->hash;
    kept.snapshot.voices = pattern.document.voices;
    if (auto done = insert(db, kept); !done) return done.error();
    return kept.snapshot.hash;
}

/// Whole files are set aside for being corrupt; of this one only a snapshot is.
Result<Document> document_of(Database &db, const KeptSnapshot &kept) {
    const auto text = content(db, kept.content);
    if (!text) return text.error();
    auto document = document_of_content(*text);
    if (!document)
        return Error{
            document.error().code == Errc::corrupt ? Errc::failed : document.error().code,
            fmt::format("snapshot {}: {}", short_hash(kept.snapshot), document.error().what)};
    document->voices = static_cast<std::uint16_t>(kept.snapshot.voices);
    return document;
}

Result<std::optional<KeptSnapshot>> snapshot_at(Database &db, std::int64_t id) {
    auto asked = db.prepare(fmt::format("{} WHERE s.id = ?", kColumns));
    if (!asked) return asked.error();
    return one(asked->with(id));
}

Result<std::optional<KeptSnapshot>> head(Database &db) {
    auto asked = db.prepare(fmt::format("{} JOIN names n ON n.snapshot = s.id"
                                        " JOIN head h ON h.branch = n.name",
                                        kColumns));
    if (!asked) return asked.error();
    return one(*asked);
}

Result<std::vector<KeptSnapshot>> line(Database &db, const KeptSnapshot &from, std::size_t most) {
    std::vector<KeptSnapshot> out{from};
    auto asked = db.prepare(fmt::format("{} WHERE s.id = ?", kColumns));
    if (!asked) return asked.error();
    while (out.size() < most && out.back().parent) {
        auto next = one(asked->with(*out.back().parent));
        if (!next) return next.error();
        if (!*next) break;
        out.push_back(**std::move(next));
    }
    return out;
}

Result<std::vector<KeptSnapshot>> newest(Database &db, std::size_t most) {
    auto asked = db.prepare(fmt::format("{} ORDER BY s.id DESC LIMIT ?", kColumns));
    if (!asked) return asked.error();
    asked->with(static_cast<std::int64_t>(most));
    std::vector<KeptSnapshot> out;
    for (;;) {
        auto next = one(*asked);
        if (!next) return next.error();
        if (!*next) return out;
        out.push_back(**std::move(next));
    }
}

Result<std::int64_t> count(Database &db) {
    auto asked = db.prepare("SELECT count(*) FROM snapshots");
    if (!asked) return asked.error();
    if (const auto row = asked->next(); !row) return row.error();
    return asked->whole(0);
}

} // namespace chronus::patterns
