#pragma once

#include "engine/result.h"
#include "patterns/history/database.h"
#include "patterns/history/snapshot.h"
#include "patterns/text/codec.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The snapshots in `history.db`. Thread: that of the database. Errors: its own, besides those
/// told.
namespace chronus::patterns {

/// A snapshot and its place in the database.
struct KeptSnapshot {
    std::int64_t id = 0, content = 0;
    std::optional<std::int64_t> parent = {}; ///< the nearest before it that is kept
    Snapshot snapshot;
};

/// A pattern to be kept. What `Snapshot` has of its own is filled in.
struct ToKeep {
    Document document;
    Snapshot about = {};
    std::string restored = {};    ///< hash of what it was brought back from
    bool only_if_changed = false; ///< else also when it holds what the one before does
};

/// Puts a snapshot on the line of work, and the line there. Nothing: it was not changed.
Result<std::optional<KeptSnapshot>> keep(Database &db, const ToKeep &pattern);

/// The hash of the last snapshot that holds this pattern: of one taken beside the line of work,
/// which it leaves as it is, where none does.
Result<std::string> keep_aside(Database &db, const ToKeep &pattern);

/// What a snapshot holds. Errors: failed - it is not what was kept.
Result<Document> document_of(Database &db, const KeptSnapshot &kept);

Result<std::optional<KeptSnapshot>> snapshot_at(Database &db, std::int64_t id);
/// Of the branch at work; nothing before the first.
Result<std::optional<KeptSnapshot>> head(Database &db);

/// It and those before it, as many as are kept and wanted.
Result<std::vector<KeptSnapshot>> line(Database &db, const KeptSnapshot &from, std::size_t most);
/// Those of all branches, the last one first.
Result<std::vector<KeptSnapshot>> newest(Database &db, std::size_t most);

/// How many there are.
Result<std::int64_t> count(Database &db);

} // namespace chronus::patterns
