#pragma once

#include "engine/result.h"
#include "patterns/history/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chronus::patterns {

/// A text that is kept: equal ones once, packed against one like it.
struct KeptContent {
    std::int64_t id = 0;
    std::string hash;
};

/// Keeps a text, or finds it; `like` is one to pack it against.
/// Thread and errors, here and below: those of the database.
Result<KeptContent> keep_content(Database &db, std::string_view text,
                                 std::optional<std::int64_t> like);

/// Nothing when none has this hash.
Result<std::optional<std::int64_t>> find_content(Database &db, std::string_view hash);

/// Errors: also failed - it is not what was kept.
Result<std::string> content(Database &db, std::int64_t id);

} // namespace chronus::patterns
