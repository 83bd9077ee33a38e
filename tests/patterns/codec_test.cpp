#include "patterns/text/codec.h"
#include "patterns/text/hash.h"
#include "patterns/text/json_gate.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <string>

using namespace chronus;
using namespace chronus::patterns;

namespace {

Loaded loaded(std::string_view text) {
    auto result = decode(text);
    if (!result) FAIL(result.error().what);
    return *std::move(result);
}

/// A file of ours with these members below its version, and no checksum.
std::string file(std::string_view members) {
    return "{\n\"schema_version\": \"2.0\",\n" + std::string{members} + "\n}";
}

std::string with_track(std::string_view members) {
    return file("\"sequencer\": {\"tracks\": {\"kick\": {\n" + std::string{members} + "\n}}}");
}

Error refused(std::string_view text) {
    const auto result = decode(text);
    if (result) FAIL("accepted");
    return result.error();
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    if (at == std::string::npos) FAIL("nothing to replace");
    return text.replace(at, from.size(), to);
}

} // namespace

TEST_CASE("codec: what is read back is what was written, without notes", "[text]") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        Document document = test::random_document(seed);
        const std::string text = encode(document);
        Loaded back = loaded(text);
        INFO(seed);
        REQUIRE(back.document == document);
        REQUIRE(back.notes.size() == (document.unknown.empty() ? 0 : 2));
        REQUIRE(encode(back.document) == text);
        REQUIRE(verify_slot(text));
    }
}

TEST_CASE("codec: the empty document", "[text]") {
    const Document document;
    const Loaded back = loaded(encode(document));
    CHECK(back.document == document);
    CHECK(back.notes.empty());
}

TEST_CASE("codec: only what counts is written", "[text]") {
    Document document = test::random_document(4);
    document.scene.track_count = 1;
    document.scene.tracks[0].length = 1;
    document.scene.tracks[0].note_count = 0;
    Document tidy = document;
    for (std::size_t i = 1; i < kMaxTracks; ++i) tidy.scene.tracks[i] = {};
    for (std::size_t i = 1; i < kMaxSteps; ++i) tidy.scene.tracks[0].steps[i] = {};
    tidy.scene.tracks[0].note_list = {};
    document.scene.tracks[0].uid = 77; // a number of this run, not of the pattern
    CHECK(encode(document) == encode(tidy));
}

TEST_CASE("codec: a file reads as people expect it to", "[text]") {
    Document document;
    document.scene.track_count = 1;
    Track &track = document.scene.tracks[0];
    track.name.assign("hat");
    track.voice = 3;
    track.length = 4;
    track.steps[0].hit = Hit::accent;
    track.amp = 0.2f;
    track.note_count = 2;
    track.note_list[0].hz = 41.2f;
    track.note_list[1].hz = 440;
    document.scene.params.set(param("voice1/adsr/attack"), 0.005f);
    const std::string text = encode(document);
    for (const std::string_view line :
         {"      \"hat\": {\n", "        \"base_amp\": 0.2,\n", "        \"notes\": [41.2, 440],\n",
          "        \"pattern\": \"X...\",\n", "        \"voice_id\": \"voice3\"\n",
          "        \"attack\": 0.005,\n", "      \"waveform\": 0\n",
          "      \"target\": \"voice2/filter/freq\"\n", "  \"schema_version\": \"2.0\",\n"})
        CHECK(text.find(line) != std::string::npos);
    CHECK(text.find("reverb_send\": 0,\n        ") == std::string::npos); // unset on the track
    CHECK(text.find("\"voice8\"") != std::string::npos);
    CHECK(text.find("\"voice9\"") == std::string::npos);
}

TEST_CASE("codec: voices beyond the engine's are kept where they differ", "[text]") {
    Document document;
    document.voices = 2;
    document.scene.params.set(param("voice64/pan"), -0.5f);
    const std::string text = encode(document);
    CHECK(text.find("\"voice3\"") == std::string::npos);
    CHECK(loaded(text).document == document);
}

TEST_CASE("codec: the checksum is the SHA-256 of the rest in compact style", "[text]") {
    const std::string text = encode(test::random_document(1));
    auto json = parse_json(text);
    REQUIRE(json);
    const std::string said = *find(*json->as<JsonObject>(), "checksum")->as<std::string>();
    remove_member(*json->as<JsonObject>(), "checksum");
    CHECK(said == sha256_hex(to_text(*json, JsonStyle::compact)));
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("codec: any change of what a file says is found, one of its blanks is none", "[text]") {
    Document document;
    document.metadata.name = "first";
    const std::string text = encode(document);
    CHECK(refused(replaced(text, "\"first\"", "\"fir5t\"")).what.find("checksum does not fit") !=
          std::string::npos);
    CHECK(refused(replaced(text, "\"bpm\": 120", "\"bpm\": 121")).code == Errc::corrupt);
    CHECK(refused(replaced(text, "  \"checksum\": \"", "  \"checksum\": \"0")).code ==
          Errc::corrupt);
    std::string flat = text;
    std::erase(flat, '\n');
    CHECK(loaded(flat).document == document);
}

TEST_CASE("codec: without a checksum a file may be edited by hand", "[text]") {
    const Loaded back = loaded(with_track(R"("pattern": "X.x.", "base_amp": 0.1)"));
    CHECK(back.notes.empty());
    CHECK(back.document.scene.track_count == 1);
    CHECK(back.document.scene.tracks[0].name.view() == "kick");
    CHECK(back.document.scene.tracks[0].amp == 0.1f);
    CHECK(back.document.scene.params == ParamValues{});
    CHECK(back.document.voices == 8);
}

TEST_CASE("codec: out of range is taken as the nearest, and said", "[text]") {
    const Loaded back = loaded(file(R"("modules": {"voice1": {"amp": 7, "waveform": 9},
        "lfo1": {"target": "voice1/osc/type"}}, "sequencer": {"bpm": 1e300, "tracks": {"a":
        {"pattern": "x", "gate_frac": -1, "notes": [5, 60], "note_index": 999}}})"));
    CHECK(back.notes == std::vector<std::string>{
                            "sequencer.bpm: 3.4028235e+38 taken as 300",
                            "sequencer.tracks.a.notes: 5 taken as 8",
                            "sequencer.tracks.a.note_index: 999 taken as 255",
                            "sequencer.tracks.a.gate_frac: -1 taken as 0.01",
                            "modules.voice1.amp: 7 taken as 1",
                            "modules.voice1.waveform: 9 taken as 8",
                            "modules.lfo1.target: voice1/osc/type taken as none",
                        });
    CHECK(back.document.scene.params.get(param("voice1/amp")) == 1);
    CHECK(back.document.scene.params.get(param("lfo1/target")) == -1);
}

TEST_CASE("codec: a time no calendar has is none of a file", "[text]") {
    CHECK(loaded(file("\"timestamp\": 1e300")).document.timestamp == 253402300799.0);
    CHECK(loaded(file("\"timestamp\": -1")).document.timestamp == 0);
    CHECK(loaded(file("\"timestamp\": -1")).notes ==
          std::vector<std::string>{"timestamp: -1 taken as 0"});
}

TEST_CASE("codec: choices may be written as words", "[text]") {
    const auto back = loaded(file(R"("modules": {"voice1": {"waveform": "square"}})"));
    CHECK(back.notes.empty());
    CHECK(back.document.scene.params.get(param("voice1/osc/type")) == 2);
}

TEST_CASE("codec: a value of the wrong kind names line, path and what is wanted", "[text]") {
    const auto wrong = GENERATE(values<std::pair<std::string, std::string>>({
        {file("\"sequencer\": {\n\"bpm\": \"fast\"}"),
         "line 4: sequencer.bpm is text, not a number"},
        {file("\"sequencer\": []"), "line 3: sequencer is a list, not an object"},
        {file("\"sequencer\": {\"running\": 1}"),
         "line 3: sequencer.running is a number, not true or false"},
        {file("\"sequencer\": {\"seed\": -1}"),
         "line 3: sequencer.seed is a number, not a whole number from 0"},
        {file("\"sequencer\": {\"global_step\": 1.5}"),
         "line 3: sequencer.global_step is a number, not a whole number from 0"},
        {file("\"modules\": {\"voice1\": {\"amp\": true}}"),
         "line 3: modules.voice1.amp is true or false, not a number"},
        {file("\"modules\": {\"voice1\": {\"adsr\": 1}}"),
         "line 3: modules.voice1.adsr is a number, not an object"},
        {file("\"modules\": {\"voice1\": {\"waveform\": \"wobble\"}}"),
         "line 3: modules.voice1.waveform is text, not a number"},
        {file("\"modules\": {\"lfo1\": {\"target\": 3}}"),
         "line 3: modules.lfo1.target is a number, not a parameter's path or none"},
        {file("\"metadata\": {\"tags\": [1]}"),
         "line 3: metadata.tags is a list, not a list of texts"},
        {file("\"metadata\": {\"name\": 1}"), "line 3: metadata.name is a number, not text"},
        {with_track("\"pattern\": 1"),
         "line 4: sequencer.tracks.kick.pattern is a number, not text"},
        {with_track(""), "sequencer.tracks.kick.pattern is missing"},
        {with_track("\"pattern\": \"xq\""),
         "line 4: sequencer.tracks.kick.pattern: pattern: column 2: \"q\" is not a step; allowed "
         "are X x o . - _ | [ ] E and, after a hit, ~ * ? % ! > < {"},
        {with_track("\"pattern\": \"x\",\n\"voice_id\": \"voice99\""),
         "line 5: sequencer.tracks.kick.voice_id: voice: \"99\" is not a whole number in 1..64"},
        {with_track("\"pattern\": \"x\",\n\"notes\": [1, \"a\"]"),
         "line 5: sequencer.tracks.kick.notes is text, not a number or a chord of them"},
        {"[]", "line 1: the document is a list, not an object"},
        {"{}", "line 1: no schema_version like \"2.0\""},
        {R"({"schema_version": 2})", "line 1: no schema_version like \"2.0\""},
        {R"({"schema_version": "1.7"})", "schema_version \"1.7\": there never was one"},
        {file("\"checksum\": 1"), "line 3: checksum is a number, not text"},
    }));
    const Error error = refused(wrong.first);
    CHECK(error.code == Errc::corrupt);
    CHECK(error.what == wrong.second);
}

TEST_CASE("codec: a later schema is never guessed at, whatever its checksum", "[text]") {
    for (const std::string_view version : {"2.1", "3.0", "10.0", "99999.0"}) {
        const Error error =
            refused(R"({"checksum": "x", "schema_version": ")" + std::string{version} + "\"}");
        CHECK(error.code == Errc::too_new);
        CHECK(error.what ==
              "schema_version \"" + std::string{version} + "\": newer than 2.0, which we know");
    }
}

TEST_CASE("codec: what we do not know is kept, noted and written again", "[text]") {
    const Loaded back = loaded(file(R"("future": {"a": [1.5, null]},
        "modules": {"voice1": {"amp": 0.5, "sparkle": 3, "adsr": {"hold": 1}}, "grain1": {}},
        "sequencer": {"tracks": {"kick": {"pattern": "x", "colour": "red"}}})"));
    CHECK(
        back.document.unknown ==
        R"({"future":{"a":[1.5,null]},"modules":{"grain1":{},"voice1":{"adsr":{"hold":1},"sparkle":3}},)"
        R"("sequencer":{"tracks":{"kick":{"colour":"red"}}}})");
    REQUIRE(back.notes.size() == 5);
    CHECK(std::ranges::count(back.notes,
                             "modules.voice1.adsr.hold: not known here, kept as it is") == 1);
    const std::string text = encode(back.document);
    CHECK(text.find("\"colour\": \"red\"") != std::string::npos);
    CHECK(loaded(text).document == back.document);
    CHECK(verify_slot(text));
}

TEST_CASE("codec: what was unknown of a track goes with the track", "[text]") {
    Loaded back = loaded(with_track(R"("pattern": "x", "colour": "red")"));
    back.document.scene.track_count = 0;
    const Loaded again = loaded(encode(back.document));
    CHECK(again.document.scene.track_count == 0);
    CHECK(again.document.unknown.empty());
}

TEST_CASE("codec: what was unknown of a track goes by its name, whatever its key was", "[text]") {
    const Loaded back = loaded(file(R"("sequencer": {"tracks": {
        "a": {"name": "b", "pattern": "x", "colour": "red"},
        "b": {"name": "a", "pattern": "x", "colour": "blue"},
        "c": {"name": "a", "pattern": "x", "colour": "green"}}})"));
    CHECK(back.document.unknown == R"({"sequencer":{"tracks":{"a":{"colour":"blue"},)"
                                   R"("a_2":{"colour":"green"},"b":{"colour":"red"}}}})");
    CHECK(loaded(encode(back.document)).document == back.document);
}

TEST_CASE("codec: tracks play in their order, not in that of their names", "[text]") {
    const auto back = loaded(file(R"("sequencer": {"tracks": {"a": {"pattern": "x", "order": 2},
        "b": {"pattern": "x", "order": 1}, "c": {"pattern": "x", "order": 0}}})"));
    const auto tracks = back.document.scene.playing();
    CHECK(tracks[0].name.view() == "c");
    CHECK(tracks[1].name.view() == "b");
    CHECK(tracks[2].name.view() == "a");
    CHECK(tracks[2].uid == 3);
}

TEST_CASE("codec: every track has a usable name of its own", "[text]") {
    const auto back = loaded(file(R"("sequencer": {"tracks": {"a/b": {"pattern": "x"},
        "c": {"pattern": "x", "name": "a_b"}, "": {"pattern": "x"}}})"));
    const auto tracks = back.document.scene.playing();
    CHECK(tracks[0].name.view() == "a_b");
    CHECK(tracks[1].name.view() == "a_b_2");
    CHECK(tracks[2].name.view() == "track");
    CHECK(back.notes == std::vector<std::string>{
                            "sequencer.tracks.a/b.name: called a_b",
                            "sequencer.tracks..name: called track",
                            "sequencer.tracks: a second a_b called a_b_2",
                        });
}

TEST_CASE("codec: more tracks or notes than there is room for are cut, and said", "[text]") {
    std::string tracks;
    for (int i = 0; i < 70; ++i)
        tracks += (i > 0 ? ",\"t" : "\"t") + std::to_string(i) + "\": {\"pattern\": \"x\"}";
    const auto many = loaded(file("\"sequencer\": {\"tracks\": {" + tracks + "}}"));
    CHECK(many.document.scene.track_count == 64);
    CHECK(many.notes == std::vector<std::string>{"sequencer.tracks: 70 of them cut to 64"});
    std::string notes = "60";
    for (int i = 0; i < 300; ++i) notes += ",60";
    const auto melody = loaded(with_track("\"pattern\": \"x\", \"notes\": [" + notes + "]"));
    CHECK(melody.document.scene.tracks[0].note_count == 256);
    CHECK(melody.notes == std::vector<std::string>{"sequencer.tracks.kick.notes: 301 cut to 256"});
}

TEST_CASE("codec: notes to people are few", "[text]") {
    std::string members = "\"a\": 0";
    for (int i = 0; i < 1000; ++i) members += ",\"m" + std::to_string(i) + "\": 0";
    const auto back = loaded(file(members));
    CHECK(back.notes.size() == 33);
    CHECK(back.notes.back() == "and 969 more");
}

TEST_CASE("codec: what no file can hold is replaced, and the file can be read", "[text]") {
    Document document = test::random_document(9);
    document.metadata.name = "\xff";
    document.timestamp = std::nan("");
    document.scene.tracks[0] = {};
    document.scene.tracks[0].name.assign("\xfe");
    document.scene.tracks[0].length = 1;
    document.scene.tracks[0].base_freq = std::nanf("");
    document.scene.track_count = 1;
    document.unknown = "[not json";
    CHECK(decode(encode(document)));
}

TEST_CASE("slots: a head tells patterns apart by what they hold, not by when", "[text]") {
    Document document = test::random_document(2);
    document.metadata.name = "warm";
    const auto head = summary(encode(document));
    REQUIRE(head);
    CHECK(head->name == "warm");
    CHECK(head->timestamp == document.timestamp);
    CHECK(head->bpm == document.scene.params.get(param("seq/bpm")));
    CHECK(head->tracks == document.scene.track_count);
    Document later = document;
    later.timestamp += 60;
    later.running = !later.running;
    later.global_step += 16;
    CHECK(summary(encode(later))->content == head->content);
    later.scene.params.set(param("seq/swing"), 0.33f);
    CHECK(summary(encode(later))->content != head->content);
    CHECK(summary("{").error().code == Errc::corrupt);
}

TEST_CASE("slots: no damage to a file's bytes crashes, and none goes unseen", "[text][fuzz]") {
    test::Chance chance{5};
    Document document = test::random_document(12);
    document.unknown.clear();
    const std::string whole = encode(document);
    for (int round = 0; round < 1500; ++round) {
        std::string text = whole;
        for (auto n = 1 + chance.below(3); n > 0; --n) {
            const std::size_t at = chance.below(text.size());
            switch (chance.below(4)) {
            case 0:
                text[at] = static_cast<char>(chance.below(256));
                break;
            case 1:
                text.resize(at + 1);
                break;
            case 2:
                text.erase(at, 1 + chance.below(40));
                text += ' ';
                break;
            default:
                text.insert(at, text.substr(chance.below(text.size()), chance.below(40)));
            }
        }
        const auto result = decode(text);
        // Blanks may change unseen, numbers be spelled otherwise; a checksum under another name is
        // told as a member we do not know.
        if (result && !(result->document == document)) REQUIRE_FALSE(result->notes.empty());
    }
}

TEST_CASE("slots: without a checksum, damage still crashes nothing", "[text][fuzz]") {
    test::Chance chance{6};
    Document document = test::random_document(12);
    std::string whole = encode(document);
    const std::size_t sum = whole.find("  \"checksum\"");
    whole.erase(sum, whole.find('\n', sum) + 1 - sum);
    std::size_t read = 0;
    for (int round = 0; round < 1500; ++round) {
        std::string text = whole;
        const std::size_t at = chance.below(text.size());
        text[at] = "0123456789-+.eE\"{}[],:tfn\\ "[chance.below(28)];
        const auto result = decode(text);
        read += result ? 1 : 0;
        if (result) REQUIRE(verify_slot(text));
    }
    CHECK(read > 100); // so that the law above was put to the test
}
