#pragma once

#include "osc/value.h"
#include "patterns/history/executions.h"
#include "patterns/history/items.h"
#include "patterns/history/statistics.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chronus::osc {

/// What of the history is wanted, as its commands have it: words such as slot=3 and since=2h.
struct HistoryWords {
    std::optional<std::int64_t> execution = {}, slot = {}, since_ms = {}, until_ms = {};
    std::optional<patterns::ExecutionKind> kind = {};
    std::optional<patterns::ExecutionStatus> status = {};
    std::optional<patterns::ItemType> type = {};
    std::string name = {}, set = {}, song = {}, author = {}, text = {};
    std::optional<patterns::ItemPlace> before = {}; ///< of executions, the id alone
    std::optional<std::size_t> limit = {};
};

/// What they choose, which says what words there are.
enum class Chosen : std::uint8_t { executions = 1, items = 2, counts = 4 };

/// Each "key=value"; the last of a key counts. `verb` is who asks, `safe` what a hint may send.
///
/// Errors: bad_type - no such word, or nothing behind it. out_of_range. The hint is one word that
///         is right. Units: Unix ms.
struct HistoryAsked {
    std::string_view verb, safe;
    Chosen chosen = Chosen::executions;
    std::int64_t now_ms = 0;
};
Result<HistoryWords> history_words(const HistoryAsked &asked, Args words);

patterns::ExecutionFilter executions_of(const HistoryWords &words);
patterns::ItemFilter items_of(const HistoryWords &words);
patterns::StatisticsFilter counts_of(const HistoryWords &words);

} // namespace chronus::osc
