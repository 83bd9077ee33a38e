#include "osc/utf8.h"

namespace chronus::osc {

namespace {

constexpr unsigned char byte_at(std::string_view text, std::size_t i) {
    return static_cast<unsigned char>(text[i]);
}

constexpr bool is_continuation(unsigned char byte) { return (byte & 0xc0u) == 0x80u; }

/// The length a first byte announces, 0 when none may begin so. C0, C1 and F5 up never occur.
constexpr std::size_t length_of(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return 2;
    if (first >= 0xe0 && first <= 0xef) return 3;
    if (first >= 0xf0 && first <= 0xf4) return 4;
    return 0;
}

/// The second byte keeps overlong forms, surrogates and code points past U+10FFFF out.
constexpr bool may_follow(unsigned char first, unsigned char second) {
    switch (first) {
    case 0xe0:
        return second >= 0xa0 && second <= 0xbf;
    case 0xed:
        return second >= 0x80 && second <= 0x9f;
    case 0xf0:
        return second >= 0x90 && second <= 0xbf;
    case 0xf4:
        return second >= 0x80 && second <= 0x8f;
    default:
        return is_continuation(second);
    }
}

/// The length of the character at `i`, 0 when there is none.
constexpr std::size_t character_at(std::string_view text, std::size_t i) {
    const std::size_t length = length_of(byte_at(text, i));
    if (length == 0 || length > text.size() - i) return 0;
    if (length > 1 && !may_follow(byte_at(text, i), byte_at(text, i + 1))) return 0;
    for (std::size_t k = 2; k < length; ++k)
        if (!is_continuation(byte_at(text, i + k))) return 0;
    return length;
}

} // namespace

bool is_utf8(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = character_at(text, i);
        if (length == 0) return false;
        i += length;
    }
    return true;
}

std::string_view utf8_front(std::string_view text, std::size_t bytes) noexcept {
    if (bytes >= text.size()) return text;
    while (bytes > 0 && is_continuation(byte_at(text, bytes))) --bytes;
    return text.substr(0, bytes);
}

} // namespace chronus::osc
