#pragma once

#include "engine/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chronus {

enum class ProgressStatus : std::uint8_t { pending, running, completed, failed, cancelled };

constexpr std::string_view word_of(ProgressStatus status) {
    switch (status) {
    case ProgressStatus::pending:
        return "pending";
    case ProgressStatus::running:
        return "running";
    case ProgressStatus::completed:
        return "completed";
    case ProgressStatus::failed:
        return "failed";
    case ProgressStatus::cancelled:
        return "cancelled";
    }
    return "";
}

constexpr bool is_over(ProgressStatus status) { return status >= ProgressStatus::completed; }

/// Something measured on the way, such as {"real_time_factor", 84.2} or {"lufs", -16.1}.
struct ProgressMetric {
    std::string name;
    double value = 0;
};

/// Something made: a file most of the time. `rate` and `channels` are 0 for what is no sound.
struct ProgressOutput {
    std::string name;
    std::uint32_t rate = 0;
    std::uint32_t channels = 0;
    std::uint64_t frames = 0;
};

/// One level of something long, as it was when asked for: an operation, or a part of one.
struct ProgressLevel {
    std::string id; ///< "12" for an operation, "12.3" for its third part, "12.3.1" for that one's
    std::string type, name;
    ProgressStatus status = ProgressStatus::pending;
    double current = 0, total = 0; ///< in whatever is counted; a total of 0: not known
    double fraction = 0;           ///< 0..1; without a count of its own, that of its parts
    std::string message;
    std::optional<std::int64_t> start_ms, end_ms; ///< Unix time
    double elapsed_s = 0;                         ///< by a clock that nobody sets
    std::optional<double> left_s; ///< expected; empty when nothing is known, and when it is over
    std::optional<Error> error;   ///< why it failed or was cancelled
    std::vector<ProgressMetric> metrics;
    std::vector<ProgressOutput> outputs;
    std::vector<ProgressLevel> parts;
};

} // namespace chronus
