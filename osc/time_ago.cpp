#include "osc/time_ago.h"

#include "patterns/text/number.h"

#include <fmt/format.h>

#include <array>

namespace chronus::osc {

std::optional<std::int64_t> span_of(std::string_view text) {
    constexpr std::string_view kUnits = "smhd";
    constexpr std::array<double, 4> kMs{1e3, 6e4, 3.6e6, 8.64e7};
    const std::size_t unit = text.empty() ? kUnits.npos : kUnits.find(text.back());
    if (unit == kUnits.npos) return std::nullopt;
    const auto number = patterns::parse_number(text.substr(0, text.size() - 1));
    if (!number || *number < 0 || *number > 1e6) return std::nullopt;
    return static_cast<std::int64_t>(*number * kMs[unit]);
}

Result<std::int64_t> time_ago(std::string_view word, std::string_view value, std::int64_t now_ms) {
    if (const auto ago = span_of(value)) return now_ms - *ago;
    return Error{Errc::bad_type,
                 fmt::format("{}: how long ago is a number and one of s, m, h and d", word)};
}

} // namespace chronus::osc
