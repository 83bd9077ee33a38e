#pragma once

#include "osc/context.h"
#include "osc/verbs.h"
#include "patterns/history/names.h"
#include "patterns/history/snapshots.h"

#include <cstddef>
#include <string>
#include <string_view>

/// What snapshots are asked for by, and how one is brought back.
namespace chronus::osc {

/// A snapshot by its name, to be found where the history is.
struct Wanted {
    std::string name;
    patterns::Here here;
    std::string slot_bytes = {}; ///< the file, where the name asks for a slot
};

/// The name that stands there, or HEAD.
inline std::string snapshot_at(Args args, std::size_t i) {
    return has(args, i) ? text_at(args, i) : "HEAD";
}
/// Errors: as `bytes_of` - there is no such slot.
Result<Wanted> wanted(Context &context, std::string name, std::string_view verb);
/// Thread: the history's. Errors: as `patterns::find`; those of the slot's file.
Result<patterns::KeptSnapshot> find(patterns::Database &db, const Wanted &wanted);
/// The same with what it holds. Errors: also failed.
Result<FetchedSnapshot> fetch(patterns::Database &db, const Wanted &wanted);

} // namespace chronus::osc
