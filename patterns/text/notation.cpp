#include "patterns/text/notation.h"

#include "patterns/text/euclid.h"
#include "patterns/text/modifiers.h"
#include "patterns/text/scanner.h"

#include <fmt/format.h>

#include <algorithm>

namespace chronus::patterns {

namespace {

constexpr std::size_t kMostMended = 1024; // bytes of a wrong pattern that its hint is made from
constexpr std::size_t kMostRepairs = 64;  // faults in them; it ends with the next
constexpr int kMaxDepth = 4;              // of brackets
constexpr std::string_view kForTheEye = " \t\r\n|";
constexpr std::string_view kAllowed = "X x o . - _ | [ ] E and, after a hit, ~ * ? % ! > < {";

/// One sign is one step. The first sign of a kind is the one it is written with.
struct Sign {
    char text;
    Hit hit;
};
constexpr std::array kSigns{Sign{'X', Hit::accent}, Sign{'x', Hit::normal}, Sign{'o', Hit::ghost},
                            Sign{'.', Hit::rest},   Sign{'-', Hit::rest},   Sign{'_', Hit::tie}};

class Parser {
public:
    explicit Parser(std::string_view text) : in_(text) {}

    /// Reads all of the text into `pattern`, or up to the first fault.
    Found pattern_text() {
        if (Found fault = elements()) return fault;
        if (pattern.length > 0) return std::nullopt;
        return Fault{in_.at(), 0, ".", Errc::out_of_range, "no steps; 1 to 256 are allowed"};
    }

    Pattern pattern;

private:
    /// Up to the end, or to the bracket that closes.
    Found elements() {
        for (in_.skip(kForTheEye); !in_.at_end(); in_.skip(kForTheEye)) {
            if (depth_ > 0 && in_.sees(']')) return std::nullopt;
            if (Found fault = in_.sees('[') ? group() : in_.sees('E') ? rhythm() : single())
                return fault;
        }
        return std::nullopt;
    }

    /// A step and what hangs on it.
    Found single() {
        const std::size_t begin = in_.at();
        Element element;
        if (Found fault = sign(element.step)) return fault;
        if (strikes(element.step.hit))
            if (Found fault = scan_modifiers(in_, element)) return fault;
        return append(element, begin);
    }

    Found sign(Step &step) {
        const auto *known = std::ranges::find(kSigns, in_.peek(), &Sign::text);
        if (known == kSigns.end()) return no_sign();
        if (pattern.length == kMaxSteps) return too_long(in_.at());
        if (known->hit == Hit::tie && !sounds())
            return in_.here(".", "'_' has no note to hold; it follows X, x, o or another _");
        step.hit = known->hit;
        in_.take(known->text);
        return std::nullopt;
    }

    Fault no_sign() const {
        if (is_modifier(in_.peek())) return lone_modifier(in_);
        if (in_.sees(']')) return in_.here("", "']' closes nothing");
        return in_.here(".", fmt::format("{} is not a step; allowed are {}",
                                         in_quotes(in_.character()), kAllowed));
    }

    static Fault too_long(std::size_t at) {
        return {at, std::string_view::npos, "", Errc::out_of_range, "more than 256 steps"};
    }

    Found append(Element element, std::size_t begin) {
        if (pattern.length == kMaxSteps) return too_long(begin);
        const int set = pattern.locks.add(element.locks);
        if (set < 0)
            return in_.since(begin, "x",
                             fmt::format("more than {} different sets of locks", kMaxLockSets),
                             Errc::out_of_range);
        element.step.locks = static_cast<std::uint8_t>(set);
        pattern.steps[pattern.length++] = element.step;
        return std::nullopt;
    }

    /// Whether a note sounds where the next step begins.
    bool sounds() const {
        return pattern.length > 0 && pattern.steps[pattern.length - 1u].hit != Hit::rest;
    }

    /// [X.x.]*4
    Found group() {
        const std::size_t begin = in_.at();
        if (depth_ == kMaxDepth)
            return in_.here("", fmt::format("brackets stand at most {} deep", kMaxDepth));
        in_.take('[');
        ++depth_;
        const std::uint16_t first = pattern.length;
        if (Found fault = elements()) return fault;
        if (in_.at_end()) return Fault{in_.at(), 0, "]*2", Errc::bad_type, "'[' is never closed"};
        if (pattern.length == first) return in_.here(".]*2", "[] has no step to repeat");
        in_.take(']');
        --depth_;
        if (!in_.take('*'))
            return Fault{in_.at(), 0, "*2", Errc::bad_type,
                         "a bracket wants how often, such as [X.x.]*4"};
        int times = 1;
        if (Found fault = scan_whole(in_, "a repeat", 1, kMaxSteps, times)) return fault;
        return repeat(first, times, begin);
    }

    Found repeat(std::uint16_t first, int times, std::size_t begin) {
        const std::size_t size = static_cast<std::size_t>(pattern.length - first);
        if (first + size * static_cast<std::size_t>(times) > kMaxSteps) return too_long(begin);
        if (times > 1 && pattern.steps[first].hit == Hit::tie && !sounds())
            return in_.since(begin, ".", "a repeat that starts with '_' has no note to hold");
        for (std::size_t i = size; i < size * static_cast<std::size_t>(times); ++i)
            pattern.steps[pattern.length++] = pattern.steps[first + i % size];
        return std::nullopt;
    }

    /// E(5,16,2)
    Found rhythm() {
        const std::size_t begin = in_.at();
        in_.take('E');
        int hits = 0, steps = 0, rotation = 0;
        if (!in_.take('(')) return wrong_rhythm(begin);
        if (Found fault = scan_whole(in_, "E's number of hits", 0, kMaxSteps, hits)) return fault;
        if (!in_.take(',')) return wrong_rhythm(begin);
        if (Found fault =
                scan_whole(in_, "E's number of steps", std::max(hits, 1), kMaxSteps, steps))
            return fault;
        if (in_.take(','))
            if (Found fault = scan_whole(in_, "E's rotation", 0, kMaxSteps, rotation)) return fault;
        if (!in_.take(')')) return wrong_rhythm(begin);
        for (const bool hit : euclid(hits, steps, rotation))
            if (Found fault = append({{hit ? Hit::normal : Hit::rest}, {}}, begin)) return fault;
        return std::nullopt;
    }
    Found wrong_rhythm(std::size_t begin) const {
        return in_.since(begin, "", "E wants hits and steps, such as E(5,16) or E(5,16,2)");
    }

    Scanner in_;
    int depth_ = 0;
};

/// The text with one fault after the other replaced, until it can be read.
std::string mended(std::string_view wrong) {
    std::string text{wrong.substr(0, kMostMended)};
    for (std::size_t repairs = 0; repairs <= kMostMended; ++repairs) {
        const Found fault = Parser{text}.pattern_text();
        if (!fault) return text;
        if (repairs == kMostRepairs) text.resize(fault->at); // and then what is open is closed
        text.replace(fault->at, fault->size, fault->instead);
    }
    return ".";
}

/// Columns count characters, not bytes.
std::size_t column_of(std::string_view text, std::size_t at) {
    std::size_t column = 1;
    for (std::size_t i = 0; i < at; i += front_character(text.substr(i)).size()) ++column;
    return column;
}

} // namespace

Result<Pattern> parse_pattern(std::string_view text) {
    Parser parser{text};
    const Found fault = parser.pattern_text();
    if (!fault) return parser.pattern;
    return Error{fault->code,
                 fmt::format("pattern: column {}: {}", column_of(text, fault->at), fault->why),
                 mended(text)};
}

std::string print_pattern(PatternView pattern) {
    std::string text;
    bool sounding = false;
    for (const Step &step : pattern.steps) {
        const Hit hit = step.hit == Hit::tie && !sounding ? Hit::rest : step.hit;
        text += std::ranges::find(kSigns, hit, &Sign::hit)->text;
        if (strikes(hit)) text += print_modifiers({step, pattern.locks_of(step)});
        sounding = hit != Hit::rest;
    }
    return text;
}

void put_pattern(Track &track, const Pattern &pattern) {
    track.steps = pattern.steps;
    track.length = pattern.length;
    track.locks = pattern.locks;
}

} // namespace chronus::patterns
