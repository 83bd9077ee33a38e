#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// The smallest number of single-letter insertions, deletions, replacements and swaps of neighbours
/// that turn `a` into `b`; `limit` + 1 when it takes more than `limit`.
///
/// Thread: control. O(length x limit), and less when the two part early.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

/// The at most `n` names a person may have meant by `wanted`, likeliest first, ties in their own
/// order; none when nothing is near (a third of the letters wrong, at least 2 and at most 6).
///
/// The views are those of `known`. Thread: control.
std::vector<std::string_view> nearest(std::string_view wanted,
                                      std::span<const std::string_view> known, std::size_t n);

/// The name that is nearest to `wanted` however far it is; the first of equals. Empty only when
/// there are no names.
std::string_view nearest_of(std::string_view wanted, std::span<const std::string_view> names);

} // namespace chronus::patterns
