#pragma once

#include "patterns/history/snapshots.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// A step of a track and the snapshot that first had it as it is.
struct BlamedStep {
    std::size_t step = 0; ///< from 1
    std::string text;
    KeptSnapshot by;
};

/// Every step of a track, as it is in `at` and in each of its line since.
///
/// Thread: that of the database. Errors: its own; not_found - no such track.
Result<std::vector<BlamedStep>> blame(Database &db, const KeptSnapshot &at, std::string_view track);

} // namespace chronus::patterns
