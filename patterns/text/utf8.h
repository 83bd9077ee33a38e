#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chronus::patterns {

/// Bytes of the well-formed UTF-8 character at the front of `text`, 0 when there is none: no
/// overlong forms, no surrogates, nothing above U+10FFFF.
std::size_t utf8_front_size(std::string_view text) noexcept;

/// True for well-formed UTF-8 to the end.
bool is_utf8(std::string_view text) noexcept;

/// The longest front of UTF-8 `text` of at most `bytes` that ends between two characters.
std::string_view utf8_front(std::string_view text, std::size_t bytes) noexcept;

/// The character at the front of `text`, or its first byte where that is malformed.
std::string_view front_character(std::string_view text) noexcept;

/// True for a well-formed character that is not a control code: what a name or a message may hold.
bool is_printable(std::string_view character) noexcept;

/// `text` in double quotes for a message to people: what cannot be shown becomes '?', and what is
/// beyond 40 characters "...".
std::string in_quotes(std::string_view text);

} // namespace chronus::patterns
