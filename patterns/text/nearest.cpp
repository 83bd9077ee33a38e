#include "patterns/text/nearest.h"

#include <algorithm>
#include <array>
#include <utility>

namespace chronus::patterns {

namespace {

using Row = std::vector<std::size_t>;

/// Row i of the table, cells within `limit` of its diagonal; returns its smallest cell.
std::size_t fill_row(std::string_view a, std::string_view b, std::size_t i, std::size_t limit,
                     std::array<Row, 3> &rows) {
    Row &row = rows[i % 3];
    const Row &above = rows[(i + 2) % 3];
    const Row &two_above = rows[(i + 1) % 3];
    const std::size_t begin = i > limit ? i - limit : 1;
    const std::size_t end = std::min(b.size(), i + limit);
    row[begin - 1] = begin == 1 ? i : limit + 1;
    std::size_t smallest = row[begin - 1];
    for (std::size_t j = begin; j <= end; ++j) {
        const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
        row[j] = std::min({replaced, above[j] + 1, row[j - 1] + 1});
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            row[j] = std::min(row[j], two_above[j - 2] + 1);
        smallest = std::min(smallest, row[j]);
    }
    if (end < b.size()) row[end + 1] = limit + 1;
    return smallest;
}

/// What both begin with costs nothing, and addresses have much of it in common.
void drop_common_front(std::string_view &a, std::string_view &b) {
    const auto parted = std::ranges::mismatch(a, b);
    b.remove_prefix(static_cast<std::size_t>(parted.in2 - b.begin()));
    a.remove_prefix(static_cast<std::size_t>(parted.in1 - a.begin()));
}

} // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
    if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return limit + 1;
    drop_common_front(a, b);
    std::array<Row, 3> rows;
    for (Row &row : rows) row.assign(b.size() + 1, limit + 1);
    for (std::size_t j = 0; j <= std::min(b.size(), limit); ++j) rows[0][j] = j;
    std::size_t before = 0;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        const std::size_t smallest = fill_row(a, b, i, limit, rows);
        // A swap reaches back two rows, so only two hopeless rows in turn end it.
        if (std::min(before, smallest) > limit) return limit + 1;
        before = smallest;
    }
    return std::min(rows[a.size() % 3][b.size()], limit + 1);
}

std::vector<std::string_view> nearest(std::string_view wanted,
                                      std::span<const std::string_view> known, std::size_t n) {
    const std::size_t limit = std::clamp<std::size_t>(wanted.size() / 3, 2, 6);
    std::vector<std::pair<std::size_t, std::string_view>> near;
    for (const std::string_view name : known)
        if (const std::size_t away = edit_distance(wanted, name, limit); away <= limit)
            near.emplace_back(away, name);
    std::ranges::stable_sort(near, {}, [](const auto &entry) { return entry.first; });
    std::vector<std::string_view> out;
    for (std::size_t i = 0; i < std::min(n, near.size()); ++i) out.push_back(near[i].second);
    return out;
}

std::string_view nearest_of(std::string_view wanted, std::span<const std::string_view> names) {
    constexpr std::size_t kMostCompared = 64; // letters; longer ones differ anyway
    const auto away = [&](std::string_view name) {
        return edit_distance(wanted.substr(0, kMostCompared), name.substr(0, kMostCompared),
                             kMostCompared);
    };
    const auto best = std::ranges::min_element(names, {}, away);
    return best == names.end() ? std::string_view{} : *best;
}

} // namespace chronus::patterns
