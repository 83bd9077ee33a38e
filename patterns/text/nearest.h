#pragma once

#include <span>
#include <string_view>

namespace chronus::patterns {

/// The name that takes the fewest single letters changed, added or left out to become `wanted`;
/// the first of equals. Empty only when there are no names.
std::string_view nearest_of(std::string_view wanted, std::span<const std::string_view> names);

} // namespace chronus::patterns
