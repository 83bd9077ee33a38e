#pragma once

#include "patterns/store/slot_files.h"

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <string>

namespace chronus::test {

/// A save file as small as can be: version, a sum over the rest, time, length, content. It
/// stands in for JSON, so that what keeps bytes is tested without what writes them.
inline std::string toy(std::string_view content, std::int64_t saved_ms = 0, int version = 1) {
    const std::string body = fmt::format("{} {}\n{}", saved_ms, content.size(), content);
    return fmt::format("toy {} {} {}", version, std::hash<std::string>{}(body), body);
}

inline Result<patterns::SlotSummary> inspect_toy(std::string_view bytes) {
    const auto line = bytes.substr(0, bytes.find('\n'));
    const auto content = bytes.substr(std::min(bytes.size(), line.size() + 1));
    const auto first = line.find(' ', 4);
    if (!line.starts_with("toy ") || first == line.npos) return Error{Errc::corrupt, "not a toy"};
    if (line.substr(4, first - 4) != "1") return Error{Errc::too_new, "a later toy wrote it"};
    const auto second = std::min(line.find(' ', first + 1), line.size() - 1);
    std::int64_t saved_ms = 0;
    std::from_chars(line.data() + second + 1, line.data() + line.size(), saved_ms);
    if (toy(content, saved_ms) != bytes) return Error{Errc::corrupt, "the sum does not match"};
    return patterns::SlotSummary{"toy", saved_ms, std::string(content)};
}

/// The content of a sound toy; nothing else is ever compared.
inline std::string content_of(std::string_view bytes) {
    const auto summary = inspect_toy(bytes);
    return summary ? summary->content : "(damaged)";
}

} // namespace chronus::test
