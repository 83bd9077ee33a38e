#include "engine/model/text.h"

#include <catch2/catch.hpp>

#include <string>

using namespace chronus;

TEST_CASE("text: what fits is kept as it is, what does not is cut and said so") {
    FixedText<8> text;
    CHECK(text.view().empty());
    CHECK(text.assign("seven77"));
    CHECK(text.view() == "seven77");
    CHECK_FALSE(text.assign("eight888"));
    CHECK(text.view() == "eight88");
    CHECK(text.assign(""));
    CHECK(text.view().empty());
}

TEST_CASE("text: appending stops where the room ends") {
    FixedText<8> text{"abc"};
    CHECK(text.append("/").append("defgh").view() == "abc/def");
    CHECK(text.append("x").view() == "abc/def");
}

TEST_CASE("text: equal texts are equal whatever they held before") {
    FixedText<16> once{"long before"}, fresh{"now"};
    once.assign("now");
    CHECK(once == fresh);
    CHECK(FixedText<16>{"now"} == FixedText<16>{std::string_view{"nowhere"}.substr(0, 3)});
    CHECK_FALSE(FixedText<16>{"now"} == FixedText<16>{"no"});
}

TEST_CASE("text: the largest one holds 255 bytes, zeros among them") {
    FixedText<256> text;
    const std::string full(255, '\0');
    CHECK(text.assign(full));
    CHECK(text.view() == full);
    CHECK_FALSE(text.assign(full + "x"));
}
