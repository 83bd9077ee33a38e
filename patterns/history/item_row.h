#pragma once

#include "patterns/history/item.h"
#include "patterns/history/statement.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace chronus::patterns {

/// Columns of a query for items, joined to their executions `e` and authors `a`.
inline constexpr std::string_view kItemColumns =
    "SELECT i.seq, i.type, e.start_ms + i.time, e.start_frame + i.frame, a.name, i.content,"
    " i.output, i.request, i.file, i.metadata, i.execution FROM items i"
    " JOIN executions e ON e.id = i.execution LEFT JOIN authors a ON a.id = i.author";

inline Item item_of(const Statement &row) {
    return {.type = static_cast<ItemType>(row.whole(1)),
            .time_ms = row.whole(2),
            .frame = static_cast<Frame>(row.whole(3)),
            .author = std::string{row.text(4)},
            .content = std::string{row.text(5)},
            .file = std::string{row.text(8)},
            .request = std::string{row.text(7)},
            .output = static_cast<std::uint32_t>(row.whole(6)),
            .metadata = std::string{row.text(9)},
            .seq = static_cast<std::uint64_t>(row.whole(0))};
}

} // namespace chronus::patterns
