#include "patterns/text/scanner.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace chronus::patterns {

Found scan_whole(Scanner &in, std::string_view what, int low, int high, int &into) {
    const std::size_t begin = in.at();
    const std::string_view digits = in.digits();
    if (digits.empty())
        return Fault{begin, 0, fmt::format("{}", low), Errc::bad_type,
                     fmt::format("{} wants a number of {} to {}", what, low, high)};
    long value = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc{})
        value = high + 1L;
    into = static_cast<int>(std::clamp<long>(value, low, high));
    if (into == value) return std::nullopt;
    return in.since(begin, fmt::format("{}", into),
                    fmt::format("{} is {} to {}, not {}", what, low, high, digits.substr(0, 20)),
                    Errc::out_of_range);
}

} // namespace chronus::patterns
