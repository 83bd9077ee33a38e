#include "osc/errors.h"
#include "osc/value.h"
#include "patterns/text/utf8.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace chronus;
using namespace chronus::osc;
using namespace std::string_literals;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

template <class T>
T good(const Result<T> &result) {
    if (!result) FAIL(result.error().what);
    return *result;
}

template <class T>
std::string why(const Result<T> &result) {
    if (result) FAIL("accepted");
    return std::string(error_row(result.error().code).symbol) + " " + result.error().what;
}

} // namespace

TEST_CASE("value: every type has the tag it travels under", "[osc]") {
    const std::vector<Value> all{1,    std::int64_t{2}, 3.0f,      4.0,   true,     false,
                                 "s"s, Blob(3),         TimeTag{}, Nil{}, Impulse{}};
    CHECK(type_tags(all) == "ihfdTFsbtNI");
    CHECK(type_tags({}).empty());
}

TEST_CASE("value: a whole number is answered in 32 bits where they hold it", "[osc]") {
    for (const std::int64_t n : {0LL, -1LL, 2147483647LL, -2147483648LL})
        CHECK(shortest(n) == Value{static_cast<std::int32_t>(n)});
    for (const std::int64_t n : {2147483648LL, -2147483649LL}) CHECK(shortest(n) == Value{n});
}

TEST_CASE("value: every kind of number may stand for a float", "[osc]") {
    CHECK(good(to_float(Value{7}, "x")) == 7.0f);
    CHECK(good(to_float(Value{std::int64_t{7}}, "x")) == 7.0f);
    CHECK(good(to_float(Value{0.5f}, "x")) == 0.5f);
    CHECK(good(to_float(Value{0.5}, "x")) == 0.5f);
    CHECK(good(to_float(Value{true}, "x")) == 1.0f);
    CHECK(good(to_float(Value{false}, "x")) == 0.0f);
    CHECK(good(to_float(Value{"440"s}, "x")) == 440.0f);
    CHECK(good(to_float(Value{"-1.5e2"s}, "x")) == -150.0f);
    CHECK(good(to_float(Value{"+3"s}, "x")) == 3.0f);
    CHECK(good(to_double(Value{"0.1"s}, "x")) == 0.1);
}

TEST_CASE("value: what is no number is refused by name", "[osc]") {
    CHECK(why(to_float(Value{"loud"s}, "amp")) == "BAD_TYPE amp: \"loud\" is not a number");
    CHECK(why(to_float(Value{""s}, "amp")) == "BAD_TYPE amp: \"\" is not a number");
    CHECK(why(to_float(Value{" 1"s}, "amp")) == "BAD_TYPE amp: \" 1\" is not a number");
    CHECK(why(to_float(Value{"+-1"s}, "amp")) == "BAD_TYPE amp: \"+-1\" is not a number");
    CHECK(why(to_float(Value{"1 2"s}, "amp")) == "BAD_TYPE amp: \"1 2\" is not a number");
    CHECK(why(to_float(Value{Nil{}}, "amp")) == "BAD_TYPE amp: nil is not a number");
    CHECK(why(to_float(Value{Impulse{}}, "amp")) == "BAD_TYPE amp: an impulse is not a number");
    CHECK(why(to_float(Value{TimeTag{}}, "amp")) == "BAD_TYPE amp: a time tag is not a number");
    CHECK(why(to_float(Value{Blob(3)}, "amp")) ==
          "BAD_TYPE amp: a blob of 3 bytes is not a number");
}

TEST_CASE("value: NaN, infinity and what a float cannot hold are out of range", "[osc]") {
    CHECK(why(to_float(Value{kNan}, "amp")) == "OUT_OF_RANGE amp: nan is not a finite number");
    CHECK(why(to_float(Value{kInf}, "amp")) == "OUT_OF_RANGE amp: inf is not a finite number");
    CHECK(why(to_float(Value{"nan"s}, "amp")) ==
          "OUT_OF_RANGE amp: \"nan\" is not a finite number");
    CHECK(why(to_float(Value{1e300}, "amp")) ==
          "OUT_OF_RANGE amp: 1e+300 is larger than any float");
    CHECK(why(to_int(Value{-kInf}, "n")) == "OUT_OF_RANGE n: -inf is not a finite number");
    CHECK(why(to_switch(Value{kNan}, "on")) == "OUT_OF_RANGE on: nan is not a finite number");
    CHECK(why(to_text(Value{kNan}, "t")) == "OUT_OF_RANGE t: nan is not a finite number");
}

TEST_CASE("value: a whole number survives every spelling, a fraction is never rounded", "[osc]") {
    CHECK(good(to_int(Value{3}, "n")) == 3);
    CHECK(good(to_int(Value{3.0f}, "n")) == 3);
    CHECK(good(to_int(Value{"3"s}, "n")) == 3);
    CHECK(good(to_int(Value{"3.0"s}, "n")) == 3);
    CHECK(good(to_int(Value{true}, "n")) == 1);
    CHECK(good(to_int(Value{-0.0}, "n")) == 0);
    CHECK(why(to_int(Value{1.5f}, "slot")) == "BAD_TYPE slot: 1.5 is not a whole number");
    CHECK(why(to_int(Value{"1.5"s}, "slot")) == "BAD_TYPE slot: \"1.5\" is not a whole number");
}

TEST_CASE("value: integers end where their bits end", "[osc]") {
    constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
    CHECK(good(to_int(Value{2147483647.0}, "n")) == 2147483647);
    CHECK(good(to_int(Value{-2147483648.0}, "n")) == std::numeric_limits<std::int32_t>::min());
    CHECK(why(to_int(Value{2147483648.0}, "n")) ==
          "OUT_OF_RANGE n: 2147483648 does not fit 32 bits");
    CHECK(good(to_int64(Value{kMax}, "n")) == kMax);
    CHECK(good(to_int64(Value{"9223372036854775807"s}, "n")) == kMax); // no detour over double
    CHECK(good(to_int64(Value{-0x1p63}, "n")) == std::numeric_limits<std::int64_t>::min());
    CHECK(why(to_int64(Value{0x1p63}, "n")).starts_with("OUT_OF_RANGE n: 9.22"));
}

TEST_CASE("value: an index never clips", "[osc]") {
    CHECK(good(to_index(Value{1}, "slot", {1, 128})) == 1);
    CHECK(good(to_index(Value{128.0f}, "slot", {1, 128})) == 128);
    CHECK(why(to_index(Value{0}, "slot", {1, 128})) == "OUT_OF_RANGE slot 0: not in 1..128");
    CHECK(why(to_index(Value{200}, "slot", {1, 128})) == "OUT_OF_RANGE slot 200: not in 1..128");
}

TEST_CASE("value: a switch is on above zero", "[osc]") {
    CHECK(good(to_switch(Value{1}, "on")));
    CHECK(good(to_switch(Value{0.3f}, "on")));
    CHECK(good(to_switch(Value{"1"s}, "on")));
    CHECK(good(to_switch(Value{true}, "on")));
    CHECK(good(to_switch(Value{"on"s}, "on")));
    CHECK_FALSE(good(to_switch(Value{0.0f}, "on")));
    CHECK_FALSE(good(to_switch(Value{-1}, "on")));
    CHECK_FALSE(good(to_switch(Value{false}, "on")));
    CHECK_FALSE(good(to_switch(Value{"off"s}, "on")));
    CHECK(why(to_switch(Value{"maybe"s}, "mute")) ==
          "BAD_TYPE mute: \"maybe\" is not on (1) or off (0)");
}

TEST_CASE("value: numbers turn into the text a person would write", "[osc]") {
    CHECK(good(to_text(Value{"X.x."s}, "t")) == "X.x.");
    CHECK(good(to_text(Value{60}, "t")) == "60");
    CHECK(good(to_text(Value{41.2f}, "t")) == "41.2");
    CHECK(good(to_text(Value{3.0f}, "t")) == "3");
    CHECK(good(to_text(Value{0.1}, "t")) == "0.1");
    CHECK(good(to_text(Value{true}, "t")) == "true");
    CHECK(why(to_text(Value{Nil{}}, "t")) == "BAD_TYPE t: nil is not text");
}

TEST_CASE("value: an error quotes 32 bytes at most and cuts no character", "[osc]") {
    CHECK(why(to_float(Value{std::string(31, 'a') + "\u00e4"}, "x")) ==
          "BAD_TYPE x: \""s.append(31, 'a') + "...\" is not a number");
    CHECK(why(to_float(Value{std::string(32, 'a')}, "x")) ==
          "BAD_TYPE x: \""s.append(32, 'a') + "\" is not a number");
}

TEST_CASE("utf8: well-formed text passes", "[osc]") {
    CHECK(patterns::is_utf8(""));
    CHECK(patterns::is_utf8("plain \x01\x7f"));
    CHECK(patterns::is_utf8("\u00e4\u20ac\U0001F3B5\U0010FFFF\uD7FF\uE000"));
}

TEST_CASE("utf8: nothing else does", "[osc]") {
    const auto bad = GENERATE("\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf",
                              "\xe2\x82", "\xe2\x28\xa1", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                              "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe2\x82");
    CHECK_FALSE(patterns::is_utf8(bad));
}

TEST_CASE("errors: the table spells each code and reads its own symbols", "[osc]") {
    CHECK(error_row(Errc::unknown_address).number == -100);
    CHECK(error_row(Errc::too_big).number == -114);
    CHECK(error_row(Errc::io).symbol == "CREATE_FAILED");
    for (const ErrorRow &row : kErrors) CHECK(errc_named(row.symbol) == row.code);
    CHECK(errc_named("FROM_A_LATER_CHRONUS") == Errc::failed);
}
