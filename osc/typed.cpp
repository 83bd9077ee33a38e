#include "osc/typed.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

namespace chronus::osc {

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

/// All of the text as a number of its own kind.
template <class T>
std::optional<T> whole(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
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

Value guessed(const std::string &text) {
    if (text == "true" || text == "false") return text == "true";
    if (const auto n = whole<std::int32_t>(text)) return *n;
    if (const auto n = whole<std::int64_t>(text)) return *n;
    const auto real = whole<double>(text); // "nan" and "inf" are words
    if (real && std::abs(*real) <= static_cast<double>(std::numeric_limits<float>::max()))
        return static_cast<float>(*real);
    return text;
}

std::string typed(std::string_view address, Args args) {
    std::string out{address};
    for (const Value &value : args)
        if (const auto text = to_text(value, "")) out += " " + shell_word(*text);
    return out;
}

std::string typed(std::string_view address, std::initializer_list<std::string_view> words) {
    std::string out{address};
    for (const std::string_view word : words) out += " " + shell_word(word);
    return out;
}

Message message_typed(std::string_view line) {
    const ShellWords typed = shell_words(line);
    if (typed.words.empty() || typed.open != 0 || !typed.words[0].starts_with('/')) return {};
    Message message{typed.words[0]};
    for (std::size_t i = 1; i < typed.words.size(); ++i)
        message.args.push_back(guessed(typed.words[i]));
    return message;
}

} // namespace chronus::osc
