#pragma once

#include <cstddef>
#include <string_view>

namespace chronus::osc {

/// True for well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) noexcept;

/// The longest front of UTF-8 `text` of at most `bytes` that ends between two characters.
std::string_view utf8_front(std::string_view text, std::size_t bytes) noexcept;

} // namespace chronus::osc
