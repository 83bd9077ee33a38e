#include "patterns/show/render_wishes.h"

#include "patterns/text/nearest.h"
#include "patterns/text/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace chronus::patterns {

namespace {

struct Range {
    double least, most;
};

Outcome set_whole(std::uint32_t &to, std::string_view value, Range range) {
    const auto number = parse_number(value);
    if (!number || *number < range.least || *number > range.most || std::floor(*number) != *number)
        return Error{Errc::out_of_range, fmt::format("\"{}\": not a whole number in {}..{}", value,
                                                     range.least, range.most)};
    to = static_cast<std::uint32_t>(*number);
    return Done{};
}

Outcome set_bars(RenderWishes &wishes, std::string_view value) {
    return set_whole(wishes.bars, value, {1, 100'000});
}

Outcome set_rate(RenderWishes &wishes, std::string_view value) {
    return set_whole(wishes.rate, value, {8'000, 192'000});
}

Outcome set_tail(RenderWishes &wishes, std::string_view value) {
    const auto seconds = parse_number(value);
    if (!seconds || *seconds < 0 || *seconds > 600)
        return Error{Errc::out_of_range,
                     fmt::format("\"{}\": not a number of seconds in 0..600", value)};
    wishes.tail.most_s = *seconds;
    return Done{};
}

Outcome set_outputs(RenderWishes &wishes, std::string_view value) {
    auto outputs = parse_outputs(value);
    if (!outputs) return outputs.error();
    wishes.outputs = *std::move(outputs);
    return Done{};
}

Outcome set_name(RenderWishes &wishes, std::string_view value) {
    if (!is_render_name(value))
        return Error{Errc::out_of_range,
                     fmt::format("\"{}\": a name is 1 to 64 letters, digits, _ and -, the first a "
                                 "letter or a digit",
                                 value)};
    wishes.name = value;
    return Done{};
}

constexpr std::array kKeys{
    RenderKey{"bars", "8", set_bars},
    RenderKey{"name", "take", set_name},
    RenderKey{"outputs", "wav24,plot", set_outputs},
    RenderKey{"rate", "48000", set_rate},
    RenderKey{"tail", "20", set_tail},
};

constexpr auto kWords = [] {
    std::array<std::string_view, kKeys.size()> out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = kKeys[i].word;
    return out;
}();

} // namespace

std::span<const RenderKey> render_keys() { return kKeys; }

bool is_render_name(std::string_view name) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    return !name.empty() && name.size() <= 64 && plain(name.front()) &&
           std::ranges::all_of(name, [&](char c) { return plain(c) || c == '_' || c == '-'; });
}

Outcome set_wish(RenderWishes &wishes, std::string_view key, std::string_view value) {
    const auto known = std::ranges::find(kKeys, key, &RenderKey::word);
    if (known == kKeys.end()) {
        const auto near = std::ranges::find(kKeys, nearest_of(key, kWords), &RenderKey::word);
        return Error{Errc::not_found,
                     fmt::format("\"{}\": there are {}", key, fmt::join(kWords, ", ")),
                     fmt::format("{}={}", near->word, near->example)};
    }
    auto done = known->set(wishes, value);
    if (done) return done;
    Error error = done.error();
    error.what = fmt::format("{}: {}", key, error.what);
    if (error.hint.empty()) error.hint = known->example;
    return error;
}

} // namespace chronus::patterns
