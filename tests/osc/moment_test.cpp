#include "osc/moment.h"

#include "engine/model/time.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <array>
#include <string>

using namespace chronus;
using namespace chronus::osc;

namespace {

struct Lines {
    std::string word;
    std::uint64_t steps;
};
const std::array kUnits{Lines{"step", 1}, Lines{"beat", kStepsPerBeat}, Lines{"bar", kStepsPerBar}};

Moment moment_of(std::string_view text, std::optional<double> here) {
    const auto moment = parse_moment(text, here);
    INFO(text);
    REQUIRE(moment);
    REQUIRE(*moment);
    return **moment;
}

Error fault_of(std::string_view text, std::optional<double> here = 0) {
    const auto moment = parse_moment(text, here);
    INFO(text);
    REQUIRE_FALSE(moment);
    return moment.error();
}

} // namespace

TEST_CASE("moment: a line ahead is on its grid, later than here, by n units at most", "[osc]") {
    test::Chance chance{1};
    for (int n = 0; n < 20000; ++n) {
        const Lines &unit = kUnits[chance.below(3)];
        const std::uint64_t lines = 1 + chance.below(chance.one_in(2) ? 4 : 100000);
        const double here = chance.one_in(4) ? static_cast<double>(chance.below(1000)) // on a line
                                             : static_cast<double>(chance.within(0, 100000));
        const Moment moment = moment_of(unit.word + "+" + std::to_string(lines), here);
        const double ahead = static_cast<double>(moment.step) - here;
        INFO(unit.word << "+" << lines << " from " << here);
        REQUIRE(moment.step % unit.steps == 0);
        REQUIRE_FALSE(moment.counted);
        REQUIRE(ahead > static_cast<double>((lines - 1) * unit.steps));
        REQUIRE(ahead <= static_cast<double>(lines * unit.steps));
    }
}

TEST_CASE("moment: a line named by its number is that line, counted from 1, or late", "[osc]") {
    test::Chance chance{2};
    for (int n = 0; n < 20000; ++n) {
        const Lines &unit = kUnits[chance.below(3)];
        const std::uint64_t line = 1 + chance.below(200);
        const double here = chance.one_in(2) ? static_cast<double>(chance.below(1000))
                                             : static_cast<double>(chance.within(0, 1000));
        const std::string text = unit.word + ":" + std::to_string(line);
        const std::uint64_t step = (line - 1) * unit.steps;
        INFO(text << " from " << here);
        if (static_cast<double>(step) <= here) {
            REQUIRE(fault_of(text, here).code == Errc::late);
            continue;
        }
        const Moment moment = moment_of(text, here);
        REQUIRE(moment.step == step);
        REQUIRE(moment.counted);
    }
}

TEST_CASE("moment: while the music stands, what is counted from here is now; a named line waits",
          "[osc]") {
    for (const char *text : {"now", "step+1", "beat+3", "bar+1"}) {
        const auto moment = parse_moment(text, std::nullopt);
        REQUIRE(moment);
        CHECK_FALSE(moment->has_value());
    }
    CHECK(moment_of("bar:1", std::nullopt).step == 0);
    CHECK(moment_of("bar:17", std::nullopt).step == 256);
    CHECK(moment_of("beat:5", std::nullopt).step == 16);
    CHECK(moment_of("step:9", std::nullopt).step == 8);
    const auto now = parse_moment("now", 12.5);
    REQUIRE(now);
    CHECK_FALSE(now->has_value());
}

TEST_CASE("moment: a billion lines can be named, and no more", "[osc]") {
    CHECK(moment_of("bar+1000000000", 0).step == 16'000'000'000);
    CHECK(moment_of("bar:1000000000", 0).step == 15'999'999'984);
    for (const char *text : {"bar+1000000001", "bar:18446744073709551616", "step+99999999999999"})
        CHECK(fault_of(text).code == Errc::out_of_range);
}

TEST_CASE("moment: no other word is one, and the refusal names it with one that works", "[osc]") {
    for (const std::string text :
         {"",        " ",       "bar",    "bar+",   "bar:",     "bar+0",   "bar:0",
          "bar+-1",  "bar++1",  "bar+1 ", " bar+1", "bar 1",    "bar-1",   "bar+1.5",
          "bar+0x1", "bar+1e3", "Bar+1",  "NOW",    "nowbar",   "bars+1",  "beat",
          "step*2",  "tick+1",  "+1",     "17",     "bar+\xff", "\xc3\xbc"}) {
        const Error error = fault_of(text);
        INFO(text);
        CHECK(error.code == Errc::out_of_range);
        CHECK(error.what.find("\"" + text + "\"") != std::string::npos);
        CHECK(moment_of(error.hint, 0.5).step == 16);
    }
    CHECK(moment_of(fault_of("bar:1", 100).hint, 100).step == 112);
}

TEST_CASE("moment: is shown as people count", "[osc]") {
    CHECK(shown({0}) == "bar 1, step 1");
    CHECK(shown({17}) == "bar 2, step 2");
    CHECK(shown({255}) == "bar 16, step 16");
}
