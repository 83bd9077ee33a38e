#pragma once

#include <array>
#include <string_view>

namespace chronus::patterns {

/// What leads from each version of `history.db` to the next. A row, once released, is never
/// changed: what is to be different is another row.
extern const std::array<std::string_view, 4> kHistoryVersions;

} // namespace chronus::patterns
