#include "patterns/text/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace chronus::patterns {

namespace {

constexpr std::size_t kMostQuoted = 40;

/// What a first byte announces. The second byte's range keeps overlong forms, surrogates and code
/// points past U+10FFFF out.
struct Lead {
    unsigned char first, last;
    std::size_t size;
    unsigned char second_first, second_last;
};
constexpr std::array kLeads{
    Lead{0xc2, 0xdf, 2, 0x80, 0xbf}, Lead{0xe0, 0xe0, 3, 0xa0, 0xbf},
    Lead{0xe1, 0xec, 3, 0x80, 0xbf}, Lead{0xed, 0xed, 3, 0x80, 0x9f},
    Lead{0xee, 0xef, 3, 0x80, 0xbf}, Lead{0xf0, 0xf0, 4, 0x90, 0xbf},
    Lead{0xf1, 0xf3, 4, 0x80, 0xbf}, Lead{0xf4, 0xf4, 4, 0x80, 0x8f},
};

constexpr unsigned char byte_at(std::string_view text, std::size_t i) {
    return static_cast<unsigned char>(text[i]);
}

constexpr bool within(unsigned char byte, unsigned char first, unsigned char last) {
    return byte >= first && byte <= last;
}

} // namespace

std::size_t utf8_front_size(std::string_view text) noexcept {
    if (text.empty()) return 0;
    if (byte_at(text, 0) < 0x80) return 1; // nearly all text, and at once
    const auto *lead = std::ranges::find_if(
        kLeads, [&](const Lead &l) { return within(byte_at(text, 0), l.first, l.last); });
    if (lead == kLeads.end() || lead->size > text.size()) return 0;
    if (lead->size > 1 && !within(byte_at(text, 1), lead->second_first, lead->second_last))
        return 0;
    for (std::size_t i = 2; i < lead->size; ++i)
        if (!within(byte_at(text, i), 0x80, 0xbf)) return 0;
    return lead->size;
}

bool is_utf8(std::string_view text) noexcept {
    for (std::uint64_t eight = 0; text.size() >= sizeof eight; text.remove_prefix(sizeof eight)) {
        std::memcpy(&eight, text.data(), sizeof eight);
        if ((eight & 0x8080808080808080) != 0) break; // not ASCII alone
    }
    while (!text.empty()) {
        const std::size_t size = utf8_front_size(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

std::string_view utf8_front(std::string_view text, std::size_t bytes) noexcept {
    if (bytes >= text.size()) return text;
    while (bytes > 0 && within(byte_at(text, bytes), 0x80, 0xbf)) --bytes;
    return text.substr(0, bytes);
}

std::string_view front_character(std::string_view text) noexcept {
    return text.substr(0, std::max<std::size_t>(utf8_front_size(text), 1));
}

bool is_printable(std::string_view character) noexcept {
    if (utf8_front_size(character) != character.size()) return false;
    const unsigned char first = byte_at(character, 0);
    if (character.size() == 1) return first >= 0x20 && first != 0x7f;
    return first != 0xc2 || byte_at(character, 1) >= 0xa0; // C2 80 .. C2 9F are controls too
}

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (std::size_t count = 0; !text.empty(); ++count) {
        if (count == kMostQuoted) return out + "...\"";
        const std::string_view character = front_character(text);
        out += is_printable(character) ? character : "?";
        text.remove_prefix(character.size());
    }
    return out + '"';
}

} // namespace chronus::patterns
