#pragma once

#include "engine/result.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace chronus::osc {

/// "90m" in milliseconds: a number and one of s, m, h and d.
std::optional<std::int64_t> span_of(std::string_view text);

/// How long ago `word`, as "since=90m", says: `value` is what follows its '='. Units: Unix ms.
/// Errors: bad_type, without a hint.
Result<std::int64_t> time_ago(std::string_view word, std::string_view value, std::int64_t now_ms);

} // namespace chronus::osc
