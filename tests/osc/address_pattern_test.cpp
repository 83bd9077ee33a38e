#include "osc/address_pattern.h"
#include "osc/errors.h"
#include "osc/pattern_targets.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <ctime>
#include <random>
#include <string>
#include <vector>

using namespace chronus;
using namespace chronus::osc;

namespace {

AddressPattern pattern(std::string_view text) {
    auto out = AddressPattern::parse(text);
    if (!out) FAIL(text << ": " << out.error().what);
    return *std::move(out);
}

bool matches(std::string_view text, std::string_view address) {
    return pattern(text).matches(address);
}

/// "SYMBOL what | hint"
std::string refusal(std::string_view text) {
    const auto out = AddressPattern::parse(text);
    if (out) FAIL(text << ": accepted");
    CHECK(AddressPattern::parse(out.error().hint));
    return std::string{error_row(out.error().code).symbol} + " " + out.error().what + " | " +
           out.error().hint;
}

std::string times(std::size_t n, std::string_view text) {
    std::string out;
    for (; n > 0; --n) out += text;
    return out;
}

// The slow, obvious matcher: it tries every way to read a pattern that can be read.

bool set_takes(std::string_view set, char c) {
    if (c == '/') return false;
    const bool others = set.starts_with('!');
    if (others) set.remove_prefix(1);
    bool found = false;
    while (!set.empty()) {
        const bool is_range = set.size() > 2 && set[1] == '-';
        const char from = set[0], to = is_range ? set[2] : set[0];
        found = found || (std::min(from, to) <= c && c <= std::max(from, to));
        set.remove_prefix(is_range ? 3 : 1);
    }
    return found != others;
}

/// The texts of "a,[,b],c}rest", and what stands behind them.
std::vector<std::string_view> split(std::string_view text, std::string_view &rest) {
    std::vector<std::string_view> out;
    for (std::size_t i = 0, begin = 0, bracket = 0;; ++i) {
        if (text[i] == '[') bracket = 1;
        if (text[i] == ']') bracket = 0;
        if (bracket != 0 || (text[i] != ',' && text[i] != '}')) continue;
        out.push_back(text.substr(begin, i - begin));
        begin = i + 1;
        rest = text.substr(begin);
        if (text[i] == '}') return out;
    }
}

bool slow(std::string_view p, std::string_view a) {
    if (p.empty()) return a.empty();
    if (p.starts_with("//")) {
        if (!a.starts_with('/')) return false;
        for (std::size_t i = 0; i < a.size(); ++i)
            if (a[i] == '/' && slow(p.substr(2), a.substr(i + 1))) return true;
        return false;
    }
    if (p[0] == '{') {
        std::string_view rest;
        const auto texts = split(p.substr(1), rest);
        return std::ranges::any_of(
            texts, [&](std::string_view text) { return slow(std::string{text}.append(rest), a); });
    }
    if (p[0] == '*')
        return slow(p.substr(1), a) || (!a.empty() && a[0] != '/' && slow(p, a.substr(1)));
    if (a.empty()) return false;
    if (p[0] == '[') {
        const std::size_t end = p.find(']');
        return set_takes(p.substr(1, end - 1), a[0]) && slow(p.substr(end + 1), a.substr(1));
    }
    const bool taken = p[0] == '?' ? a[0] != '/' : p[0] == a[0];
    return taken && slow(p.substr(1), a.substr(1));
}

/// Random texts out of few letters, so that they often meet.
class Dice {
public:
    std::string text(std::string_view letters, std::size_t most) {
        std::string out{"/"};
        for (std::size_t n = below(most + 1); n > 0; --n) out += letters[below(letters.size())];
        return out;
    }

private:
    std::size_t below(std::size_t end) { return random_() % end; }
    std::mt19937 random_{1};
};

std::vector<std::string> addresses_of(std::uint16_t voices) {
    std::vector<std::string> out;
    for (std::uint16_t i = 0; i < kParamCount; ++i)
        if (place_of({i}).module != 0 || place_of({i}).instance < voices)
            out.push_back("/mod/" + std::string{path_of({i}).view()});
    return out;
}

} // namespace

TEST_CASE("address pattern: text without signs is itself and no pattern", "[osc]") {
    CHECK_FALSE(has_pattern("/mod/voice1/amp"));
    CHECK(matches("/mod/voice1/amp", "/mod/voice1/amp"));
    for (const char *other : {"/mod/voice1/am", "/mod/voice1/amps", "/mod/voice1", "", "/"})
        CHECK_FALSE(matches("/mod/voice1/amp", other));
    for (const char *text : {"/a?", "/*", "/[a]", "/{a}", "//a"}) CHECK(has_pattern(text));
}

TEST_CASE("address pattern: ? is one character and * any number, of one level", "[osc]") {
    CHECK(matches("/voice?/amp", "/voice1/amp"));
    CHECK_FALSE(matches("/voice?/amp", "/voice12/amp"));
    CHECK_FALSE(matches("/voice?/amp", "/voice/amp"));
    CHECK_FALSE(matches("/voice?amp", "/voice/amp"));
    CHECK(matches("/voice*/amp", "/voice/amp"));
    CHECK(matches("/voice*/amp", "/voice12/amp"));
    CHECK(matches("/*/*", "/voice12/amp"));
    CHECK(matches("/**o*e**/amp", "/voice12/amp"));
    CHECK_FALSE(matches("/*", "/voice1/amp"));
    CHECK_FALSE(matches("/*/amp", "/voice1/filter/amp"));
}

TEST_CASE("address pattern: brackets are one of their characters, or of all others", "[osc]") {
    CHECK(matches("/v[123]", "/v2"));
    CHECK_FALSE(matches("/v[123]", "/v4"));
    CHECK(matches("/v[1-46]", "/v3"));
    CHECK(matches("/v[1-46]", "/v6"));
    CHECK_FALSE(matches("/v[1-46]", "/v5"));
    CHECK(matches("/v[!1-4]", "/v5"));
    CHECK_FALSE(matches("/v[!1-4]", "/v4"));
    CHECK_FALSE(matches("/v[!1-4]a", "/v/a"));
    CHECK_FALSE(matches("/v[ -~]a", "/v/a"));
}

TEST_CASE("address pattern: a range may be written backwards", "[osc]") {
    for (const char *text : {"/[a-c]", "/[c-a]"}) {
        CHECK(matches(text, "/b"));
        CHECK_FALSE(matches(text, "/d"));
        CHECK_FALSE(matches(text, "/-"));
    }
    CHECK(matches("/[b-b]", "/b"));
}

TEST_CASE("address pattern: - at an end and ! but at the start are themselves", "[osc]") {
    for (const char *text : {"/[-a]", "/[a-]", "/[b-a-]", "/[!b-~]"}) {
        CHECK(matches(text, "/-"));
        CHECK(matches(text, "/a"));
        CHECK_FALSE(matches(text, "/c"));
    }
    CHECK(matches("/[a-c-e]", "/-"));
    CHECK(matches("/[a-c-e]", "/e"));
    CHECK_FALSE(matches("/[a-c-e]", "/d"));
    CHECK(matches("/[a!]", "/!"));
    CHECK_FALSE(matches("/[a!]", "/b"));
    CHECK_FALSE(matches("/[!!]", "/!"));
    CHECK(matches("/[!!]", "/a"));
    CHECK(matches("/[{,}*?]", "/,"));
}

TEST_CASE("address pattern: braces are one of their texts, which may be empty", "[osc]") {
    CHECK(matches("/{freq,amp}", "/freq"));
    CHECK(matches("/{freq,amp}", "/amp"));
    CHECK_FALSE(matches("/{freq,amp}", "/pan"));
    CHECK_FALSE(matches("/{freq,amp}", "/freqamp"));
    CHECK(matches("/voice{,1,2}/amp", "/voice/amp"));
    CHECK(matches("/voice{1,,2}/amp", "/voice/amp"));
    CHECK(matches("/voice{1,2,}/amp", "/voice/amp"));
    CHECK(matches("/voice{}/amp", "/voice/amp"));
    CHECK_FALSE(matches("/voice{}/amp", "/voice1/amp"));
    CHECK(matches("/{a,ab}{bc,c}", "/abc"));
    CHECK(matches("/{v*,lfo[12]}/?", "/voice7/x"));
    CHECK(matches("/{v*,lfo[12]}/?", "/lfo2/x"));
    CHECK_FALSE(matches("/{v*,lfo[12]}/?", "/lfo3/x"));
}

TEST_CASE("address pattern: // is any number of levels, none included", "[osc]") {
    CHECK(matches("//freq", "/freq"));
    CHECK(matches("//freq", "/mod/voice1/filter/freq"));
    CHECK_FALSE(matches("//freq", "/mod/voice1/filterfreq"));
    CHECK(matches("/mod//freq", "/mod/freq"));
    CHECK(matches("/mod//freq", "/mod/voice1/filter/freq"));
    CHECK_FALSE(matches("/mod//freq", "/modern/freq"));
    CHECK(matches("/mod//filter//*", "/mod/voice1/filter/freq"));
    CHECK(matches("//*", "/mod/voice1/filter/freq"));
}

TEST_CASE("address pattern: what cannot be read is told by its column", "[osc]") {
    CHECK(refusal("") == "BAD_TYPE address: column 1: empty | /*");
    CHECK(refusal("mod/*") == "BAD_TYPE address: column 1: no '/' | /mod/*");
    CHECK(refusal("/v[12/a") == "BAD_TYPE address: column 6: '[' is never closed | /v[12]/a");
    CHECK(refusal("/v[1-") == "BAD_TYPE address: column 6: '[' is never closed | /v[1-]");
    CHECK(refusal("/{a,b/c}") == "BAD_TYPE address: column 6: '{' is never closed | /{a,b}/c");
    CHECK(refusal("/{a,[b") == "BAD_TYPE address: column 7: '[' is never closed | /{a,[b]}");
    CHECK(refusal("/{a,{b}") == "BAD_TYPE address: column 5: '{' inside '{' | /{a,b}");
    CHECK(refusal("/a]*") == "BAD_TYPE address: column 3: ']' closes nothing | /a*");
    CHECK(refusal("/a}*") == "BAD_TYPE address: column 3: '}' closes nothing | /a*");
    for (const char *text : {"/v[]", "/v[!]"})
        CHECK(refusal(text) == "BAD_TYPE address: column 3: brackets without a character | /v?");
    CHECK(refusal("/*/") == "BAD_TYPE address: column 4: nothing stands after the '/' | /*/*");
    CHECK(refusal("/a//") == "BAD_TYPE address: column 5: nothing stands after the '/' | /a//*");
    CHECK(refusal("/a///b") == "BAD_TYPE address: column 5: a third '/' | /a//b");
}

TEST_CASE("address pattern: the longest is taken, one more is not", "[osc]") {
    const std::string commas = "/{" + times(AddressPattern::kMostChars - 3, ",") + "}";
    CHECK(matches(commas, "/"));
    CHECK_FALSE(matches(commas, "/,"));
    CHECK(refusal(commas + "*")
              .starts_with("TOO_BIG address: column 256: 256 characters; 255 are allowed | /{,,,"));
    CHECK(refusal("/" + times(5000, "[")).starts_with("TOO_BIG"));
}

TEST_CASE("address pattern: agrees with a matcher that tries everything", "[osc]") {
    Dice dice;
    int read = 0, matched = 0;
    for (int n = 0; n < 200000; ++n) {
        const std::string text = dice.text("aab/*?[]-!{,}", 10);
        const auto got = AddressPattern::parse(text);
        if (!got) continue;
        ++read;
        for (int k = 0; k < 8; ++k) {
            const std::string address = dice.text("aab/-!", 6);
            if (got->matches(address) != slow(text, address)) FAIL(text << " on " << address);
            if (got->matches(address)) ++matched;
        }
    }
    CHECK(read > 20000); // the dice do throw what is looked for
    CHECK(matched > 5000);
}

TEST_CASE("address pattern: the work is at most pattern times address, for the worst of them too",
          "[osc]") {
    const std::size_t n = GENERATE(8u, 16u, 32u, 64u, 120u);
    const std::vector<std::string> worst{"/a/" + times(n, "*a"), "/a/" + times(n, "*a") + "b",
                                         times(n, "/*"),         "/{" + times(n, "*,") + "}",
                                         times(n / 4, "//a/*"),  "/" + times(n / 3, "{a,*}"),
                                         times(n / 3, "/{,*}")};
    for (const std::string &text : worst) {
        const AddressPattern p = pattern(text);
        for (const std::string &address :
             {"/a/" + times(4 * n, "a"), times(2 * n, "/a"), "/" + times(4 * n, "a")})
            // Two items a character of the pattern, each seen twice a character of the address.
            CHECK(p.work(address) <= 4 * text.size() * (address.size() + 1));
    }
}

TEST_CASE("address pattern: finds the parameters and gates it means, and no command", "[osc]") {
    const auto filters = targets_of(pattern("/mod/voice*/filter/freq"), 8);
    REQUIRE(filters.params.size() == 8);
    CHECK(filters.params[2] == param("voice3/filter/freq"));
    const auto gates = targets_of(pattern("/gate/*"), 3);
    CHECK(gates.gates == std::vector<std::uint16_t>{1, 2, 3});
    CHECK(gates.acid_gate);
    CHECK(gates.size() == 4);
    CHECK(targets_of(pattern("//*"), 64).params.size() == kParamCount);
    CHECK(targets_of(pattern("/seq/*"), 8).size() == 0);
}

namespace {

/// What a core has spent on this thread.
double thread_ms() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

} // namespace

TEST_CASE("address pattern: all parameters of 64 voices are matched within a millisecond",
          "[osc]") {
    const auto addresses = addresses_of(64);
    for (const char *text :
         {"/mod/voice*/filter/freq", "/mod/{voice[1-9],lfo*}/*", "//freq", "/*/*/*/*", "//*"}) {
        const AddressPattern p = pattern(text);
        double best_ms = 1e9; // of this thread alone, on a machine that others use too
        for (int run = 0; run < 20; ++run) {
            const double begin_ms = thread_ms();
            const auto hits = std::ranges::count_if(
                addresses, [&](const std::string &address) { return p.matches(address); });
            best_ms = std::min(best_ms, thread_ms() - begin_ms);
            CHECK(hits > 0);
        }
        INFO(text << ": " << best_ms << " ms");
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        CHECK(best_ms < 1);
#endif
    }
}
