#include "tools/chronusctl/shell_words.h"

#include <algorithm>

namespace chronus::ctl {

namespace {

constexpr std::string_view kHarmless =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:=@%";

/// Letters beyond ASCII are no signs of a shell.
bool is_harmless(char c) {
    return static_cast<unsigned char>(c) >= 0x80 || kHarmless.find(c) != std::string_view::npos;
}

/// Takes one character, or an escaped one, off the line.
char take(std::string_view &line, bool escapes) {
    if (escapes && line[0] == '\\' && line.size() > 1) line.remove_prefix(1);
    const char c = line[0];
    line.remove_prefix(1);
    return c;
}

} // namespace

ShellWords shell_words(std::string_view line) {
    ShellWords out;
    const std::size_t size = line.size();
    while (!line.empty()) {
        const char c = line[0];
        if (out.open == 0 && (c == ' ' || c == '\t')) {
            out.ended = true;
            line.remove_prefix(1);
            continue;
        }
        if (out.ended) {
            out.words.emplace_back();
            out.last_begin = size - line.size();
            out.ended = false;
        }
        const bool quote = out.open == 0 ? c == '\'' || c == '"' : c == out.open;
        if (!quote) {
            out.words.back() += take(line, out.open != '\'');
            continue;
        }
        out.open = out.open == 0 ? c : '\0';
        line.remove_prefix(1);
    }
    return out;
}

std::string shell_word(std::string_view word) {
    if (!word.empty() && std::ranges::all_of(word, is_harmless)) return std::string{word};
    std::string out = "'";
    for (const char c : word) out += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return out + "'";
}

} // namespace chronus::ctl
