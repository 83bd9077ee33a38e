#include "patterns/text/json_gate.h"
#include "patterns/text/schema.h"

#include <catch2/catch.hpp>

#include <array>

using namespace chronus;
using namespace chronus::patterns;

namespace {

constexpr std::array kVerbs{
    VerbDoc{"/seq/add", "s:track v:notes? b:on ...", "Add a track."},
    VerbDoc{"/undo", "", "Take the last change back."},
    VerbDoc{"/undo/list", "i:most", "What can be taken back."},
    VerbDoc{"/meter", "b:levels", "Peaks.", true},
};

Json schema(std::string_view pattern, std::uint16_t voices = 8) {
    auto json = parse_json(schema_json(ParamValues{}, voices, kVerbs, pattern));
    if (!json) FAIL(json.error().what);
    return *std::move(json);
}

/// The node at an address, as compact text without its contents; empty when there is none.
std::string node(Json root, std::string_view address) {
    Json *at = &root;
    while (!address.empty()) {
        address.remove_prefix(1);
        const std::string_view part = address.substr(0, address.find('/'));
        Json *contents = find(*at->as<JsonObject>(), "CONTENTS");
        at = contents == nullptr ? nullptr : find(*contents->as<JsonObject>(), part);
        if (at == nullptr) return {};
        address.remove_prefix(part.size());
    }
    remove_member(*at->as<JsonObject>(), "CONTENTS");
    return to_text(*at, JsonStyle::compact);
}

} // namespace

TEST_CASE("schema: every parameter of the table is there with its row", "[text]") {
    const Json root = schema("");
    for (std::uint16_t i = 0; i < kParamCount; ++i) {
        const std::string address = "/mod/" + std::string{path_of({i}).view()};
        const bool beyond = place_of({i}).module == 0 && place_of({i}).instance >= 8;
        if (i % 50 == 0 || i > 1216) CHECK(node(root, address).empty() == beyond);
    }
}

TEST_CASE("schema: an amount has range, unit and clips at both ends", "[text]") {
    CHECK(
        node(schema("/mod/acid1"), "/mod/acid1/decay") ==
        R"({"ACCESS":3,"CLIPMODE":["both"],"DESCRIPTION":"Decay of the filter envelope on notes without accent.",)"
        R"("FULL_PATH":"/mod/acid1/decay","RANGE":[{"MAX":1,"MIN":0.02}],"TYPE":"f","UNIT":["time.second"],"VALUE":[0.25]})");
}

TEST_CASE("schema: what only the daemon sends can be read and not be written", "[text]") {
    CHECK(
        node(schema(""), "/meter") ==
        R"({"ACCESS":1,"DESCRIPTION":"Peaks.","EXTENDED_TYPE":["levels"],"FULL_PATH":"/meter","TYPE":"b"})");
    CHECK(node(schema(""), "/undo").starts_with(R"({"ACCESS":2,)"));
}

TEST_CASE("schema: a choice lists its values by number and name", "[text]") {
    CHECK(
        node(schema("/mod/lfo1"), "/mod/lfo1/shape") ==
        R"({"ACCESS":3,"DESCRIPTION":"Shape of a cycle. 0 sine, 1 triangle, 2 saw, 3 square, 4 random",)"
        R"("FULL_PATH":"/mod/lfo1/shape","RANGE":[{"VALS":[0,1,2,3,4]}],"TYPE":"i","VALUE":[0]})");
    CHECK(node(schema("/mod/lfo1"), "/mod/lfo1/target")
              .find(R"("TYPE":"s","VALUE":["voice2/filter/freq"])") != std::string::npos);
    CHECK(node(schema("/mod/lfo3"), "/mod/lfo3/target").find(R"("VALUE":["none"])") !=
          std::string::npos);
}

TEST_CASE("schema: a command has types and names of its arguments", "[text]") {
    CHECK(node(schema("/seq"), "/seq/add") ==
          R"({"ACCESS":2,"DESCRIPTION":"Add a track.","EXTENDED_TYPE":["track","notes","on"],)"
          R"("FULL_PATH":"/seq/add","TYPE":"ssT"})");
    CHECK(node(schema("/undo"), "/undo").find("\"TYPE\":\"\"") != std::string::npos);
    CHECK_FALSE(node(schema("/undo"), "/undo/list").empty()); // a command with others below it
}

TEST_CASE("schema: a pattern picks what it names and what is below", "[text]") {
    CHECK(node(schema("/mod/voice1/adsr"), "/mod/voice1/filter").empty());
    CHECK_FALSE(node(schema("/mod/voice?/a*"), "/mod/voice3/adsr/decay").empty());
    CHECK_FALSE(node(schema("/mod/*/freq"), "/mod/voice3/freq").empty());
    CHECK(node(schema("/mod/*/freq"), "/mod/voice3/amp").empty());
    CHECK(node(schema("/"), "/mod/master/level") != "");
    CHECK(schema_json({}, 8, kVerbs, "/nothing").empty());
    CHECK(schema_json({}, 8, kVerbs, "/mod/voice9").empty());
    CHECK_FALSE(schema_json({}, 9, kVerbs, "/mod/voice9").empty());
    const std::string stars(4000, '*');
    CHECK(schema_json({}, 1, kVerbs, "/" + stars + "x").empty());
}
