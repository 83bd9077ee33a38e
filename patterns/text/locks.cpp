#include "patterns/text/locks.h"

#include "patterns/text/nearest.h"
#include "patterns/text/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace chronus::patterns {

namespace {

constexpr std::string_view kAcid = "acid.";

/// Short names, which are also the ones that are written.
struct Alias {
    std::string_view name;
    LockTarget target;
};
constexpr std::array kAliases{Alias{"cutoff", lock_target("voice1/filter/freq")},
                              Alias{"res", lock_target("voice1/filter/q")}};

/// What no step can lock: which voice the acid is on is no matter of one note.
constexpr bool is_lockable(LockTarget target) {
    return target.spec().kind == Kind::amount || target.spec().kind == Kind::choice;
}

std::string name_of(LockTarget target) {
    const auto *alias = std::ranges::find(kAliases, target, &Alias::target);
    if (alias != kAliases.end()) return std::string{alias->name};
    return fmt::format("{}{}", target.of_acid() ? kAcid : "", target.spec().path);
}

std::optional<LockTarget> target_named(std::string_view name) {
    const auto *alias = std::ranges::find(kAliases, name, &Alias::name);
    if (alias != kAliases.end()) return alias->target;
    const bool acid = name.starts_with(kAcid);
    if (acid) name.remove_prefix(kAcid.size());
    for (std::uint8_t row = 0; row < LockTarget::kCount; ++row) {
        const LockTarget target{row};
        if (target.of_acid() == acid && target.spec().path == name && is_lockable(target))
            return target;
    }
    return std::nullopt;
}

std::string nearest_name(std::string_view name) {
    std::vector<std::string> names;
    for (std::uint8_t row = 0; row < LockTarget::kCount; ++row)
        if (is_lockable({row})) names.push_back(name_of({row}));
    const std::vector<std::string_view> views{names.begin(), names.end()};
    return std::string{nearest_of(name, views)};
}

/// A number within the range, or the number of a choice by its name.
std::optional<float> value_of(const ParamSpec &spec, std::string_view text) {
    if (spec.kind == Kind::choice)
        if (const auto choice = find_choice(spec.choices, text)) return choice;
    const auto number = parse_number(text);
    if (!number) return std::nullopt;
    if (spec.kind == Kind::amount)
        return static_cast<float>(std::clamp<double>(*number, spec.min, spec.max));
    const auto value = static_cast<float>(*number);
    const bool known = value == std::floor(value) && value >= spec.min && value <= spec.max;
    return known ? std::optional{value} : std::nullopt;
}

std::string value_text(const ParamSpec &spec, float value) {
    if (spec.kind == Kind::choice)
        return std::string{choice_name(spec.choices, static_cast<std::size_t>(value))};
    return number_text(value);
}

std::string wanted(const ParamSpec &spec) {
    if (spec.kind == Kind::choice) return fmt::format("one of {}", spec.choices);
    return fmt::format("a number of {} to {}", spec.min, spec.max);
}

Found scan_lock(Scanner &in, LockSet &into) {
    const std::size_t begin = in.at();
    const std::string_view name = trimmed(in.until("=,}"));
    const auto target = target_named(name);
    if (!target)
        return in.since(begin, nearest_name(name),
                        fmt::format("{} is nothing a step can lock", in_quotes(name)));
    const ParamSpec &spec = target->spec();
    if (!in.take('='))
        return Fault{in.at(), 0, "=" + value_text(spec, spec.initial), Errc::bad_type,
                     fmt::format("{} wants '=' and {}", name, wanted(spec))};
    const std::size_t value_at = in.at();
    const std::string_view text = trimmed(in.until(",}"));
    const auto value = value_of(spec, text);
    if (!value)
        return in.since(value_at, value_text(spec, spec.initial),
                        fmt::format("{} is {}, not {}", name, wanted(spec), in_quotes(text)));
    if (into.add({*target, *value})) return std::nullopt;
    const bool twice = into.find(*target) != nullptr;
    in.take(',');
    return in.since(begin, "",
                    twice ? fmt::format("{} is locked twice", name)
                          : fmt::format("a step locks at most {} parameters", kMaxLocks),
                    twice ? Errc::bad_type : Errc::out_of_range);
}

} // namespace

Found scan_locks(Scanner &in, LockSet &into) {
    const std::size_t begin = in.at() - 1;
    do {
        in.skip(" ");
        if (in.sees('}') && into.count > 0) break; // a comma before the end
        if (in.at_end() || in.sees('}'))
            return Fault{begin, in.at() - begin + (in.at_end() ? 0u : 1u), "", Errc::bad_type,
                         "'{' wants locks such as {cutoff=800,res=2}"};
        if (Found fault = scan_lock(in, into)) return fault;
    } while (in.take(','));
    if (in.take('}')) return std::nullopt;
    return Fault{in.at(), 0, "}", Errc::bad_type, "'{' is never closed"};
}

std::string print_locks(const LockSet &set) {
    std::string text;
    for (const Lock &lock : set.view())
        text += fmt::format("{}{}={}", text.empty() ? "{" : ",", name_of(lock.target),
                            value_text(lock.target.spec(), lock.value));
    return text.empty() ? text : text + "}";
}

} // namespace chronus::patterns
