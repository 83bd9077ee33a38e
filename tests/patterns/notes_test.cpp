#include "patterns/text/notes.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <limits>

using namespace chronus;
using namespace chronus::patterns;

namespace {

std::vector<float> hz(std::string_view text) {
    const auto notes = parse_notes(text);
    if (!notes) FAIL(notes.error().what);
    std::vector<float> out;
    for (const Note &note : *notes) out.push_back(note.hz);
    return out;
}

std::string again(std::string_view text) {
    const auto notes = parse_notes(text);
    if (!notes) FAIL(notes.error().what);
    return print_notes(*notes);
}

float one(std::string_view text) {
    const auto note = parse_note(text);
    if (!note) FAIL(note.error().what);
    return *note;
}

} // namespace

TEST_CASE("notes: bare digits up to 127 are MIDI numbers, above they are Hz", "[text]") {
    CHECK(one("60") == Approx(261.6256));
    CHECK(one("69") == 440.0f);
    CHECK(one("0") == Approx(8.1758));
    CHECK(one("127") == Approx(12543.85));
    CHECK(one("128") == 128.0f);
    CHECK(one("440") == 440.0f);
}

TEST_CASE("notes: with a point a number is Hz", "[text]") {
    CHECK(one("60.0") == 60.0f);
    CHECK(one("41.2") == 41.2f);
    CHECK(one("60.") == 60.0f);
}

TEST_CASE("notes: names have a sharp or a flat and an octave if they like", "[text]") {
    CHECK(one("C4") == one("60"));
    CHECK(one("c") == one("C4"));
    CHECK(one("Bb2") == Approx(116.5409));
    CHECK(one("A#3") == Approx(233.0819));
    CHECK(one("Cb4") == Approx(246.9417));
    CHECK(one("E#3") == Approx(174.6141));
    CHECK(one("b2") == Approx(123.4708));
    CHECK(one("bb2") == one("A#2"));
    CHECK(one("C-1") == Approx(8.1758));
    CHECK(one("D#10") == Approx(19912.127));
}

TEST_CASE("notes: commas and blanks separate, empty pieces count for nothing", "[text]") {
    CHECK(hz("60,64") == std::vector{one("60"), one("64")});
    CHECK(hz("60,,64") == hz("60 64"));
    CHECK(hz(" A2, C3\tE3 ,") == hz("A2 C3 E3"));
    CHECK(hz("").empty());
    CHECK(hz(" , ").empty());
    CHECK(hz("41.2,49") == std::vector{41.2f, one("C#3")}); // 49 is MIDI, wherever it stands
}

TEST_CASE("notes: a refusal names the piece, and its hint can be read", "[text]") {
    const auto wrong = GENERATE(values<std::pair<std::string, std::string>>({
        {"H4", "C4"},
        {"-5", "C4"},
        {"1e3", "C4"},
        {"R", "C4"},
        {"C##4", "C4"},
        {"C4x", "C4"},
        {"+60", "C4"},
        {".", "C4"},
        {"C99999999999", "C4"},
        {"60,H4,64", "60,64"},
        {"7.9", "C4"},
        {"-41.2", "C4"},
        {"20001", "C4"},
        {"E10", "C4"},
        {"Cb-1", "C4"},
        {"nan.", "C4"},
        {"99999999999999999999999", "C4"},
    }));
    const auto notes = parse_notes(wrong.first);
    REQUIRE_FALSE(notes);
    INFO(notes.error().what);
    CHECK(notes.error().what.starts_with("note \""));
    CHECK(notes.error().hint == wrong.second);
    CHECK(parse_notes(notes.error().hint));
}

TEST_CASE("notes: reasons", "[text]") {
    CHECK(parse_notes("60 H4").error().what ==
          "note \"H4\": not a MIDI number (60), a name (C#4, Bb2) or Hz (41.2)");
    CHECK(parse_notes("7.9").error().what == "note \"7.9\": not in 8..20000 Hz");
    std::string many;
    for (int i = 0; i < 257; ++i) many += "60,";
    CHECK(parse_notes(many).error().what == "notes: 257 of them; at most 256");
    CHECK(hz(parse_notes(many).error().hint).size() == 256);
}

TEST_CASE("notes: printed names for tempered pitches, else Hz with a point", "[text]") {
    CHECK(again("60 61 bb2 C-1 440 41.2 392 60.0") == "C4,C#4,A#2,C-1,A4,41.2,392.0,60.0");
    CHECK(print_notes({}).empty());
}

TEST_CASE("notes: print and parse give the same float back", "[text]") {
    test::Chance chance{3};
    for (int midi = 0; midi <= 127; ++midi) {
        const float pitch = one(std::to_string(midi));
        CHECK(print_note(pitch).find('.') == std::string::npos);
        CHECK(one(print_note(pitch)) == pitch);
    }
    for (int i = 0; i < 20000; ++i) {
        const float pitch = chance.within(8, 20000);
        REQUIRE(one(print_note(pitch)) == pitch);
    }
}

TEST_CASE("notes: what is no pitch prints without harm", "[text]") {
    for (const float odd : {0.0f, -1.0f, std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN(), 1e-40f, 3e38f})
        CHECK_FALSE(print_note(odd).empty());
}

TEST_CASE("notes: r rests for its hit, + makes a chord of up to 4 notes", "[text]") {
    CHECK(again("C4+E4+60 r,A4") == "C4+E4+C4,r,A4");
    const auto notes = *parse_notes("r C4+440");
    REQUIRE(notes.size() == 3);
    CHECK(notes[0] == Note{});
    CHECK(notes[1] == Note{one("C4"), false});
    CHECK(notes[2] == Note{440, true});
    CHECK(parse_notes("A4 C4+D4+E4+F4+G4").error().what ==
          "note \"C4+D4+E4+F4+G4\": 5 notes at once; at most 4");
    for (const std::string wrong : {"C4+", "+C4", "C4++E4", "C4+r", "r+C4"})
        CHECK(parse_notes("A4 " + wrong).error().hint == "A4");
}
