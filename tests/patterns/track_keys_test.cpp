#include "patterns/text/notation.h"
#include "patterns/text/track_keys.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <limits>

using namespace chronus;
using namespace chronus::patterns;

namespace {

Track some_track() {
    auto track = make_track("kick", 1, "X.x.");
    if (!track) FAIL(track.error().what);
    return *track;
}

template <class V>
std::string applied(Track &track, std::string_view key, V value) {
    const auto set = set_key(track, key, value);
    if (!set) FAIL(set.error().what);
    return *set;
}

template <class V>
Error refused(std::string_view key, V value) {
    Track track = some_track();
    const auto set = set_key(track, key, value);
    if (set) FAIL("accepted");
    CHECK(track == some_track());
    return set.error();
}

} // namespace

TEST_CASE("track keys: a new track has the values the table says", "[text]") {
    const Track track = some_track();
    for (const TrackKey &key : track_keys()) {
        INFO(key.name);
        const auto number = key_number(track, key);
        if (number) CHECK(*number == key.initial);
    }
    CHECK(get_key(track, "base_amp").empty());
    CHECK(get_key(track, "pattern") == "X.x.");
    CHECK(get_key(track, "voice") == "voice1");
}

TEST_CASE("track keys: what is got can be set again to the same effect", "[text]") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto document = test::random_document(seed);
        for (const Track &track : document.scene.playing()) {
            Track copy;
            copy.name = track.name;
            copy.uid = track.uid;
            for (const TrackKey &key : track_keys())
                applied(copy, key.name, std::string_view{get_key(track, key.name)});
            CHECK(copy == track);
        }
    }
}

TEST_CASE("track keys: amounts clip and say what was applied", "[text]") {
    Track track = some_track();
    CHECK(applied(track, "base_amp", "7") == "1");
    CHECK(applied(track, "base_amp", -1.0f) == "0");
    CHECK(applied(track, "gate_frac", "0") == "0.01");
    CHECK(applied(track, "base_freq", "1e300") == "20000");
    CHECK(applied(track, "base_freq", " +41.2 ") == "41.2");
    CHECK(applied(track, "pan", "-0.25") == "-0.25");
    CHECK(track.pan == -0.25f);
}

TEST_CASE("track keys: none unsets what the voice decides then", "[text]") {
    Track track = some_track();
    for (const std::string_view key :
         {"base_amp", "filter_freq", "reverb_send", "delay_send", "pan"}) {
        applied(track, key, "0.5");
        CHECK_FALSE(get_key(track, key).empty());
        CHECK(applied(track, key, "none") == "none");
        CHECK(get_key(track, key).empty());
        applied(track, key, "0.5");
        CHECK(applied(track, key, "") == "none");
    }
    CHECK(track == some_track());
}

TEST_CASE("track keys: whole numbers never clip", "[text]") {
    CHECK(refused("note_index", "256").what ==
          "note_index: \"256\" is not a whole number in 0..255");
    CHECK(refused("note_index", "256").hint == "255");
    CHECK(refused("note_index", "1.5").code == Errc::out_of_range);
    CHECK(refused("mute", "2").hint == "1");
    CHECK(refused("voice", "65").what == "voice: \"65\" is not a whole number in 1..64");
    CHECK(refused("voice", "voice0").hint == "voice1");
    CHECK(refused("len", "0").hint == "1");
    CHECK(refused("len", 257.0f).hint == "256");
    Track track = some_track();
    CHECK(applied(track, "note_index", 1.0f) ==
          "1"); // the original stored this as 1.0 and fell over it
    CHECK(applied(track, "voice", 5.0f) == "voice5");
    CHECK(applied(track, "voice", "voice64") == "voice64");
}

TEST_CASE("track keys: what is no number is refused", "[text]") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(refused("base_amp", nan).code == Errc::bad_type);
    CHECK(refused("base_amp", "nan").what == "base_amp: \"nan\" is not a number");
    CHECK(refused("base_freq", "inf").code == Errc::bad_type);
    CHECK(refused("base_freq", "C4").hint == "440");
    CHECK(refused("base_freq", "").code == Errc::bad_type); // only an optional can be unset
}

TEST_CASE("track keys: an unknown key names those there are, and the nearest", "[text]") {
    const Error error = refused("base_apm", "1");
    CHECK(error.code == Errc::not_found);
    CHECK(error.hint == "base_amp");
    CHECK(error.what.starts_with("\"base_apm\": no such key; there are voice, pattern, len, "));
}

TEST_CASE("track keys: switches", "[text]") {
    Track track = some_track();
    for (const std::string_view on : {"1", "on", "true", "1.0"}) {
        applied(track, "mute", "0");
        CHECK(applied(track, "mute", on) == "1");
        CHECK(track.mute);
    }
    CHECK(applied(track, "solo", 1.0f) == "1");
    CHECK(applied(track, "solo", "off") == "0");
    CHECK_FALSE(track.solo);
}

TEST_CASE("track keys: notes are MIDI as text and Hz as a number", "[text]") {
    Track track = some_track();
    CHECK(applied(track, "notes", "60") == "C4");
    CHECK(applied(track, "notes", 60.0f) == "60.0");
    CHECK(applied(track, "notes", 440.0f) == "A4");
    track.note_start = 3;
    track.notes_uid = 7;
    CHECK(applied(track, "notes", "60,64,41.2") == "C4,E4,41.2");
    CHECK(track.note_start == 0);
    CHECK(track.notes_uid == 0); // another list, also if it reads the same
    CHECK(applied(track, "notes", "none").empty());
    CHECK(track.note_count == 0);
    CHECK(refused("notes", "60,H4").hint == "60");
}

TEST_CASE("track keys: len cuts a pattern or repeats it", "[text]") {
    Track track = some_track();
    CHECK(applied(track, "len", "6") == "6");
    CHECK(get_key(track, "pattern") == "X.x.X.");
    applied(track, "len", "3");
    CHECK(get_key(track, "pattern") == "X.x");
    CHECK(track.steps[3] == Step{});
}

TEST_CASE("make_track: names are 1 to 63 bytes of printable text without a slash", "[text]") {
    for (const std::string &name :
         {std::string{}, std::string{"a/b"}, std::string(64, 'x'), std::string{"a\nb"},
          std::string{"\xff"}, std::string{"a\0b", 3}, std::string{"\xc2\x85"},
          std::string(62, 'x') + "\xc3\xbc"}) {
        const auto track = make_track(name, 1, "x");
        REQUIRE_FALSE(track);
        CHECK(track.error().what.find("1 to 63 bytes") != std::string::npos);
        CHECK(make_track(track.error().hint, 1, "x"));
    }
    CHECK(make_track("b\xc3\xa4ss \xe2\x99\xaa=", 1, "x"));
}

TEST_CASE("make_track: voice and pattern are checked", "[text]") {
    CHECK(make_track("a", 65, "x").error().code == Errc::out_of_range);
    CHECK(make_track("a", 0, "x").error().hint == "voice1");
    CHECK(make_track("a", 1, "x$").error().hint == "x.");
}

TEST_CASE("track keys: div is a fraction in lowest terms, by text or number", "[text]") {
    Track track;
    const auto told = [&](std::string_view text) { return *set_key(track, "div", text); };
    CHECK(told("2") == "2");
    CHECK(told("2/4") == "1/2");
    CHECK(told("0.75") == "3/4");
    CHECK(told("0.3333") == "1/3");
    CHECK(track.div == StepLength{1, 3});
    CHECK(set_key(track, "div", 1.5f));
    CHECK(track.div == StepLength{3, 2});
    const auto wrong = GENERATE(values<std::pair<std::string, std::string>>({{"x", "1"},
                                                                             {"1/0", "1"},
                                                                             {"1/", "1"},
                                                                             {"", "1"},
                                                                             {"0", "1/8"},
                                                                             {"17", "16"},
                                                                             {"1/9", "1/8"},
                                                                             {"-1", "1/8"},
                                                                             {"0.9923", "1"}}));
    const auto refused = set_key(track, "div", wrong.first);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().hint == wrong.second);
    CHECK(track.div == StepLength{3, 2});
}

TEST_CASE("track keys: prob is a whole percentage, seed a whole number", "[text]") {
    Track track;
    CHECK(*set_key(track, "prob", "40") == "40");
    CHECK(track.chance == 40);
    CHECK(set_key(track, "prob", "101").error().hint == "100");
    CHECK(*set_key(track, "seed", "7") == "7");
    CHECK(track.seed == 7);
}

TEST_CASE("track keys: a shorter pattern forgets the locks it no longer has", "[text]") {
    auto track = *make_track("a", 1, "x{pan=1}x{pan=0}x{pan=1}");
    REQUIRE(set_key(track, "len", "1"));
    CHECK(track.locks.count == 1);
    REQUIRE(set_key(track, "len", "2"));
    CHECK(get_key(track, "pattern") == "x{pan=1}x{pan=1}");
}
