#pragma once

#include "engine/result.h"
#include "patterns/history/database.h"
#include "patterns/history/executions.h"
#include "patterns/history/item.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The history as it is taken along, page by page. Thread and errors: as in executions.h.
namespace chronus::patterns {

/// The items of an execution that come after one, the first for 0, in their order: as many, or as
/// many as hold a mebibyte of text.
Result<std::vector<Item>> items_after(Database &db, std::int64_t execution, std::uint64_t seq,
                                      std::size_t most);

/// What engine something was played by.
struct SessionFacts {
    std::int64_t id = 0, start_ms = 0;
    std::optional<std::int64_t> end_ms = {};
    std::string version = {}; ///< empty: its beginning was lost
    std::uint32_t rate = 0, voices = 0;
    std::uint64_t seed = 0;
    std::string pattern = {}; ///< hash of what it began with
};
Result<std::optional<SessionFacts>> session_facts(Database &db, std::int64_t id);

/// The hash of the pattern that an execution found in play. Empty: that of its session's beginning.
Result<std::string> pattern_before(Database &db, const Execution &execution);

/// A pattern as it is kept (content.h).
struct PatternText {
    std::string hash = {}, text = {};
};
/// The pattern that has this hash, or that the snapshot of this hash holds. Nothing: there is none.
Result<std::optional<PatternText>> pattern_of_hash(Database &db, std::string_view hash);

/// Every SHA-256 that a text names.
std::vector<std::string> hashes_in(std::string_view text);

} // namespace chronus::patterns
