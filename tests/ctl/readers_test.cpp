#include "engine/model/params.h"
#include "tools/chronusctl/description.h"
#include "tools/chronusctl/frame.h"
#include "tools/chronusctl/known.h"

#include <catch2/catch.hpp>

#include <string>

namespace chronus::ctl {

namespace {

Json read(std::string_view text) { return document_in(text).value_or(Json{}); }

} // namespace

TEST_CASE("readers: the schema of the most voices there can be is one document", "[ctl]") {
    const Json schema = own_schema(kMaxVoices);
    CHECK(node_at(schema, "/mod/voice64/freq") != nullptr);
}

TEST_CASE("readers: a command of another daemon is described whatever its arguments are called",
          "[ctl]") {
    const Json schema = read(R"({"CONTENTS": {"new": {"ACCESS": 2, "TYPE": "sfi",
        "EXTENDED_TYPE": ["a name of words", "", [1, {"x": 2}], "more"]}}})");
    const Json told{description("/new", node_at(schema, "/new"))};
    const auto arguments = items_of(member(told, "arguments"));
    REQUIRE(arguments.size() == 3);
    CHECK(text_of(arguments[0], "name") == "a name of words");
    CHECK(text_of(arguments[0], "type") == "text");
    CHECK(text_of(arguments[2], "name") == "1,x=2");
}

TEST_CASE("readers: a daemon is asked for its addresses once, even if it names none", "[ctl]") {
    int asked = 0;
    Known known{[&](const osc::Message &) {
        return ++asked, Answer{.address = "/schema", .text = "", .document = "{}"};
    }};
    const auto addresses = known.addresses();
    CHECK(known.arguments("/seq/add").empty());
    CHECK(known.addresses() == addresses);
    CHECK(asked == 1);
    known.forget();
    CHECK(known.addresses() == addresses);
    CHECK(asked == 2);
}

TEST_CASE("readers: a choice that the table lacks is shown as the number it is", "[ctl]") {
    const auto shown = [](const std::string &value) {
        return plain(value_in("/mod/voice1/osc/type", read("{\"VALUE\": [" + value + "]}")));
    };
    CHECK(shown("0") == "sine");
    CHECK(shown("-1") == "-1");
    CHECK(shown("1e300") == "1e+300");
    CHECK(shown("99") == "99");
}

TEST_CASE("readers: a picture is drawn of every state, however far its numbers are out", "[ctl]") {
    const Json status = read(R"({"running": true, "bar": 1e300, "step": -1e300, "bpm": 1e300,
        "swing": -0.5, "master_db": 1e300, "voices_db": [-1e300, "x", null]})");
    const Json tracks = read(R"([{"name": "kick", "voice": "voice1", "pattern": "x...", "mute": 2},
        {}, 3])");
    for (const int columns : {1, 3, 40, 400})
        CHECK_FALSE(draw({status, tracks, ""}, {.size = {columns, 24}}).empty());
}

} // namespace chronus::ctl
