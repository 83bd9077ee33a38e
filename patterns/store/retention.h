#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace chronus::patterns {

/// One kept copy of a slot as it was before a save.
struct Generation {
    std::int64_t time_ms = 0;
    bool readable = true;
};

/// How long copies are kept: the newest eight; then the last of each hour for a day; then the last
/// of each day for thirty. Hours and days are those of Unix time, so that a copy chosen once stays
/// chosen while its hour or day counts.
inline constexpr std::size_t kNewestKept = 8;
inline constexpr std::int64_t kHourMs = 3'600'000;
inline constexpr std::int64_t kDayMs = 24 * kHourMs;
inline constexpr std::int64_t kDaysKept = 30;
/// The most these rules can ask for: a day touches 25 hours, thirty days 31 dates.
inline constexpr std::size_t kMostGenerations = kNewestKept + 25 + 31;

/// The times worth keeping at `now_ms`, ascending as given. A time later than now counts as now.
///
/// Shapes: `times` ascend.
std::vector<std::int64_t> worth_keeping(std::span<const std::int64_t> times, std::int64_t now_ms);

/// The one copy to remove after another was added: the oldest that is not worth keeping. One in,
/// at most one out, so no rotation lowers how many can be read; copies that cannot be read are
/// neither counted nor removed.
///
/// Shapes: `generations` ascend by time.
std::optional<std::int64_t> to_drop(std::span<const Generation> generations, std::int64_t now_ms);

} // namespace chronus::patterns
