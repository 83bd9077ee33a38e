#include "patterns/text/notation.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

using namespace chronus;
using namespace chronus::patterns;

namespace {

std::string again(std::string_view text) {
    const auto pattern = parse_pattern(text);
    if (!pattern) FAIL(pattern.error().what);
    return print_pattern(pattern->view());
}

struct Wrong {
    std::string text, what, hint;
};

} // namespace

TEST_CASE("notation: each sign is one step of its kind", "[text]") {
    const auto pattern = parse_pattern("Xxo.-_");
    REQUIRE_FALSE(pattern); // a rest holds nothing
    const auto steps = parse_pattern("X_x~o.-");
    REQUIRE(steps);
    CHECK(steps->length == 6);
    CHECK(steps->steps[0] == Step{Hit::accent, false});
    CHECK(steps->steps[1] == Step{Hit::tie, false});
    CHECK(steps->steps[2] == Step{Hit::normal, true});
    CHECK(steps->steps[3] == Step{Hit::ghost, false});
    CHECK(steps->steps[4] == Step{Hit::rest, false});
    CHECK(steps->steps[5] == Step{Hit::rest, false});
}

TEST_CASE("notation: blanks and bars are for the eye", "[text]") {
    CHECK(again("X... x... | o~_-- X__.") == "X...x...o~_..X__.");
    CHECK(again("  x|") == "x");
}

TEST_CASE("notation: 1 to 256 steps", "[text]") {
    CHECK(again(std::string(256, 'x')).size() == 256);
    const auto longer = parse_pattern(std::string(300, 'x'));
    REQUIRE_FALSE(longer);
    CHECK(longer.error().code == Errc::out_of_range);
    CHECK(longer.error().what == "pattern: column 257: more than 256 steps");
    CHECK(longer.error().hint == std::string(256, 'x'));
}

TEST_CASE("notation: a refusal names column and reason, and its hint can be read", "[text]") {
    const auto wrong = GENERATE(values<Wrong>({
        {"", "pattern: column 1: no steps; 1 to 256 are allowed", "."},
        {" | ", "pattern: column 4: no steps; 1 to 256 are allowed", " | ."},
        {"x.Z.q", "pattern: column 3: \"Z\" is not a step; allowed are X x o . - _ ~ |", "x...."},
        {"x.\xc3\xbc.",
         "pattern: column 3: \"\xc3\xbc\" is not a step; allowed are X x o . - _ ~ |", "x..."},
        {"\xc3\xbc\xff",
         "pattern: column 1: \"\xc3\xbc\" is not a step; allowed are X x o . - _ ~ |", ".."},
        {"._x", "pattern: column 2: '_' has no note to hold; it follows X, x, o or another _",
         "..x"},
        {"~x", "pattern: column 1: '~' makes a hit slide; it stands right after X, x or o", "x"},
        {"x~~.~", "pattern: column 3: '~' makes a hit slide; it stands right after X, x or o",
         "x~."},
        {"x_~", "pattern: column 3: '~' makes a hit slide; it stands right after X, x or o", "x_"},
    }));
    const auto pattern = parse_pattern(wrong.text);
    REQUIRE_FALSE(pattern);
    CHECK(pattern.error().what == wrong.what);
    CHECK(pattern.error().hint == wrong.hint);
    CHECK(parse_pattern(pattern.error().hint));
}

TEST_CASE("notation: a NUL is a wrong sign like any other", "[text]") {
    const auto pattern = parse_pattern(std::string_view{"x\0x", 3});
    REQUIRE_FALSE(pattern);
    CHECK(pattern.error().what ==
          "pattern: column 2: \"?\" is not a step; allowed are X x o . - _ ~ |");
}

TEST_CASE("notation: steps to text and back are the same steps", "[text]") {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const auto document = test::random_document(seed);
        for (const Track &track : document.scene.playing()) {
            const std::string text = print_pattern(track.pattern());
            const auto pattern = parse_pattern(text);
            REQUIRE(pattern);
            CHECK(pattern->steps == track.steps);
            CHECK(pattern->length == track.length);
            CHECK(print_pattern(pattern->view()) == text);
        }
    }
}

TEST_CASE("notation: what cannot be held is written as a rest", "[text]") {
    const std::array steps{Step{Hit::tie, true}, Step{Hit::normal}, Step{Hit::tie},
                           Step{Hit::rest, true}, Step{Hit::tie}};
    CHECK(print_pattern(steps) == ".x_..");
}

TEST_CASE("notation: any bytes are read or refused with a hint that can be read", "[text][fuzz]") {
    constexpr std::string_view signs = "Xxo.-_~| 0z\xc3\xbc\xff\n";
    test::Chance chance{7};
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (std::uint64_t n = chance.below(round % 10 == 0 ? 3000 : 20); n > 0; --n)
            text += signs[chance.below(signs.size())];
        const auto pattern = parse_pattern(text);
        if (!pattern) REQUIRE(parse_pattern(pattern.error().hint));
    }
}
