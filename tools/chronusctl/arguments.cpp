#include "tools/chronusctl/arguments.h"

#include "osc/typed.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

namespace chronus::ctl {

using osc::Value;

namespace {

bool drop_suffix(std::string_view &word, std::string_view suffix) {
    if (!word.ends_with(suffix)) return false;
    word.remove_suffix(suffix.size());
    return true;
}

Slot slot_of(std::string_view word) {
    Slot slot{.kind = word[0], .name = word.substr(2)};
    slot.rest = drop_suffix(slot.name, "...");
    slot.optional = drop_suffix(slot.name, "?");
    return slot;
}

OptionSpec option_of(std::string_view word) {
    word.remove_prefix(2);
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) return {word, {}};
    return {word.substr(0, equals), word.substr(equals + 1)};
}

/// All of the text as a number of its own kind.
template <class T>
std::optional<T> whole(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// No "nan", no "inf": words that begin with a letter are text.
std::optional<double> number(std::string_view text) {
    if (text.find_first_of("0123456789") == std::string_view::npos) return std::nullopt;
    const auto value = whole<double>(text);
    return value && std::isfinite(*value) ? value : std::nullopt;
}

/// As `number`, if it stays a number as a float.
std::optional<Value> as_float(std::string_view text) {
    const auto value = number(text);
    if (!value || std::abs(*value) > static_cast<double>(std::numeric_limits<float>::max()))
        return std::nullopt;
    return Value{static_cast<float>(*value)};
}

template <class T, class From>
std::optional<Value> as_value(const std::optional<From> &from) {
    if (!from) return std::nullopt;
    return Value{static_cast<T>(*from)};
}

/// How a type tag makes a value of a word; those that need none get an empty one.
struct Type {
    char tag;
    bool takes_word;
    std::optional<Value> (*read)(const std::string &);
};
using Word = const std::string &;
constexpr std::array kTypes{
    Type{'i', true, [](Word w) { return as_value<std::int32_t>(whole<std::int32_t>(w)); }},
    Type{'h', true, [](Word w) { return as_value<std::int64_t>(whole<std::int64_t>(w)); }},
    Type{'f', true, [](Word w) { return as_float(w); }},
    Type{'d', true, [](Word w) { return as_value<double>(number(w)); }},
    Type{'s', true, [](Word w) { return std::optional<Value>{w}; }},
    Type{'T', false, [](Word) { return std::optional<Value>{true}; }},
    Type{'F', false, [](Word) { return std::optional<Value>{false}; }},
    Type{'N', false, [](Word) { return std::optional<Value>{osc::Nil{}}; }},
    Type{'I', false, [](Word) { return std::optional<Value>{osc::Impulse{}}; }},
};

std::optional<Value> as_switch(std::string_view text) {
    constexpr std::array<std::string_view, 3> on{"on", "1", "true"}, off{"off", "0", "false"};
    for (const auto word : on)
        if (text == word) return Value{std::int32_t{1}};
    for (const auto word : off)
        if (text == word) return Value{std::int32_t{0}};
    return std::nullopt;
}

Error wrong(const Call &call, std::string_view what) {
    return {Errc::bad_type, fmt::format("{}: {}", call.command->words, what),
            fmt::format("chronusctl {}", call.command->example)};
}

/// Types given by hand: words and tags run side by side.
Result<std::vector<Value>> typed_args(const Call &call, std::span<const std::string> words,
                                      std::string_view tags) {
    std::vector<Value> out;
    std::size_t next = 0;
    for (const char tag : tags) {
        const auto type = std::ranges::find(kTypes, tag, &Type::tag);
        if (type == kTypes.end())
            return wrong(call, fmt::format("'{}' is no type: they are i h f d s T F N I", tag));
        if (type->takes_word && next == words.size())
            return wrong(call, fmt::format("--types {} asks for more arguments", tags));
        const std::string word = type->takes_word ? words[next++] : std::string{};
        auto value = type->read(word);
        if (!value) return wrong(call, fmt::format("\"{}\" cannot be sent as '{}'", word, tag));
        out.push_back(std::move(*value));
    }
    if (next < words.size())
        return wrong(call, fmt::format("--types {} says nothing of \"{}\"", tags, words[next]));
    return out;
}

/// Puts one word where its slot says: into the address, or behind the arguments.
Outcome place(osc::Message &out, const Call &call, const Slot &slot, const std::string &word) {
    if (slot.kind == 'a') out.address = word;
    if (slot.kind == 'p') out.address += "/" + word;
    if (slot.kind == 'a' || slot.kind == 'p') return Done{};
    std::optional<Value> value{word};
    if (slot.kind == 'v') value = osc::guessed(word);
    if (slot.kind == 'b') value = as_switch(word);
    if (!value) return wrong(call, fmt::format("{} is on or off, not \"{}\"", slot.name, word));
    out.args.push_back(std::move(*value));
    return Done{};
}

Outcome check_count(const Call &call, const Shape &shape) {
    std::size_t needed = 0;
    bool rest = false;
    for (const Slot &slot : shape.slots) {
        needed += slot.optional ? 0 : 1;
        rest = rest || slot.rest;
    }
    if (call.words.size() < needed)
        return wrong(call, fmt::format("{} is missing", shape.slots[call.words.size()].name));
    if (!rest && call.words.size() > shape.slots.size())
        return wrong(call, fmt::format("\"{}\" is one word too many; words with blanks need quotes",
                                       call.words[shape.slots.size()]));
    return Done{};
}

/// A switch that may be left out means on; flags say their own name.
void add_unspoken(osc::Message &out, const Call &call, const Shape &shape) {
    for (std::size_t i = call.words.size(); i < shape.slots.size(); ++i)
        if (shape.slots[i].kind == 'b') out.args.emplace_back(std::int32_t{1});
    for (const OptionSpec &option : shape.options)
        if (option.value.empty() && call.options.contains(std::string{option.name}))
            out.args.emplace_back(std::string{option.name});
}

} // namespace

Shape shape_of(std::string_view args) {
    Shape shape;
    while (!args.empty()) {
        const std::size_t blank = args.find(' ');
        const std::string_view word = args.substr(0, blank);
        args = blank == std::string_view::npos ? "" : args.substr(blank + 1);
        if (word.starts_with("--"))
            shape.options.push_back(option_of(word));
        else
            shape.slots.push_back(slot_of(word));
    }
    return shape;
}

std::string usage(const Command &command) {
    std::string out{command.words};
    const Shape shape = shape_of(command.args);
    for (const Slot &slot : shape.slots) {
        const std::string name = fmt::format("{}{}", slot.name, slot.rest ? "..." : "");
        out += slot.optional ? fmt::format(" [{}]", name) : " " + name;
    }
    for (const OptionSpec &option : shape.options)
        out +=
            fmt::format(" [--{}{}{}]", option.name, option.value.empty() ? "" : " ", option.value);
    return out;
}

Result<osc::Message> message_for(const Call &call) {
    const Shape shape = shape_of(call.command->args);
    if (const auto count = check_count(call, shape); !count) return count.error();
    osc::Message out{std::string{call.command->address}};
    for (std::size_t i = 0; i < call.words.size(); ++i) {
        const Slot &slot = shape.slots[std::min(i, shape.slots.size() - 1)];
        if (const auto done = place(out, call, slot, call.words[i]); !done) return done.error();
    }
    if (const auto types = call.options.find("types"); types != call.options.end()) {
        auto args = typed_args(call, std::span{call.words}.subspan(1), types->second);
        if (!args) return args.error();
        out.args = std::move(*args);
    }
    add_unspoken(out, call, shape);
    if (!out.address.starts_with('/'))
        return wrong(call, fmt::format("\"{}\" is no address: they begin with '/'", out.address));
    return out;
}

} // namespace chronus::ctl
