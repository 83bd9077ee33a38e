#include "tools/chronusctl/completion.h"

#include "osc/typed.h"
#include "tools/chronusctl/offers.h"

#include <algorithm>

namespace chronus::ctl {

using osc::shell_word;
using osc::shell_words;
using osc::ShellWords;

namespace {

using Words = std::vector<std::string>;

/// How many bytes all words begin with, whole letters only.
std::size_t common_front(const Words &words) {
    std::size_t n = words[0].size();
    for (const std::string &word : words) {
        const auto [a, b] =
            std::mismatch(words[0].begin(), words[0].begin() + static_cast<std::ptrdiff_t>(n),
                          word.begin(), word.end());
        n = static_cast<std::size_t>(a - words[0].begin());
    }
    while (n < words[0].size() && (static_cast<unsigned char>(words[0][n]) & 0xc0u) == 0x80u) --n;
    return n;
}

/// A whole word is followed by a blank, unless more of it is to come.
std::string whole_word(const std::string &word) {
    const bool more = word.ends_with('/') || word.ends_with('=');
    return shell_word(word) + (more ? "" : " ");
}

/// A word that goes on keeps its quote open.
std::string front_of_word(const std::string &front) {
    std::string out = shell_word(front);
    if (out.ends_with('\'')) out.pop_back();
    return out;
}

} // namespace

Completion complete(std::string_view before_cursor, Known &known) {
    ShellWords typed = shell_words(before_cursor);
    if (typed.ended) {
        typed.words.emplace_back();
        typed.last_begin = before_cursor.size();
    }
    const std::string partial = typed.words.back();
    typed.words.pop_back();
    Words words = typed.words.empty() ? Words{} : long_form(typed.words[0]);
    if (!words.empty()) words.insert(words.end(), typed.words.begin() + 1, typed.words.end());
    const Line line{words, partial, known};
    Words fit = offered(line);
    std::erase_if(fit, [&](const std::string &word) { return !word.starts_with(partial); });
    std::ranges::sort(fit);
    Completion out{.begin = typed.last_begin,
                   .text = std::string{before_cursor.substr(typed.last_begin)}};
    if (fit.empty()) {
        out.usage = usage_of(line);
    } else if (fit.size() == 1) {
        out.text = whole_word(fit[0]);
    } else {
        if (const std::size_t n = common_front(fit); n > partial.size())
            out.text = front_of_word(fit[0].substr(0, n));
        out.choices = std::move(fit);
    }
    return out;
}

} // namespace chronus::ctl
