#include "patterns/text/codec.h"
#include "patterns/text/notation.h"
#include "patterns/text/notes.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

using namespace chronus;
using namespace chronus::patterns;

namespace {

std::string sample(const std::string &name) {
    std::ifstream file{std::string{CHRONUS_TEST_FILES} + "/slots/" + name, std::ios::binary};
    if (!file) FAIL(name);
    return {std::istreambuf_iterator<char>{file}, {}};
}

Loaded loaded(std::string_view text) {
    auto result = decode(text);
    if (!result) FAIL(result.error().what);
    return *std::move(result);
}

/// A file of the original with one track.
Loaded with_track(std::string_view members) {
    return loaded(R"({"schema_version": "1.0", "chronus_version": "1.0.0", "sequencer":
        {"tracks": {"a": {)" +
                  std::string{members} + "}}}}");
}

float at(const Loaded &l, ParamId id) { return l.document.scene.params.get(id); }

const std::vector<std::string> kDepthNotes{
    "modules.lfo1.depth: 0.7 taken as 0, nothing moves until asked",
    "modules.lfo2.depth: 0.3 taken as 0, nothing moves until asked"};

} // namespace

TEST_CASE("original: the old shape, without distortion and LFOs", "[text]") {
    const Loaded l = loaded(sample("three_tracks_125.json"));
    CHECK(l.notes.empty());
    CHECK(l.document.unknown.empty());
    CHECK(at(l, param("seq/bpm")) == 125);
    CHECK(l.document.running);
    CHECK(l.document.global_step == 320);
    CHECK(l.document.timestamp == 1757040312.4471786);
    CHECK(l.document.voices == 8);
    CHECK(at(l, param("acid1/cutoff")) == 600);
    CHECK(at(l, param("acid1/res")) == 0.8f);
    CHECK(at(l, param("voice1/adsr/attack")) == 0.01f);
    CHECK(at(l, param("lfo2/rate")) == 4);

    const auto tracks = l.document.scene.playing();
    REQUIRE(tracks.size() == 3);
    const Track &hats = tracks[2];
    CHECK(hats.name.view() == "hats");
    CHECK(hats.voice == 3);
    CHECK(hats.base_freq == 8000);    // the original cut it to 5000
    CHECK(hats.filter_freq == 12000); // and this to 8000
    CHECK(hats.amp == 0.08f);
    CHECK(hats.gate == 0.1f);
    CHECK(print_pattern(hats.pattern()) == "..x...x...x...X.");
    const Track &bass = tracks[1];
    CHECK(print_notes(bass.notes()) == "41.2,41.2,A1,49.0");
    CHECK(bass.note_start == 2);
    CHECK_FALSE(bass.reverb_send); // 0 there: left to the voice
}

TEST_CASE("original: eight voices saved in the middle of a bar", "[text]") {
    const Loaded l = loaded(sample("eight_voices_174.json"));
    CHECK(l.notes == kDepthNotes);
    CHECK(at(l, param("seq/bpm")) == 174);
    CHECK(at(l, param("seq/swing")) == 0.05f);
    CHECK(l.document.global_step == 6697);
    CHECK(at(l, param("voice4/slide_time")) == 0.06f);
    CHECK(at(l, param("voice8/osc/type")) == 5);
    CHECK(at(l, param("lfo1/depth")) == 0);
    CHECK(at(l, param("lfo2/depth")) == 0);
    CHECK(at(l, param("dist1/drive")) == 0.15f);

    const auto tracks = l.document.scene.playing();
    REQUIRE(tracks.size() == 8);
    CHECK(tracks[0].name.view() == "kick"); // playing order, not that of the alphabet
    CHECK(tracks[7].name.view() == "ride");
    CHECK(print_pattern(tracks[1].pattern()) == "....X.......X..."); // 'o' was a rest
    CHECK(tracks[5].length == 25);                                   // '|' was a step
    CHECK(print_notes(tracks[4].notes()) == "A3,C4,E4");
    CHECK(tracks[4].delay_send == 0.35f);
    CHECK(tracks[3].gate == 12);
}

TEST_CASE("original: tracks on voices its engine did not have", "[text]") {
    const Loaded l = loaded(sample("tracks_on_five_to_eight_140.json"));
    CHECK(l.notes == std::vector{kDepthNotes[0]});
    const auto tracks = l.document.scene.playing();
    REQUIRE(tracks.size() == 4);
    CHECK(tracks[0].voice == 8);
    CHECK(tracks[1].voice == 5);
    CHECK(tracks[1].note_start == 1); // the 7th of two
    CHECK(print_notes(tracks[2].notes()) == "392.0");
}

TEST_CASE("original: loaded and saved, its files are ours for good", "[text]") {
    const std::string name = GENERATE("three_tracks_125.json", "eight_voices_174.json",
                                      "tracks_on_five_to_eight_140.json");
    const std::string bytes = sample(name);
    CHECK(verify_slot(bytes));
    const Loaded first = loaded(bytes);
    const Loaded again = loaded(encode(first.document));
    CHECK(again.document == first.document);
    CHECK(again.notes.empty());
}

TEST_CASE("original: every sign of a pattern but X and x was a rest", "[text]") {
    const auto pattern = [](std::string_view text) {
        const Loaded l = with_track("\"pattern\": \"" + std::string{text} + "\"");
        return print_pattern(l.document.scene.tracks[0].pattern());
    };
    CHECK(pattern("X o_x~ |-9") == "X...x.....");
    CHECK(pattern("x\xc3\xbcx") == "x.x"); // characters, not bytes
}

TEST_CASE("original: patterns that broke it do not break us", "[text]") {
    CHECK(with_track(R"("pattern": "")").notes ==
          std::vector<std::string>{"sequencer.tracks.a.pattern: empty, taken as one rest"});
    const Loaded l = with_track("\"pattern\": \"" + std::string(300, 'x') + "\"");
    CHECK(l.document.scene.tracks[0].length == 256);
    CHECK(l.notes == std::vector<std::string>{"sequencer.tracks.a.pattern: 300 steps cut to 256"});
}

TEST_CASE("original: a bare number for notes is read as its players meant it", "[text]") {
    const auto notes = [](std::string_view text) {
        const Loaded l = with_track(R"("pattern": "x", "notes": )" + std::string{text});
        return print_notes(l.document.scene.tracks[0].notes());
    };
    CHECK(notes("60") == "C4");
    CHECK(notes("60.0") == "C4"); // it stored numbers as floats
    CHECK(notes("392") == "392.0");
    CHECK(notes("41.5") == "41.5");
    CHECK(notes("[60]") == "60.0"); // a list is in Hz
}

TEST_CASE("original: note_index may be a float, count on, or stand without notes", "[text]") {
    const auto start = [](std::string_view members) {
        return with_track(R"("pattern": "x", )" + std::string{members})
            .document.scene.tracks[0]
            .note_start;
    };
    CHECK(start(R"("notes": [60, 61, 62], "note_index": 4.0)") == 1);
    CHECK(start(R"("notes": [60, 61, 62], "note_index": -1)") == 0);
    CHECK(start(R"("notes": [], "note_index": 9)") == 0);
}

TEST_CASE("original: nulls count as missing, modules of the future as unknown", "[text]") {
    const Loaded l = with_track(R"("pattern": "x", "base_freq": null, "notes": null)");
    CHECK(l.notes.empty());
    CHECK(l.document.scene.tracks[0].base_freq == 440);
    const Loaded more = loaded(R"({"schema_version": "1.0", "modules": {"voice65": {"amp": 1},
        "voice1": {"voice_id": "voice1"}}})");
    CHECK(more.notes == std::vector<std::string>{"modules.voice65: not known here, kept as it is"});
}

TEST_CASE("original: what is no file of its making is refused, not guessed at", "[text]") {
    for (const std::string_view text :
         {R"({"schema_version": "1.0", "modules": 3})",
          R"({"schema_version": "1.0", "sequencer": {"tracks": []}})",
          R"({"schema_version": "1.0", "sequencer": {"tracks": {"a": 1}}})",
          R"({"schema_version": "1.0", "sequencer": {"tracks": {"a": {"pattern": 1}}}})",
          R"({"schema_version": "1.0", "sequencer": {"tracks": {"a": {}}}})"})
        CHECK(decode(text).error().code == Errc::corrupt);
}
