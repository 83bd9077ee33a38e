#pragma once

#include "engine/result.h"
#include "patterns/text/json.h"

#include <cstddef>
#include <string_view>

namespace chronus::patterns {

inline constexpr std::size_t kMaxJsonBytes = 1024 * 1024;
inline constexpr std::size_t kMaxJsonDepth = 32;
inline constexpr std::size_t kMaxJsonValues = 128 * 1024;

/// How much of it is read at all.
struct JsonLimits {
    std::size_t bytes = kMaxJsonBytes;
    std::size_t values = kMaxJsonValues;
};

/// Reads JSON strictly: what is refused here cannot harm what comes after, at any depth or size.
///
/// Errors: too_big - over its limits, usually 1 MiB and 131,072 values. corrupt - not JSON in UTF-8
/// without a byte order
///         mark, more than 32 levels, a key twice in one object, a number that no double or 64-bit
///         integer holds, or anything after the end; says the line.
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

} // namespace chronus::patterns
