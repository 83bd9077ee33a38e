#include "patterns/text/notation.h"

#include "patterns/text/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace chronus::patterns {

namespace {

constexpr std::size_t kMostMended = 1024; // bytes of a wrong pattern that its hint is made from
constexpr char kSlide = '~';
constexpr std::string_view kForTheEye = " \t\r\n|";
constexpr std::string_view kAllowed = "X x o . - _ ~ |";

/// One sign is one step. The first sign of a kind is the one it is written with.
struct Sign {
    char text;
    Hit hit;
};
constexpr std::array kSigns{Sign{'X', Hit::accent}, Sign{'x', Hit::normal}, Sign{'o', Hit::ghost},
                            Sign{'.', Hit::rest},   Sign{'-', Hit::rest},   Sign{'_', Hit::tie}};

/// What is wrong, where, and what in its place would not be.
struct Fault {
    std::size_t at = 0, size = 0;
    std::string_view instead;
    Errc code = Errc::bad_type;
    std::string why;
};
using Found = std::optional<Fault>;

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    /// Reads all of the text into `pattern`, or up to the first fault.
    Found pattern_text() {
        for (skip_blanks(); !at_end(); skip_blanks())
            if (Found fault = element()) return fault;
        if (pattern.length > 0) return std::nullopt;
        return Fault{at_, 0, ".", Errc::out_of_range, "no steps; 1 to 256 are allowed"};
    }

    Pattern pattern;

private:
    bool at_end() const { return at_ == text_.size(); }
    char peek() const { return at_end() ? '\0' : text_[at_]; }
    void skip_blanks() {
        while (!at_end() && kForTheEye.find(peek()) != std::string_view::npos) ++at_;
    }
    Fault unexpected(std::string_view instead, std::string why) const {
        return {at_, front_character(text_.substr(at_)).size(), instead, Errc::bad_type,
                std::move(why)};
    }

    /// A step and what hangs on it.
    Found element() {
        Step step;
        if (Found fault = sign(step)) return fault;
        if (strikes(step.hit) && peek() == kSlide) {
            step.slide = true;
            ++at_;
        }
        pattern.steps[pattern.length++] = step;
        return std::nullopt;
    }

    Found sign(Step &step) {
        const auto *known = std::ranges::find(kSigns, peek(), &Sign::text);
        if (known == kSigns.end() || at_end()) return no_sign();
        if (pattern.length == kMaxSteps)
            return Fault{at_, std::string_view::npos, "", Errc::out_of_range,
                         "more than 256 steps"};
        if (known->hit == Hit::tie && !sounds())
            return unexpected(".", "'_' has no note to hold; it follows X, x, o or another _");
        step.hit = known->hit;
        ++at_;
        return std::nullopt;
    }

    Fault no_sign() const {
        if (peek() == kSlide)
            return unexpected("", "'~' makes a hit slide; it stands right after X, x or o");
        const std::string_view sign = front_character(text_.substr(at_));
        return unexpected(
            ".", fmt::format("{} is not a step; allowed are {}", in_quotes(sign), kAllowed));
    }

    /// Whether a note sounds where the next step begins.
    bool sounds() const {
        return pattern.length > 0 && pattern.steps[pattern.length - 1u].hit != Hit::rest;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

/// The text with one fault after the other replaced, until it can be read.
std::string mended(std::string_view wrong) {
    std::string text{wrong.substr(0, kMostMended)};
    for (std::size_t repairs = 0; repairs <= kMostMended; ++repairs) {
        const Found fault = Parser{text}.pattern_text();
        if (!fault) return text;
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

std::string print_pattern(std::span<const Step> steps) {
    std::string text;
    bool sounding = false;
    for (const Step &step : steps) {
        const Hit hit = step.hit == Hit::tie && !sounding ? Hit::rest : step.hit;
        text += std::ranges::find(kSigns, hit, &Sign::hit)->text;
        if (step.slide && strikes(hit)) text += kSlide;
        sounding = hit != Hit::rest;
    }
    return text;
}

} // namespace chronus::patterns
