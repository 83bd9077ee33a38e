#include "patterns/store/retention.h"

#include <algorithm>
#include <set>
#include <utility>

namespace chronus::patterns {

/// The hour or day a copy stands for: its length and number; none when it is too old to matter.
static std::optional<std::pair<std::int64_t, std::int64_t>> period_of(std::int64_t time_ms,
                                                                      std::int64_t now_ms) {
    const std::int64_t age = std::max<std::int64_t>(0, now_ms - time_ms);
    if (age <= kDayMs) return std::pair{kHourMs, time_ms / kHourMs};
    if (age <= kDaysKept * kDayMs) return std::pair{kDayMs, time_ms / kDayMs};
    return std::nullopt;
}

std::vector<std::int64_t> worth_keeping(std::span<const std::int64_t> times, std::int64_t now_ms) {
    const std::size_t newest = std::min(kNewestKept, times.size());
    const auto recent = times.last(newest);
    const auto older = times.first(times.size() - newest);

    std::vector<std::int64_t> kept(recent.rbegin(), recent.rend());
    std::set<std::pair<std::int64_t, std::int64_t>> taken;
    for (auto it = older.rbegin(); it != older.rend(); ++it)
        if (const auto period = period_of(*it, now_ms); period && taken.insert(*period).second)
            kept.push_back(*it);
    std::ranges::reverse(kept);
    return kept;
}

std::optional<std::int64_t> to_drop(std::span<const Generation> generations, std::int64_t now_ms) {
    std::vector<std::int64_t> times;
    for (const Generation &g : generations)
        if (g.readable) times.push_back(g.time_ms);
    const auto kept = worth_keeping(times, now_ms);
    const auto dropped = std::ranges::mismatch(times, kept).in1;
    if (dropped == times.end()) return std::nullopt;
    return *dropped;
}

} // namespace chronus::patterns
