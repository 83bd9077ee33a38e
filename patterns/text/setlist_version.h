#pragma once

#include "patterns/text/json_gate.h"
#include "patterns/text/setlist_text.h"

#include <cstdint>

namespace chronus::patterns {

inline constexpr std::uint64_t kSetlistVersion = 1;
inline constexpr JsonLimits kSetlistLimits{kMaxSetlistBytes, kMaxJsonValues * 8};

} // namespace chronus::patterns
