#include "patterns/text/step_length.h"

#include "patterns/text/number.h"
#include "patterns/text/utf8.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

namespace chronus::patterns {

namespace {

constexpr int kMaxPart = 64;
constexpr double kShortest = 0.125, kLongest = 16;
constexpr double kNear = 1e-4; // of 1/3 written 0.3333

std::optional<double> whole(std::string_view text) {
    const auto number = parse_number(text);
    if (!number || *number != std::floor(*number) || *number < 1 || *number > kMaxPart)
        return std::nullopt;
    return number;
}

/// What the text says as a number, if anything.
std::optional<double> sixteenths(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return parse_number(text);
    const auto num = whole(text.substr(0, slash)), den = whole(text.substr(slash + 1));
    if (!num || !den) return std::nullopt;
    return *num / *den;
}

/// The fraction with the smallest parts that is as good as equal.
std::optional<StepLength> fraction_of(double length) {
    for (int den = 1; den <= kMaxPart; ++den) {
        const double num = std::round(length * den);
        if (num < 1 || num > kMaxPart || std::abs(num / den - length) > kNear) continue;
        return StepLength{static_cast<std::uint8_t>(num), static_cast<std::uint8_t>(den)};
    }
    return std::nullopt;
}

} // namespace

Result<StepLength> parse_step_length(std::string_view text) {
    const auto length = sixteenths(trimmed(text));
    if (!length)
        return Error{Errc::bad_type,
                     fmt::format("div: {} is not a length such as 2, 1/2 or 3/4", in_quotes(text)),
                     "1"};
    if (!(*length >= kShortest && *length <= kLongest))
        return Error{Errc::out_of_range,
                     fmt::format("div: {} is not in 1/8..16 sixteenths", in_quotes(text)),
                     *length < kShortest ? "1/8" : "16"};
    if (const auto fraction = fraction_of(*length)) return *fraction;
    return Error{
        Errc::out_of_range,
        fmt::format("div: {} is no fraction of whole numbers up to {}", in_quotes(text), kMaxPart),
        fmt::format("{}", std::round(*length < 1 ? 1 : *length))};
}

std::string print_step_length(StepLength length) {
    return length.den == 1 ? fmt::format("{}", length.num)
                           : fmt::format("{}/{}", length.num, length.den);
}

} // namespace chronus::patterns
