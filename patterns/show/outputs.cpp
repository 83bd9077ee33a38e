#include "patterns/show/outputs.h"

#include "patterns/text/nearest.h"
#include "patterns/text/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

namespace chronus::patterns {

namespace {

constexpr auto kWords = [] {
    std::array<std::string_view, kOutputs.size()> out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = kOutputs[i].word;
    return out;
}();

std::optional<Output> output_of(std::string_view word) {
    const auto at = std::ranges::find(kWords, word);
    if (at == kWords.end()) return std::nullopt;
    return static_cast<Output>(at - kWords.begin());
}

std::vector<std::string_view> split(std::string_view words) {
    std::vector<std::string_view> out;
    while (true) {
        const auto comma = words.find(',');
        out.push_back(trimmed(words.substr(0, comma)));
        if (comma == std::string_view::npos) return out;
        words.remove_prefix(comma + 1);
    }
}

/// The list as it was probably meant.
std::string meant(const std::vector<std::string_view> &words) {
    std::vector<std::string_view> out;
    for (const std::string_view word : words) {
        const std::string_view near = word.empty() ? "wav24" : nearest_of(word, kWords);
        if (std::ranges::find(out, near) == out.end()) out.push_back(near);
    }
    return fmt::format("{}", fmt::join(out, ","));
}

} // namespace

Result<std::vector<Output>> parse_outputs(std::string_view list) {
    const auto words = split(list);
    std::vector<Output> out;
    for (const std::string_view word : words) {
        const auto output = output_of(word);
        if (!output)
            return Error{Errc::bad_type,
                         fmt::format("output \"{}\": there are {}", word, fmt::join(kWords, ", ")),
                         meant(words)};
        if (std::ranges::find(out, *output) != out.end())
            return Error{Errc::bad_type, fmt::format("output \"{}\" is there twice", word),
                         meant(words)};
        out.push_back(*output);
    }
    return out;
}

} // namespace chronus::patterns
