#include "patterns/history/compare.h"
#include "patterns/history/content.h"
#include "patterns/history/side_by_side.h"
#include "patterns/text/json_gate.h"
#include "patterns/text/track_keys.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <string>

using namespace chronus;
using namespace chronus::patterns;

namespace {

Document with_kick(std::string_view pattern = "X...X...") {
    Document document;
    document.scene.tracks[document.scene.track_count++] = *make_track("kick", 1, pattern);
    return document;
}

void set(Document &document, ParamId id, float value) { document.scene.params.set(id, value); }

Comparison between(const Document &a, const Document &b) {
    return compare(structure_of(a), structure_of(b));
}

} // namespace

TEST_CASE("content: a pattern comes back whole, and equal patterns have equal texts", "[history]") {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        Document document = test::random_document(seed);
        const std::string text = content_text(document);
        const Document back = *document_of_content(text);
        INFO(seed);
        REQUIRE(back.scene == document.scene);
        REQUIRE(back.metadata == document.metadata);
        REQUIRE(back.unknown == document.unknown);
        document.running = !document.running;
        document.timestamp += 1;
        document.global_step += 1;
        REQUIRE(content_text(document) == text);
        set(document, param("master/level"),
            document.scene.params.get(param("master/level")) > 1 ? 0.5f : 1.5f);
        REQUIRE(content_text(document) != text);
    }
}

TEST_CASE("content: what is none is refused", "[history]") {
    CHECK(document_of_content("").error().code == Errc::corrupt);
    CHECK(document_of_content("{\"schema_version\":\"99.0\"}").error().code == Errc::too_new);
}

TEST_CASE("compare: nothing differs from itself, and what differs leads from one to the other",
          "[history]") {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const Structure a = structure_of(test::random_document(seed)),
                        b = structure_of(test::random_document(seed + 1000));
        INFO(seed);
        REQUIRE(compare(a, a) == Comparison{});
        const Comparison changes = compare(a, b);
        REQUIRE(changes != Comparison{});
        REQUIRE(applied(changes, a) == b);
        REQUIRE(applied(compare(b, a), b) == a);
    }
}

TEST_CASE("compare: as JSON it is read back as it was", "[history]") {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const Comparison changes =
            between(test::random_document(seed), test::random_document(seed + 1000));
        JsonWriter json;
        json.begin_object();
        write_members(json, changes);
        json.end_object();
        const auto read = parse_json(json.text());
        INFO(json.text());
        REQUIRE(read);
        REQUIRE(comparison_of(*read->as<JsonObject>()) == changes);
    }
}

TEST_CASE("compare: steps are told as text, parameters by their paths, choices by name",
          "[history]") {
    Document a = with_kick(), b = with_kick("X...X.x.");
    set(b, param("voice1/filter/freq"), 800);
    set(b, param("delay1/mode"), 1);
    const Comparison changes = between(a, b);
    REQUIRE(changes.nodes.size() == 3);
    CHECK(changes.nodes[0] ==
          NodeChange{"delay1", NodeChange::How::modified, {{"mode", "\"digital\"", "\"tape\""}}});
    CHECK(changes.nodes[1] == NodeChange{"track kick",
                                         NodeChange::How::modified,
                                         {{"pattern", "\"X...X...\"", "\"X...X.x.\""}}});
    CHECK(changes.nodes[2].fields.front().what == "filter/freq");
    CHECK(changes.nodes[2].fields.front().to == "800");
    CHECK(changes.connected.empty());
}

TEST_CASE("compare: tracks, sends and targets are connections", "[history]") {
    Document a, b = with_kick();
    set(b, param("voice1/send/reverb"), 0.3f);
    set(b, param("lfo3/target"), static_cast<float>(param("voice1/amp").index));
    set(b, param("duck1/source"), 1);
    const Comparison changes = between(a, b);
    CHECK(changes.connected == std::vector<std::string>{"lfo3 > voice1/amp", "track kick > voice1",
                                                        "voice1 > duck1", "voice1 > reverb1"});
    CHECK(between(b, a).disconnected == changes.connected);
}

TEST_CASE("version: major for what comes or goes, minor for what is heard, patch for the label",
          "[history]") {
    const Version now{1, 2, 3};
    Document a = with_kick(), b = a;
    CHECK(next(now, between(a, a)) == Version{1, 2, 4});
    b.metadata.name = "other";
    CHECK(next(now, between(a, b)) == Version{1, 2, 4});
    set(b, param("seq/bpm"), 130);
    CHECK(next(now, between(a, b)) == Version{1, 3, 0});
    CHECK(next(now, between(a, with_kick("x"))) == Version{1, 3, 0});
    CHECK(next(now, between(a, Document{})) == Version{2, 0, 0});
    Document c = a;
    set(c, param("voice1/send/delay"), 0.5f);
    CHECK(next(now, between(a, c)) == Version{2, 0, 0});
    CHECK(parse_version(text_of(now)) == now);
    for (const char *wrong : {"", "1", "1.2", "1.2.3.4", "1.2.x", "-1.2.3", "1.2.3 "})
        CHECK_FALSE(parse_version(wrong));
}

TEST_CASE("side by side: nothing for equals, else both columns", "[history]") {
    Document a = with_kick(), b = with_kick("X...X.x.");
    b.scene.tracks[b.scene.track_count++] = *make_track("hat", 2, "x.x.");
    CHECK(side_by_side(between(a, a), {}).empty());
    const std::string text =
        side_by_side(between(a, b), {.left = "1.0.0", .right = "2.0.0", .column = 12});
    INFO(text);
    CHECK(text.find("  1.0.0         2.0.0\n") != std::string::npos);
    CHECK(text.find("    pattern           X...X...      X...X.x.\n") != std::string::npos);
    CHECK(text.find("+ track hat\n") != std::string::npos);
    CHECK(text.find("    + track hat > voice2\n") != std::string::npos);
    CHECK(text.find('\033') == std::string::npos);
}

TEST_CASE("side by side: colour marks the steps that differ", "[history]") {
    const auto text = side_by_side(between(with_kick(), with_kick("X...X.x.")), {.colour = true});
    INFO(text);
    CHECK(text.find("X...X.\033[31m.\033[0m.") != std::string::npos);
    CHECK(text.find("X...X.\033[32mx\033[0m.") != std::string::npos);
}

TEST_CASE("side by side: orders to a terminal are taken out", "[history]") {
    Document a, b;
    b.metadata.notes = "one\033[2Jtwo";
    CHECK(side_by_side(between(a, b), {}).find('\033') == std::string::npos);
}
