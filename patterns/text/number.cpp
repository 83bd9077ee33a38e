#include "patterns/text/number.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <system_error>

namespace chronus::patterns {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::optional<double> parse_number(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    double value = 0;
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::string number_text(float value) { return fmt::format("{}", value); }

double widened(float value) {
    if (!std::isfinite(value)) return 0;
    const auto spelled = parse_number(number_text(value));
    const bool same = spelled && static_cast<float>(*spelled) == value;
    return same ? *spelled : static_cast<double>(value);
}

} // namespace chronus::patterns
