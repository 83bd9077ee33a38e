#pragma once

#include "engine/result.h"
#include "patterns/history/compare.h"
#include "patterns/text/codec.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// One moment of the work, as it was, for ever. What plays is its content; all else says where it
/// stands. Units: Unix ms.
struct Snapshot {
    std::string hash = {};                 ///< SHA-256 of all below
    std::string content = {};              ///< SHA-256 of the pattern
    std::vector<std::string> parents = {}; ///< hashes: what was before, then what was restored
    Version version = {};
    std::string author = {}, note = {};
    std::string trigger = {}; ///< manual, osc, setlist, schedule, agent, replay
    std::int64_t time_ms = 0;
    std::uint32_t rate = 0, voices = 0; ///< of the engine
    std::int64_t slot = 0;              ///< it was loaded from or saved to; 0 none
    std::int64_t run = 0;               ///< when the sequencer was started; 0 it stood
    std::int64_t bar = 0;               ///< the last in which it was heard, from 1
    std::string variables = "{}";       ///< JSON: overrides in force, like the next
    std::string triggers = "{}";        ///< what waited for its time, the chain
    friend bool operator==(const Snapshot &, const Snapshot &) = default;
};

/// The canonical JSON of all but the hash: what is hashed.
std::string header_text(const Snapshot &snapshot);
/// What that wrote, with its hash. Errors: failed - anything else.
Result<Snapshot> snapshot_of(std::string_view header);

/// Taken apart, with what the pattern does not hold.
Structure structure_of(const Snapshot &snapshot, const Document &document);

/// For messages: the first of the hash's digits.
std::string_view short_hash(const Snapshot &snapshot);

} // namespace chronus::patterns
