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

const std::string kAllowed = "allowed are X x o . - _ | [ ] E and, after a hit, ~ * ? % ! > < {";

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
        {"x.Z.q", "pattern: column 3: \"Z\" is not a step; " + kAllowed, "x...."},
        {"x.\xc3\xbc.", "pattern: column 3: \"\xc3\xbc\" is not a step; " + kAllowed, "x..."},
        {"\xc3\xbc\xff", "pattern: column 1: \"\xc3\xbc\" is not a step; " + kAllowed, ".."},
        {"._x", "pattern: column 2: '_' has no note to hold; it follows X, x, o or another _",
         "..x"},
        {"~x", "pattern: column 1: '~' makes a hit slide; it stands right after X, x or o", "x"},
        {"x~~.~", "pattern: column 3: a second '~' after one hit", "x~."},
        {"x_~", "pattern: column 3: '~' makes a hit slide; it stands right after X, x or o", "x_"},
        {"x *3", "pattern: column 3: '*' splits a hit; it stands right after X, x or o", "x ."},
        {"x*9", "pattern: column 3: a ratchet '*' is 2 to 8, not 9", "x*8"},
        {"x*", "pattern: column 3: a ratchet '*' wants a number of 2 to 8", "x*2"},
        {"x?0", "pattern: column 3: a chance '?' in percent is 1 to 100, not 0", "x?1"},
        {"x%5:4", "pattern: column 3: '%5:4': there are only 4 passes", "x%4:4"},
        {"x%3", "pattern: column 4: '%' wants which pass of how many, such as %2:4", "x%3:3"},
        {"x>12<3", "pattern: column 5: a second '>' after one hit", "x>12"},
        {"x<48", "pattern: column 3: '<' in 1/96 of a step is 0 to 47, not 48", "x<47"},
        {".!", "pattern: column 2: '!' keeps a hit for fills; it stands right after X, x or o",
         "."},
        {"x{cutof=800}", "pattern: column 3: \"cutof\" is nothing a step can lock",
         "x{cutoff=800}"},
        {"x{res=a}", "pattern: column 7: res is a number of 0.5 to 10, not \"a\"", "x{res=2}"},
        {"x{osc/type=9}",
         "pattern: column 12: osc/type is one of "
         "sine|saw|square|white|pink|brown|triangle|supersaw|sync, not \"9\"",
         "x{osc/type=sine}"},
        {"x{pan}", "pattern: column 6: pan wants '=' and a number of -1 to 1", "x{pan=0}"},
        {"x{res=1,res=2}", "pattern: column 9: res is locked twice", "x{res=1,}"},
        {"x{}", "pattern: column 2: '{' wants locks such as {cutoff=800,res=2}", "x"},
        {"x{res=1", "pattern: column 8: '{' is never closed", "x{res=1}"},
        {"x{res=1,amp=1,pan=0,drive=0,cutoff=90}",
         "pattern: column 29: a step locks at most 4 parameters", "x{res=1,amp=1,pan=0,drive=0,}"},
        {"[x.", "pattern: column 4: '[' is never closed", "[x.]*2"},
        {"[x.]", "pattern: column 5: a bracket wants how often, such as [X.x.]*4", "[x.]*2"},
        {"x]", "pattern: column 2: ']' closes nothing", "x"},
        {"[]*2", "pattern: column 2: [] has no step to repeat", "[.]*22"},
        {"[[[[[x]*2]*2]*2]*2]*2", "pattern: column 5: brackets stand at most 4 deep",
         "[[[[x]*2]*2]*2]*22"},
        {"x[_.]*2", "pattern: column 2: a repeat that starts with '_' has no note to hold", "x."},
        {"E(9,8)", "pattern: column 5: E's number of steps is 9 to 256, not 8", "E(9,9)"},
        {"E5", "pattern: column 1: E wants hits and steps, such as E(5,16) or E(5,16,2)", "."},
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
    CHECK(pattern.error().what == "pattern: column 2: \"?\" is not a step; " + kAllowed);
}

TEST_CASE("notation: steps to text and back are the same steps", "[text]") {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const auto document = test::random_document(seed);
        for (const Track &track : document.scene.playing()) {
            const std::string text = print_pattern(track.pattern());
            const auto pattern = parse_pattern(text);
            REQUIRE(pattern);
            CHECK(pattern->steps == track.steps);
            CHECK(pattern->locks == track.locks);
            CHECK(pattern->length == track.length);
            CHECK(print_pattern(pattern->view()) == text);
        }
    }
}

TEST_CASE("notation: what cannot be held is written as a rest", "[text]") {
    const std::array steps{Step{Hit::tie, true}, Step{Hit::normal}, Step{Hit::tie},
                           Step{Hit::rest, true}, Step{Hit::tie}};
    CHECK(print_pattern({steps}) == ".x_..");
}

TEST_CASE("notation: any bytes are read or refused with a hint that can be read", "[text][fuzz]") {
    constexpr std::string_view signs = "Xxo.-_~| 0z\xc3\xbc\xff\n[]*23{}=,E()?%:!<>cutoff";
    test::Chance chance{7};
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (std::uint64_t n = chance.below(round % 10 == 0 ? 3000 : 20); n > 0; --n)
            text += signs[chance.below(signs.size())];
        const auto pattern = parse_pattern(text);
        if (!pattern) REQUIRE(parse_pattern(pattern.error().hint));
    }
}

TEST_CASE("notation: what hangs on a hit may come in any order and is written in one", "[text]") {
    CHECK(again("x{res=.7,cutoff=800}<12!%2:4?40*3~") == "x~*3?40%2:4!<12{cutoff=800,res=0.7}");
    const auto pattern = parse_pattern("x~*3?40%2:4!>12{cutoff=800,res=.7}.");
    REQUIRE(pattern);
    Step step{Hit::normal, true};
    step.fill = true;
    step.ratchet = 3;
    step.chance = 40;
    step.nth = 2;
    step.cycle = 4;
    step.shift = 12;
    step.locks = 1;
    CHECK(pattern->steps[0] == step);
    const LockSet locks = pattern->locks.of(1);
    CHECK(*locks.find(lock_target("voice1/filter/freq")) == 800.0f);
    CHECK(*locks.find(lock_target("voice1/filter/q")) == 0.7f);
}

TEST_CASE("notation: what changes nothing is not written", "[text]") {
    CHECK(again("x?100%1:1>0") == "x");
    CHECK(again("x{ pan = 0.5 , }") == "x{pan=0.5}");
}

TEST_CASE("notation: locks go by short names and paths, clip, and the acid's have its name",
          "[text]") {
    CHECK(again("x{filter/freq=99999,pan=-3}") == "x{pan=-1,cutoff=20000}");
    CHECK(again("x{acid.cutoff=300,osc/type=2}") == "x{osc/type=square,acid.cutoff=300}");
    CHECK_FALSE(parse_pattern("x{acid.source=1}")); // which voice it is on is no matter of a note
}

TEST_CASE("notation: equal locks are kept once, 64 different sets are the most", "[text]") {
    CHECK(parse_pattern("x{pan=0}.x{pan=0}")->locks.count == 1);
    std::string many;
    for (int i = 0; i < 65; ++i) many += "x{cutoff=" + std::to_string(100 + i) + "}";
    const auto refused = parse_pattern(many);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what == "pattern: column 833: more than 64 different sets of locks");
    CHECK(parse_pattern(refused.error().hint)->length == 65);
}

TEST_CASE("notation: repeats and rhythms are written out", "[text]") {
    CHECK(again("[X.x.]*2 o") == "X.x.X.x.o");
    CHECK(again("[[x.]*2 [o]*3]*2") == "x.x.ooox.x.ooo");
    CHECK(again("[x*2_]*2") == "x*2_x*2_");
    CHECK(again("E(3,8)|E(3,8,2)") == "x..x..x..x..x.x.");
    CHECK(again("[E(1,2)]*128").size() == 256);
    CHECK_FALSE(parse_pattern("[E(1,2)]*129"));
}

TEST_CASE("notation: E is Bjorklund's, as in Toussaint's table of rhythms", "[text]") {
    const auto known = GENERATE(values<std::pair<std::string, std::string>>({
        {"E(0,4)", "...."},
        {"E(4,4)", "xxxx"},
        {"E(1,4)", "x..."},
        {"E(2,5)", "x.x.."},
        {"E(3,4)", "x.xx"},
        {"E(3,7)", "x.x.x.."},
        {"E(3,8)", "x..x..x."}, // tresillo
        {"E(4,9)", "x.x.x.x.."},
        {"E(4,11)", "x..x..x..x."},
        {"E(5,6)", "x.xxxx"},
        {"E(5,8)", "x.xx.xx."}, // cinquillo
        {"E(5,12)", "x..x.x..x.x."},
        {"E(5,16)", "x..x..x..x..x..."}, // bossa nova
        {"E(7,12)", "x.xx.x.xx.x."},
        {"E(7,16)", "x..x.x.x..x.x.x."},
        {"E(9,16)", "x.xx.x.x.xx.x.x."},
        {"E(13,24)", "x.xx.x.x.x.x.xx.x.x.x.x."},
    }));
    CHECK(again(known.first) == known.second);
}
