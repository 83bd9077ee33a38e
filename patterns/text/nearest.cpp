#include "patterns/text/nearest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace chronus::patterns {

namespace {

constexpr std::size_t kMostCompared = 64; // letters; longer ones differ anyway

/// Levenshtein's distance, one row of its table at a time.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

} // namespace

std::string_view nearest_of(std::string_view wanted, std::span<const std::string_view> names) {
    const auto away = [&](std::string_view name) {
        return distance(wanted.substr(0, kMostCompared), name.substr(0, kMostCompared));
    };
    const auto best = std::ranges::min_element(names, {}, away);
    return best == names.end() ? std::string_view{} : *best;
}

} // namespace chronus::patterns
