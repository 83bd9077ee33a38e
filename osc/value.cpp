#include "osc/value.h"

#include "patterns/text/utf8.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace chronus::osc {

namespace {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>; // clang 14 does not find it by itself

/// What a number argument comes down to: whole numbers keep all their 64 bits.
using Number = std::variant<std::int64_t, double>;

template <class T>
std::optional<T> parsed(std::string_view text) {
    T out{};
    const char *const end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, out);
    if (fault != std::errc{} || stop != end) return std::nullopt;
    return out;
}

std::optional<Number> number_in(std::string_view text) {
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    if (const auto whole = parsed<std::int64_t>(text)) return *whole;
    if (const auto real = parsed<double>(text)) return *real;
    return std::nullopt;
}

std::optional<Number> number_in(const Value &value) {
    return std::visit(Overloaded{
                          [](std::int32_t i) -> std::optional<Number> { return std::int64_t{i}; },
                          [](std::int64_t h) -> std::optional<Number> { return h; },
                          [](float f) -> std::optional<Number> { return double{f}; },
                          [](double d) -> std::optional<Number> { return d; },
                          [](bool b) -> std::optional<Number> { return std::int64_t{b}; },
                          [](const std::string &s) { return number_in(std::string_view{s}); },
                          [](const auto &) -> std::optional<Number> { return std::nullopt; },
                      },
                      value);
}

/// Text in quotes; a long one is cut, as it may be a whole packet.
std::string quoted(std::string_view text) {
    const auto front = patterns::utf8_front(text, 32);
    return fmt::format("\"{}{}\"", front, front.size() < text.size() ? "..." : "");
}

/// The argument as an error shows it.
std::string shown(const Value &value) {
    return std::visit(Overloaded{
                          [](const std::string &s) { return quoted(s); },
                          [](const Blob &b) { return fmt::format("a blob of {} bytes", b.size()); },
                          [](TimeTag) { return std::string("a time tag"); },
                          [](Nil) { return std::string("nil"); },
                          [](Impulse) { return std::string("an impulse"); },
                          [](const auto &n) { return fmt::format("{}", n); },
                      },
                      value);
}

Error bad_type(const Value &value, std::string_view name, std::string_view wanted) {
    return {Errc::bad_type, fmt::format("{}: {} is not {}", name, shown(value), wanted)};
}

Error out_of_range(const Value &value, std::string_view name, std::string_view limit) {
    return {Errc::out_of_range, fmt::format("{}: {} {}", name, shown(value), limit)};
}

Result<Number> to_number(const Value &value, std::string_view name) {
    const auto number = number_in(value);
    if (!number) return bad_type(value, name, "a number");
    if (const auto *real = std::get_if<double>(&*number); real && !std::isfinite(*real))
        return out_of_range(value, name, "is not a finite number");
    return *number;
}

std::optional<bool> switch_word(std::string_view word) {
    if (word == "on" || word == "true") return true;
    if (word == "off" || word == "false") return false;
    return std::nullopt;
}

} // namespace

char type_tag(const Value &value) noexcept {
    if (const auto *const on = std::get_if<bool>(&value)) return *on ? 'T' : 'F';
    constexpr std::array kTags{'i', 'h', 'f', 'd', '?', 's', 'b', 't', 'N', 'I'};
    static_assert(kTags.size() == std::variant_size_v<Value>);
    return kTags[value.index()];
}

Value shortest(std::int64_t whole) noexcept {
    const auto narrow = static_cast<std::int32_t>(whole);
    return narrow == whole ? Value{narrow} : Value{whole};
}

std::string type_tags(Args args) {
    std::string tags;
    for (const Value &value : args) tags += type_tag(value);
    return tags;
}

Result<double> to_double(const Value &value, std::string_view name) {
    const auto number = to_number(value, name);
    if (!number) return number.error();
    return std::visit([](auto n) { return static_cast<double>(n); }, *number);
}

Result<float> to_float(const Value &value, std::string_view name) {
    const auto number = to_double(value, name);
    if (!number) return number.error();
    if (std::abs(*number) > double{std::numeric_limits<float>::max()})
        return out_of_range(value, name, "is larger than any float");
    return static_cast<float>(*number);
}

Result<std::int64_t> to_int64(const Value &value, std::string_view name) {
    const auto number = to_number(value, name);
    if (!number) return number.error();
    if (const auto *whole = std::get_if<std::int64_t>(&*number)) return *whole;
    const double real = std::get<double>(*number);
    if (real != std::trunc(real)) return bad_type(value, name, "a whole number");
    constexpr double kEnd = 0x1p63; // the first double past an int64
    if (real < -kEnd || real >= kEnd) return out_of_range(value, name, "does not fit 64 bits");
    return static_cast<std::int64_t>(real);
}

Result<std::int32_t> to_int(const Value &value, std::string_view name) {
    const auto whole = to_int64(value, name);
    if (!whole) return whole.error();
    using Limits = std::numeric_limits<std::int32_t>;
    if (*whole < Limits::min() || *whole > Limits::max())
        return out_of_range(value, name, "does not fit 32 bits");
    return static_cast<std::int32_t>(*whole);
}

Result<std::int64_t> to_index(const Value &value, std::string_view name, IntRange range) {
    const auto whole = to_int64(value, name);
    if (!whole) return whole.error();
    if (*whole < range.min || *whole > range.max)
        return Error{Errc::out_of_range,
                     fmt::format("{} {}: not in {}..{}", name, *whole, range.min, range.max)};
    return *whole;
}

Result<bool> to_switch(const Value &value, std::string_view name) {
    if (const auto *const text = std::get_if<std::string>(&value))
        if (const auto word = switch_word(*text)) return *word;
    const auto number = to_double(value, name);
    if (number) return *number > 0.0;
    if (number.error().code == Errc::bad_type) return bad_type(value, name, "on (1) or off (0)");
    return number.error();
}

Result<std::string> to_text(const Value &value, std::string_view name) {
    if (const auto *const text = std::get_if<std::string>(&value)) return *text;
    if (const auto *const on = std::get_if<bool>(&value))
        return std::string(*on ? "true" : "false");
    const auto number = to_number(value, name);
    if (number) return shown(value);
    if (number.error().code == Errc::bad_type) return bad_type(value, name, "text");
    return number.error();
}

} // namespace chronus::osc
