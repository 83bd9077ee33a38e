#include "engine/model/params.h"
#include "tools/chronusctl/description.h"
#include "tools/chronusctl/document_view.h"
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
    const Json levels = read(R"({"master": {"momentary": 1e300, "true_peak": null},
        "tracks": [{"name": "kick", "momentary": -1e300}, {"name": "", "momentary": "x"}, 4]})");
    for (const int columns : {1, 3, 40, 400})
        CHECK_FALSE(draw({status, tracks, levels, ""}, {.size = {columns, 24}}).empty());
}

TEST_CASE("readers: a track's line tells how loud it is, where the daemon does", "[ctl]") {
    const Json status = read(R"({"bar": 1, "step": 1})");
    const Json tracks = read(R"([{"name": "kick", "voice": "voice1", "pattern": "x..."},
        {"name": "hat", "voice": "voice2", "pattern": "xxxx"}])");
    const Json levels = read(R"({"master": {"momentary": -13.6, "short_term": -22.3,
        "integrated": -14, "true_peak": -3.4}, "tracks": [{"name": "kick", "momentary": -21.3},
        {"name": "hat", "momentary": -120}]})");
    const std::string with = draw({status, tracks, levels, ""}, {.size = {100, 24}});
    CHECK(with.find("-13.6 LUFS, -22.3 in 3 s, -14 since the start, true peak -3.4 dB") !=
          std::string::npos);
    CHECK(with.find("kick       1     -21.3|x . . .") != std::string::npos);
    CHECK(with.find("hat        2         -|x x x x") != std::string::npos);
    const std::string without = draw({status, tracks, {}, ""}, {.size = {100, 24}});
    CHECK(without.find("LUFS") == std::string::npos);
    CHECK(without.find("kick       1    |x . . .") != std::string::npos);
}

TEST_CASE("documents: what is within an item or a member stands below it", "[ctl]") {
    CHECK(drawn_document(read(R"({"name": "friday", "empty": [], "notes": "",
        "template": {"slot": 1, "name": "a b"}, "songs": [
            {"name": "intro", "parts": [{"source": {"slot": 2}, "bars": 4}, {"x": {"y": 1}}],
             "tags": [1, "two"], "overrides": {"seq/bpm": 128}}, {"name": "outro", "parts": []}],
        "deep": {"list": [{"a": 1}], "b": 2}})")) == "  name         friday\n"
                                                     "  template     slot=1 name=\"a b\"\n"
                                                     "  songs\n"
                                                     "    name=intro tags=1,two\n"
                                                     "      parts\n"
                                                     "        bars=4\n"
                                                     "          source       slot=2\n"
                                                     "        -\n"
                                                     "          x            y=1\n"
                                                     "      overrides    seq/bpm=128\n"
                                                     "    name=outro\n"
                                                     "  deep\n"
                                                     "    list\n"
                                                     "      a=1\n"
                                                     "    b            2\n");
    CHECK(drawn_document(read(R"([{"n": 1, "t": "a b"}, 7, "x"])")) ==
          "  n=1 t=\"a b\"\n  7\n  x\n");
}

} // namespace chronus::ctl
