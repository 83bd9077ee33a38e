#include "osc/moment.h"

#include "engine/model/time.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace chronus::osc {

namespace {

struct Unit {
    std::string_view name;
    std::uint64_t steps;
};
constexpr std::array kUnits{Unit{"step", 1}, Unit{"beat", kStepsPerBeat},
                            Unit{"bar", kStepsPerBar}};
constexpr std::uint64_t kMost = 1'000'000'000; // lines; far more than a performance has

Error not_a_moment(std::string_view text) {
    return {Errc::out_of_range,
            fmt::format("when \"{}\": not now, step+1, beat+2, bar+1 or bar:17", text), "bar+1"};
}

/// How many lines, from 1; nothing when it is no such number.
std::optional<std::uint64_t> count_of(std::string_view digits) {
    std::uint64_t n = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
    if (error != std::errc{} || end != digits.data() + digits.size() || n == 0 || n > kMost)
        return std::nullopt;
    return n;
}

Result<std::optional<Moment>> counted(std::uint64_t step, std::optional<double> here,
                                      std::string_view text) {
    if (here && static_cast<double>(step) <= *here)
        return Error{Errc::late, fmt::format("when \"{}\": it has passed", text), "bar+1"};
    return std::optional{Moment{step, true}};
}

} // namespace

Result<std::optional<Moment>> parse_moment(std::string_view text, std::optional<double> here) {
    if (text == "now") return std::optional<Moment>{};
    for (const Unit &unit : kUnits) {
        if (!text.starts_with(unit.name)) continue;
        const std::string_view rest = text.substr(unit.name.size());
        const auto count = count_of(rest.substr(rest.empty() ? 0 : 1));
        if (!count || (rest[0] != '+' && rest[0] != ':')) break;
        if (rest[0] == ':') return counted((*count - 1) * unit.steps, here, text);
        if (!here) return std::optional<Moment>{};
        const auto passed = static_cast<std::uint64_t>(*here / static_cast<double>(unit.steps));
        return std::optional{Moment{(passed + *count) * unit.steps, false}};
    }
    return not_a_moment(text);
}

std::string shown(Moment moment) {
    return fmt::format("bar {}, step {}", moment.step / kStepsPerBar + 1,
                       moment.step % kStepsPerBar + 1);
}

} // namespace chronus::osc
