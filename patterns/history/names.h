#pragma once

#include "patterns/history/snapshots.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What snapshots are called. Thread and errors: as in snapshots.h.
namespace chronus::patterns {

/// Where the music is and what slots hold, for names that mean that.
struct Here {
    std::int64_t run = 0, bar = 0; ///< as in `Snapshot`; 0 the sequencer stands
    std::string slot = {};         ///< of "slot:12": the text of what it holds
};

/// Finds a full hash, the first digits of one (4 at least), a tag, a branch, `HEAD`, `slot:12`, the
/// newest that holds what the slot does, `bar:17`, what was heard then, or `bar:-4`, so many bars
/// ago; after any of them `~3`, so many before it.
///
/// Errors: not_found, out_of_range, conflict - several begin so; the hint works.
Result<KeptSnapshot> find(Database &db, std::string_view name, const Here &here);
/// 12 for "slot:12" and "slot:12~3", nothing for what asks for no slot.
std::optional<std::int64_t> slot_in(std::string_view name);

/// A name that stays where it is (tag), or goes on with the work (branch).
struct Name {
    std::string name, kind;
    std::int64_t snapshot = 0; ///< its id
    bool at_work = false;      ///< the branch that HEAD goes on with
};
Result<std::vector<Name>> names(Database &db);

/// Errors: bad_type - no usable name. conflict - it is given already.
Outcome tag(Database &db, std::string_view name, const KeptSnapshot &at);
/// The work goes on in a branch: one that is there where it is, a new one from `at`.
/// Errors: as of `tag`.
Outcome branch(Database &db, std::string_view name, const std::optional<KeptSnapshot> &at);

/// What somebody says of a snapshot, or of a node in it.
struct Annotation {
    std::int64_t snapshot = 0;
    std::string node = {}, kind = {}, text = {}, author = {}; ///< kind: note, bug, insight
    std::int64_t time_ms = 0;
};
/// Errors: bad_type - no such kind. not_found - no such node.
Outcome annotate(Database &db, const KeptSnapshot &at, const Annotation &annotation);
Result<std::vector<Annotation>> annotations(Database &db, const KeptSnapshot &at);

} // namespace chronus::patterns
