#pragma once

#include <cstdint>
#include <string>

namespace chronus::patterns {

/// "2026-11-21T04:05:06.789Z". Units: Unix ms.
std::string iso_time_ms(std::int64_t ms);

} // namespace chronus::patterns
