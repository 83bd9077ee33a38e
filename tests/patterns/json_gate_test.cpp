#include "patterns/text/json_gate.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <limits>

using namespace chronus;
using namespace chronus::patterns;

namespace {

std::string compact(std::string_view text) {
    const auto json = parse_json(text);
    if (!json) FAIL(json.error().what);
    return to_text(*json, JsonStyle::compact);
}

std::string repeated(std::string_view piece, std::size_t times) {
    std::string text;
    for (; times > 0; --times) text += piece;
    return text;
}

Json random_json(test::Chance &chance, int depth) {
    switch (chance.below(depth < 5 ? 8 : 6)) {
    case 0:
        return Json{};
    case 1:
        return Json{chance.one_in(2)};
    case 2:
        return Json{chance.next()};
    case 3:
        return Json{-static_cast<std::int64_t>(1 + chance.below(1u << 30))};
    case 4:
        return Json{static_cast<double>(chance.within(-1e6f, 1e6f)) / 3};
    case 5:
        return Json{std::string{"\xc3\xbc\"\\\n\x01"}.substr(0, 2 * chance.below(4))};
    case 6: {
        JsonArray array;
        for (auto n = chance.below(5); n > 0; --n) array.push_back(random_json(chance, depth + 1));
        return Json{std::move(array)};
    }
    default: {
        JsonObject object;
        for (auto n = chance.below(5); n > 0; --n)
            put(object, "k" + std::to_string(chance.below(99)),
                random_json(chance, depth + 1).value);
        return Json{std::move(object)};
    }
    }
}

} // namespace

TEST_CASE("gate: every kind of value is read as what it is", "[text]") {
    CHECK(compact(R"( {"b": [1, -2, 0.5, true, false, null, "x"], "a": {}} )") ==
          R"({"a":{},"b":[1,-2,0.5,true,false,null,"x"]})");
    CHECK(compact("18446744073709551615") == "18446744073709551615");
    CHECK(compact("-9223372036854775808") == "-9223372036854775808");
    CHECK(compact("-0.0") == "-0.0");
    CHECK(compact("1e2") == "100");
    CHECK(compact(R"("\u00fc\u0001\ud83c\udfb5")") == "\"\xc3\xbc\\u0001\xf0\x9f\x8e\xb5\"");
}

TEST_CASE("gate: members keep the order of the text", "[text]") {
    const auto json = parse_json(R"({"z":1,"a":2,"m":3})");
    REQUIRE(json);
    const JsonObject &object = *json->as<JsonObject>();
    CHECK(object[0].key == "z");
    CHECK(object[1].key == "a");
    CHECK(object[2].key == "m");
}

TEST_CASE("gate: each value knows its line", "[text]") {
    const auto json = parse_json("{\n \"a\":\n 1,\n \"b\": 2\n,\"c\": [\n3\n]}");
    REQUIRE(json);
    const JsonObject &object = *json->as<JsonObject>();
    CHECK(json->line == 1);
    CHECK(object[0].value.line == 3);
    CHECK(object[1].value.line == 4);
    CHECK(object[2].value.line == 5);
    CHECK((*object[2].value.as<JsonArray>())[0].line == 6);
}

TEST_CASE("gate: what is refused, on which line and why", "[text]") {
    const auto wrong = GENERATE(values<std::pair<std::string, std::string>>({
        {"", "line 1: syntax error while parsing value - unexpected end of input; expected '[', "
             "'{', or a literal"},
        {"{\n\"a\": 1,\n\"b\": 2,\n\"a\": 3\n}", "line 4: \"a\" twice"},
        {"[1]\n x", "line 2: syntax error while parsing value - invalid literal; last read: "
                    "'1]<U+000A> x'; expected end of input"},
        {"[1] [2]",
         "line 1: syntax error while parsing value - unexpected '['; expected end of input"},
        {"\xef\xbb\xbf{}", "line 1: a byte order mark before the text"},
        {"[\n1e999]", "line 2: number overflow parsing '1e999'"},
        {"[18446744073709551616]", "line 1: \"18446744073709551616\" is too large a whole number"},
        {"[-9223372036854775809]", "line 1: \"-9223372036854775809\" is too large a whole number"},
    }));
    const auto json = parse_json(wrong.first);
    REQUIRE_FALSE(json);
    CHECK(json.error().code == Errc::corrupt);
    CHECK(json.error().what == wrong.second);
}

TEST_CASE("gate: no NaN, no infinity, no bad UTF-8, no comments, no loose ends", "[text]") {
    for (const std::string_view text : {"NaN",         "[Infinity]",   "[nan]",
                                        "\"\xff\"",    "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
                                        "\"\\ud800\"", "{\"a\" 1}",    "[1,]",
                                        "{\"a\":1,}",  "[1",           "{",
                                        "// a\n1",     "\"a\nb\"",     "01",
                                        "+1",          ".5",           "1.",
                                        "'a'",         "tru",          "\xff\xfe[\0"}) {
        const auto json = parse_json(text);
        REQUIRE_FALSE(json);
        CHECK(json.error().code == Errc::corrupt);
        CHECK(json.error().what.starts_with("line 1: "));
    }
}

TEST_CASE("gate: a bomb of any depth is refused, 32 levels are not", "[text]") {
    CHECK(parse_json(repeated("[", 32) + repeated("]", 32)));
    for (const std::size_t depth : {std::size_t{33}, std::size_t{1000}, kMaxJsonBytes}) {
        const auto arrays = parse_json(repeated("[", depth));
        REQUIRE_FALSE(arrays);
        CHECK(arrays.error().what == "line 1: more than 32 levels");
        const auto objects = parse_json(repeated("{\"a\":", std::min(depth, kMaxJsonBytes / 5)));
        REQUIRE_FALSE(objects);
        CHECK(objects.error().what == "line 1: more than 32 levels");
    }
}

TEST_CASE("gate: size and number of values are bounded", "[text]") {
    CHECK(parse_json(std::string(kMaxJsonBytes - 1, ' ') + "1"));
    const auto longer = parse_json(std::string(kMaxJsonBytes, ' ') + "1");
    CHECK(longer.error().code == Errc::too_big);
    CHECK(longer.error().what == "1048577 bytes; at most 1048576");
    const auto many = parse_json("[" + repeated("0,", kMaxJsonValues) + "0]");
    CHECK(many.error().code == Errc::too_big);
    CHECK(many.error().what == "line 1: more than 131072 values");
    CHECK(parse_json("[" + repeated("{},", kMaxJsonValues - 3) + "{}]"));
}

TEST_CASE("gate: what it reads is the same when written and read again", "[text]") {
    test::Chance chance{11};
    for (int i = 0; i < 300; ++i) {
        const Json json = random_json(chance, 0);
        const std::string text = to_text(json, JsonStyle::compact);
        CHECK(compact(text) == text);
        CHECK(compact(to_text(json, JsonStyle::indented)) == text);
    }
}

TEST_CASE("writer: objects, arrays and values stand where they were put", "[text]") {
    JsonWriter out;
    out.begin_object();
    out.key("a").value(1).key("b").begin_array().value("x").value(true).value(0.25f).end_array();
    out.key("c").raw("[1]").key("d").null().key("e").value(std::uint64_t{18446744073709551615u});
    out.key("f").begin_object().end_object().key("g").begin_array().end_array();
    out.end_object();
    CHECK(out.text() == R"({"a":1,"b":["x",true,0.25],"c":[1],"d":null,)"
                        R"("e":18446744073709551615,"f":{},"g":[]})");
}

TEST_CASE("writer: indented, two blanks a level, flat lists on one line", "[text]") {
    JsonWriter out{JsonStyle::indented};
    out.begin_object().key("a").begin_flat_array().value(1).value(2).end_array();
    out.key("b").begin_object().key("c").value("d").end_object();
    out.key("e").begin_object().end_object().end_object();
    CHECK(out.text() == "{\n  \"a\": [1, 2],\n  \"b\": {\n    \"c\": \"d\"\n  },\n  \"e\": {}\n}");
}

TEST_CASE("writer: whatever it is given, what comes out can be read", "[text]") {
    JsonWriter out;
    out.begin_array();
    out.value(std::numeric_limits<double>::quiet_NaN());
    out.value(std::numeric_limits<float>::infinity());
    out.value(std::string_view{"\xff"
                               "a\0\x1f\"\\",
                               6});
    out.value(0.1f).value(1e10f).value(-0.0).value(5e-324);
    out.end_array();
    CHECK(compact(out.text()) == out.text());
    CHECK(out.text() == "[null,null,\"\xef\xbf\xbd"
                        "a\\u0000\\u001f\\\"\\\\\",0.1,10000000000,-0.0,5e-324]");
}
