#include "patterns/text/iso_time.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace chronus::patterns {

std::string iso_time_ms(std::int64_t ms) {
    const std::int64_t second = ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(second)),
                       ms - second * 1000);
}

} // namespace chronus::patterns
