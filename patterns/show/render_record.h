#pragma once

#include "engine/result.h"
#include "patterns/history/executions.h"
#include "patterns/history/snapshot.h"
#include "patterns/show/render.h"
#include "patterns/show/render_wishes.h"
#include "patterns/text/setlist.h"

#include <cstdint>
#include <string>
#include <vector>

namespace chronus::patterns {

/// A stretch of what is rendered.
struct KeptPart {
    KeptPattern pattern;
    std::uint32_t bars = 1;
    std::string song = {}; ///< of a set of which each song has files of its own
};

/// What a render is of, and what is to come of it: with that it can be made again.
struct RenderRecord {
    std::vector<KeptPart> parts = {};
    RenderWishes wishes = {};
    std::int64_t execution = 0; ///< that is played again, from a bar on; 0: the parts are
    std::uint32_t from_bar = 1;
    std::string snapshot = {}; ///< hash of what it begins with; empty: to be found, or taken
};

/// All that the songs of a set play, one after the other. Errors: as `played_parts`.
Result<std::vector<KeptPart>> kept_parts(const Setlist &set);
/// The same of those that can be played, each of them with its name.
std::vector<KeptPart> kept_songs(const Setlist &set);

/// Songs apart from each other, each with its name; else one.
std::vector<RenderOrder> orders_of(const RenderRecord &record);

/// The record as it is kept, with the hashes of its patterns in their order.
std::string text_of(const RenderRecord &record, const std::vector<std::string> &patterns);

/// Keeps what a render is of where the execution of this number is kept: its patterns, a snapshot
/// of the first - the last that held it, or one taken aside for it - and, in the item it begins
/// with, all the rest. Nothing where no such execution is kept.
/// Thread and errors, here and below: those of the database.
Outcome keep_record(Database &db, std::uint64_t run, const RenderRecord &record,
                    const Snapshot &about);

/// Errors: also failed - it is not kept, or cannot be read.
Result<RenderRecord> render_record(Database &db, std::int64_t execution);

} // namespace chronus::patterns
