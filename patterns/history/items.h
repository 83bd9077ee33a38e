#pragma once

#include "engine/result.h"
#include "patterns/history/database.h"
#include "patterns/history/executions.h"
#include "patterns/history/item.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The items of executions. Thread and errors: as in executions.h.
namespace chronus::patterns {

/// For whom an execution is shown.
enum class View : std::uint8_t {
    performer,  ///< the outputs alone
    advanced,   ///< and what was applied, as it came
    researcher, ///< all, stage by stage, those of an output together
};
std::optional<View> find_view(std::string_view name);

struct Page {
    std::size_t most = 1000, from = 0;
};
/// What a view has of an execution.
Result<std::vector<Item>> items(Database &db, std::int64_t execution, View view, Page page = {});

/// Where an item is.
struct ItemPlace {
    std::int64_t execution = 0;
    std::uint64_t seq = 0;
    friend bool operator==(const ItemPlace &, const ItemPlace &) = default;
};
struct FoundItem {
    std::int64_t execution = 0;
    Item item = {};
};

/// Which items. What is empty does not matter; times are both included.
struct ItemFilter {
    std::optional<std::int64_t> execution = {};
    std::optional<ItemType> type = {};
    std::string author = {};
    std::optional<std::int64_t> slot = {};
    std::string setlist = {}, song = {};
    std::string text = {}; ///< in its content, its file or its request, as written
    std::optional<std::int64_t> since_ms = {}, until_ms = {};
    std::optional<ItemPlace> before = {}; ///< goes on from there
    std::size_t most = 100;
    std::int64_t enough_ms = 30; ///< as long is looked at most
};
struct FoundItems {
    std::vector<FoundItem> items = {};
    std::optional<ItemPlace> more = {}; ///< there may be others before it: `before` of the next
};

/// The last one first. Where a rare text is looked for among millions, it may come back early, with
/// what was found so far and where to go on.
Result<FoundItems> find_items(Database &db, const ItemFilter &filter);

} // namespace chronus::patterns
