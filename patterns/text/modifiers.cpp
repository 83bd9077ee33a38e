#include "patterns/text/modifiers.h"

#include "patterns/text/locks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace chronus::patterns {

namespace {

template <class T>
Found scan_into(Scanner &in, std::string_view what, std::pair<int, int> range, T &into) {
    int value = 0;
    Found fault = scan_whole(in, what, range.first, range.second, value);
    into = static_cast<T>(value);
    return fault;
}

Found scan_slide(Scanner &, Element &e) {
    e.step.slide = true;
    return std::nullopt;
}
Found scan_ratchet(Scanner &in, Element &e) {
    return scan_into(in, "a ratchet '*'", {2, kMaxRatchet}, e.step.ratchet);
}
Found scan_chance(Scanner &in, Element &e) {
    return scan_into(in, "a chance '?' in percent", {1, 100}, e.step.chance);
}
Found scan_pass(Scanner &in, Element &e) {
    const std::size_t begin = in.at();
    if (Found fault = scan_into(in, "a pass '%'", {1, kMaxCycle}, e.step.nth)) return fault;
    if (!in.take(':'))
        return Fault{in.at(), 0, fmt::format(":{}", std::max<int>(e.step.nth, 2)), Errc::bad_type,
                     "'%' wants which pass of how many, such as %2:4"};
    if (Found fault = scan_into(in, "the number of passes of '%'", {1, kMaxCycle}, e.step.cycle))
        return fault;
    if (e.step.nth <= e.step.cycle) return std::nullopt;
    return in.since(
        begin, fmt::format("{0}:{0}", e.step.cycle),
        fmt::format("'%{}:{}': there are only {} passes", e.step.nth, e.step.cycle, e.step.cycle),
        Errc::out_of_range);
}
Found scan_fill(Scanner &, Element &e) {
    e.step.fill = true;
    return std::nullopt;
}
Found scan_late(Scanner &in, Element &e) {
    return scan_into(in, "'>' in 1/96 of a step", {0, kMaxShift}, e.step.shift);
}
Found scan_early(Scanner &in, Element &e) {
    Found fault = scan_into(in, "'<' in 1/96 of a step", {0, kMaxShift}, e.step.shift);
    e.step.shift = static_cast<std::int8_t>(-e.step.shift);
    return fault;
}
Found scan_lock_set(Scanner &in, Element &e) { return scan_locks(in, e.locks); }

/// One kind of thing that hangs on a hit; '>' and '<' are of one kind.
struct Modifier {
    char sign, kind;
    std::string_view does;
    Found (*scan)(Scanner &, Element &);
};
constexpr std::array kModifiers{
    Modifier{'~', '~', "makes a hit slide", scan_slide},
    Modifier{'*', '*', "splits a hit", scan_ratchet},
    Modifier{'?', '?', "leaves a hit to chance", scan_chance},
    Modifier{'%', '%', "keeps a hit for some passes", scan_pass},
    Modifier{'!', '!', "keeps a hit for fills", scan_fill},
    Modifier{'>', '>', "makes a hit late", scan_late},
    Modifier{'<', '>', "makes a hit early", scan_early},
    Modifier{'{', '{', "locks parameters of a hit", scan_lock_set},
};

} // namespace

bool is_modifier(char c) {
    return std::ranges::find(kModifiers, c, &Modifier::sign) != kModifiers.end();
}

Fault lone_modifier(const Scanner &in) {
    const auto *known = std::ranges::find(kModifiers, in.peek(), &Modifier::sign);
    return in.here(
        "", fmt::format("'{}' {}; it stands right after X, x or o", known->sign, known->does));
}

Found scan_modifiers(Scanner &in, Element &into) {
    std::string seen;
    for (;;) {
        const auto *known = std::ranges::find(kModifiers, in.peek(), &Modifier::sign);
        if (known == kModifiers.end() || in.at_end()) return std::nullopt;
        const std::size_t begin = in.at();
        in.take(known->sign);
        const bool twice = seen.find(known->kind) != std::string::npos;
        Element unused;
        if (Found fault = known->scan(in, twice ? unused : into)) return fault;
        if (twice)
            return in.since(begin, "", fmt::format("a second '{}' after one hit", known->kind));
        seen += known->kind;
    }
}

std::string print_modifiers(const Element &element) {
    const Step &step = element.step;
    std::string text;
    if (step.slide) text += '~';
    if (step.ratchet > 1) text += fmt::format("*{}", step.ratchet);
    if (step.chance < 100) text += fmt::format("?{}", step.chance);
    if (step.cycle > 1) text += fmt::format("%{}:{}", step.nth, step.cycle);
    if (step.fill) text += '!';
    if (step.shift != 0)
        text += fmt::format("{}{}", step.shift > 0 ? '>' : '<',
                            step.shift < 0 ? -step.shift : step.shift);
    return text + print_locks(element.locks);
}

} // namespace chronus::patterns
