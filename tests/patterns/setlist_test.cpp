#include "patterns/text/setlist.h"

#include "patterns/text/hash.h"
#include "patterns/text/setlist_text.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

using namespace chronus;
using namespace chronus::patterns;

namespace {

KeptPattern pattern(std::uint64_t seed) { return KeptPattern{test::random_document(seed)}; }

KeptPattern at_tempo(float bpm) {
    Document document;
    document.scene.params.set(param("seq/bpm"), bpm);
    return KeptPattern{document};
}

SongState random_state(test::Chance &chance) {
    SongState state{.inputs = sha256_hex("in"), .timestamp = 1.7e9, .scene = pattern(7)};
    state.hash = sha256_hex("out");
    state.metrics = {{"lufs", -14.25},
                     {"peak", 0.5 + static_cast<double>(chance.below(100)) / 256}};
    state.outputs = {{"intro.wav", {sha256_hex("wav"), chance.below(1 << 20)}}};
    if (chance.one_in(3)) state.error = "clips: 0.3 dB over";
    return state;
}

Song random_song(test::Chance &chance, std::string name) {
    Song song{.name = std::move(name)};
    if (chance.one_in(2))
        song.source = {pattern(chance.below(4)), static_cast<int>(chance.below(129))};
    for (auto n = chance.below(4); n > 0; --n)
        song.parts.push_back(
            {.source = chance.one_in(3) ? Source{} : Source{pattern(chance.below(4)), 3},
             .bars = static_cast<std::uint32_t>(1 + chance.below(kMostBars)),
             .repeat = static_cast<std::uint32_t>(1 + chance.below(kMostRepeats))});
    for (SongPart &part : song.parts)
        if (chance.one_in(4)) part.unknown = R"({"colour":"red"})";
    for (SongPart &part : song.parts)
        if (!part.source.pattern) part.source.slot = 0;
    if (!song.source.pattern) song.source.slot = 0;
    if (chance.one_in(2)) song.overrides = {{"seq/bpm", 131.5}, {"voice1/osc/type", "saw"}};
    song.after = static_cast<After>(chance.below(4));
    song.notes = chance.one_in(2) ? "watch the drummer\n\"now\"" : "";
    if (chance.one_in(2)) song.state = random_state(chance);
    if (chance.one_in(3)) song.unknown = R"({"key":"F#m","state":{"mood":[1,2]}})";
    if (!song.state) song.unknown = song.unknown.empty() ? "" : R"({"key":"F#m"})";
    return song;
}

Setlist random_set(std::uint64_t seed) {
    test::Chance chance{seed};
    Setlist set{.name = "friday"};
    if (chance.one_in(2)) set.base = {pattern(9), 1};
    for (auto n = chance.below(6); n > 0; --n)
        set.songs.push_back(random_song(chance, "song_" + std::to_string(n)));
    if (chance.one_in(2)) set.unknown = R"({"venue":{"city":"Graz"}})";
    return set;
}

LoadedSetlist loaded(std::string_view text) {
    auto result = decode_setlist(text);
    if (!result) FAIL(result.error().what);
    return *std::move(result);
}

Error refused(std::string_view text) {
    const auto result = decode_setlist(text);
    if (result) FAIL("accepted");
    return result.error();
}

/// A file written by hand, so without a checksum; its second line is the first of `members`.
std::string file(std::string_view members) {
    return "{\"setlist_version\": 1,\n" + std::string{members} + "\n}";
}

Setlist one_song(Song song) { return {.name = "s", .base = {at_tempo(100), 1}, .songs = {song}}; }

float bpm_of(const PlayedPart &part) { return part.pattern->scene.params.get(param("seq/bpm")); }

} // namespace

TEST_CASE("setlist: what is read back is what was written", "[text]") {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const Setlist set = random_set(seed);
        const std::string text = encode_setlist(set);
        const LoadedSetlist back = loaded(text);
        INFO(seed << "\n" << text);
        REQUIRE(back.set == set);
        REQUIRE(encode_setlist(back.set) == text);
    }
}

TEST_CASE("setlist: every pattern is in the file once, as the slot file it would be", "[text]") {
    const Setlist set{.name = "s",
                      .base = {at_tempo(100), 1},
                      .songs = {{.name = "a", .source = {at_tempo(100), 2}},
                                {.name = "b", .source = {at_tempo(101), 3}}}};
    const std::string text = encode_setlist(set);
    std::size_t patterns = 0;
    for (std::size_t at = 0; (at = text.find("\"schema_version\"", at)) != text.npos; ++at)
        ++patterns;
    CHECK(patterns == 2);
    const LoadedSetlist back = loaded(text);
    CHECK(back.set.songs[0].source.pattern.id() == back.set.base.pattern.id());
    CHECK(encode(*back.set.base.pattern) == encode(*at_tempo(100)));
}

TEST_CASE("setlist: no byte of a file can be changed unnoticed", "[text]") {
    const std::string text = encode_setlist(random_set(3));
    for (std::size_t at = 0; at < text.size(); at += 97) {
        std::string harmed = text;
        harmed[at] = static_cast<char>(harmed[at] ^ 1);
        const auto read = decode_setlist(harmed);
        INFO(at << ": " << text[at]);
        if (read) CHECK(encode_setlist(read->set) == text); // a blank for another
    }
    for (std::size_t size = 0; size < text.size() - 2; size += 211)
        CHECK_FALSE(decode_setlist(std::string_view{text}.substr(0, size)));
}

TEST_CASE("setlist: a file that is wrong is refused with its line and the reason", "[text]") {
    const auto check = [](std::string_view members, Errc code, std::string_view what) {
        const Error error = refused(file(members));
        CHECK(error.code == code);
        CHECK(error.what == what);
    };
    check("\"songs\": 3", Errc::corrupt, "line 2: songs is a number, not a list");
    check("\"songs\": [\n3]", Errc::corrupt, "line 3: songs[0] is a number, not an object");
    check("\"songs\": [\n{}]", Errc::corrupt, "line 3: songs[0].name: \"\" is no name of a song");
    check("\"songs\": [\n{\"name\": \"next\"}]", Errc::corrupt,
          "line 3: songs[0].name: \"next\" is no name of a song");
    check("\"songs\": [{\"name\": \"a\"},\n{\"name\": \"a\"}]", Errc::corrupt,
          "line 3: songs[1].name: \"a\" is there twice");
    check("\"songs\": [{\"name\": \"a\", \"parts\": [\n{\"bars\": \"four\"}]}]", Errc::corrupt,
          "line 3: songs[0].parts[0].bars is text, not a whole number from 0");
    check("\"songs\": [{\"name\": \"a\",\n\"source\": {\"pattern\": \"x\"}}]", Errc::corrupt,
          "line 3: songs[0].source.pattern is text, not the name of a pattern in this file");
    check("\"songs\": [{\"name\": \"a\",\n\"overrides\": {\"seq/bpm\": []}}]", Errc::corrupt,
          "line 3: songs[0].overrides.seq/bpm is a list, not a number or a name");
    check("\"songs\": [{\"name\": \"a\",\n\"after\": \"encore\"}]", Errc::corrupt,
          "line 2: songs[0].after: \"encore\" is none of next, stop, stay");
    check("\"patterns\": {\n\"p\": {}}", Errc::corrupt,
          "patterns.p: line 3: no schema_version like \"2.0\"");
    check("\"patterns\": {\n\"p\": {\"schema_version\": \"9.0\"}}", Errc::too_new,
          "line 3: patterns.p: schema_version \"9.0\": newer than 2.0, which we know");
    CHECK(refused("{}").what == "line 1: not a set: no setlist_version from 1 on");
    CHECK(refused("[]").what == "line 1: the set is a list, not an object");
    CHECK(refused("{\"setlist_version\": 2}").code == Errc::too_new);
    CHECK(refused(std::string(kMaxSetlistBytes + 1, ' ')).code == Errc::too_big);
}

TEST_CASE("setlist: bars out of range are clamped and told, and so is what nothing plays",
          "[text]") {
    const LoadedSetlist back = loaded(file(
        R"("patterns": {"p": {"schema_version": "2.0"}},
           "songs": [{"name": "a", "parts": [{"bars": 0, "repeat": 1000}]}])"));
    CHECK(back.set.songs[0].parts[0].bars == 1);
    CHECK(back.set.songs[0].parts[0].repeat == kMostRepeats);
    CHECK(back.notes == std::vector<std::string>{"songs[0].parts[0].bars: 0 taken as 1",
                                                 "songs[0].parts[0].repeat: 1000 taken as 64",
                                                 "patterns.p: nothing plays it, left out"});
}

TEST_CASE("setlist: a part plays its own pattern, else the song's, else the template", "[text]") {
    const SongPart own{.source = {at_tempo(120), 5}, .bars = 2}, none{.bars = 3};
    const auto plays = [](const Setlist &set) {
        std::vector<float> tempos;
        const auto parts = played_parts(set, set.songs[0]);
        for (const PlayedPart &part : *parts) tempos.push_back(bpm_of(part));
        return tempos;
    };
    CHECK(plays(one_song({.name = "a"})) == std::vector{100.0f});
    CHECK(plays(one_song({.name = "a", .parts = {own, none}})) == std::vector{120.0f, 100.0f});
    CHECK(plays(one_song({.name = "a", .source = {at_tempo(110), 4}, .parts = {own, none}})) ==
          std::vector{120.0f, 110.0f});
    const Setlist bare{.name = "s", .songs = {{.name = "a"}}};
    CHECK(played_parts(bare, bare.songs[0]).error().code == Errc::not_found);
}

TEST_CASE("setlist: a repetition is a part of its own, and 16 bars are one without parts",
          "[text]") {
    const Setlist set = one_song({.name = "a", .parts = {{.bars = 4, .repeat = 3}, {.bars = 1}}});
    const auto parts = *played_parts(set, set.songs[0]);
    REQUIRE(parts.size() == 4);
    CHECK(parts[2].bars == 4);
    CHECK(parts[2].part == 0);
    CHECK(parts[2].repetition == 2);
    CHECK(parts[3].part == 1);
    CHECK(parts[3].repetition == 0);
    const Setlist plain = one_song({.name = "a"});
    CHECK(played_parts(plain, plain.songs[0])->at(0).bars == 16);
}

TEST_CASE("setlist: overrides are set in every part, and nothing else is changed", "[text]") {
    const Song song{.name = "a",
                    .parts = {{.source = {at_tempo(120), 1}}, {}},
                    .overrides = {{"seq/bpm", 99.5},
                                  {"voice1/osc/type", "saw"},
                                  {"lfo1/target", "voice3/pan"}}};
    const Setlist set = one_song(song);
    const auto parts = *played_parts(set, song);
    REQUIRE(parts.size() == 2);
    for (const PlayedPart &part : parts) {
        Scene wanted;
        wanted.params.set(param("seq/bpm"), 99.5f);
        wanted.params.set(param("voice1/osc/type"), 1);
        wanted.params.set(param("lfo1/target"), param("voice3/pan").index);
        CHECK(part.pattern->scene == wanted);
    }
    CHECK(set.base.pattern->scene.params.get(param("seq/bpm")) == 100.0f);
}

TEST_CASE("setlist: an override that cannot be set is refused by its name", "[text]") {
    const auto refusal = [](Overrides overrides) {
        const Setlist set = one_song({.name = "a", .overrides = std::move(overrides)});
        return played_parts(set, set.songs[0]).error();
    };
    CHECK(refusal({{"acid1/cutof", 800.0}}).what ==
          "song a: override \"acid1/cutof\": there is no parameter \"acid1/cutof\"; the nearest is "
          "acid1/cutoff");
    CHECK(refusal({{"acid1/cutof", 800.0}}).code == Errc::not_found);
    CHECK(refusal({{"seq/bpm", 301.0}}).what ==
          "song a: override \"seq/bpm\": 301 is not in 20..300");
    CHECK(refusal({{"seq/bpm", 301.0}}).code == Errc::out_of_range);
    CHECK(refusal({{"seq/bpm", "fast"}}).code == Errc::bad_type);
    CHECK(refusal({{"voice1/osc/type", "noise"}}).code == Errc::out_of_range);
    CHECK(refusal({{"voice1/osc/type", 1.5}}).code == Errc::out_of_range);
    CHECK(refusal({{"lfo1/target", "voice1/osc/type"}}).code == Errc::out_of_range);
}

TEST_CASE("setlist: every float a parameter can have is an override it takes", "[text]") {
    for (std::uint16_t i = 0; i < kParamCount; ++i) {
        const ParamSpec &spec = spec_of({i});
        if (spec.kind != Kind::amount) continue;
        for (const float value : {spec.min, spec.max, spec.initial}) {
            Setlist set = one_song({.name = "a"});
            set.songs[0].overrides[std::string{path_of({i}).view()}] = static_cast<double>(value);
            const auto parts = played_parts(set, set.songs[0]);
            REQUIRE(parts);
            REQUIRE(parts->at(0).pattern->scene.params.get({i}) == value);
        }
    }
}

TEST_CASE("setlist: the hash of a song tells what it plays, not what it is called", "[text]") {
    const Setlist set = one_song({.name = "a"});
    const std::string hash = *inputs_hash(set, set.songs[0]);
    Song other = set.songs[0];
    other.name = "b", other.notes = "x", other.source.slot = 3;
    CHECK(*inputs_hash(set, other) == hash);
    other.overrides = {{"seq/bpm", 100.0}};
    CHECK(*inputs_hash(set, other) == hash);
    other.overrides = {{"seq/bpm", 101.0}};
    CHECK(*inputs_hash(set, other) != hash);
    other.overrides = {}, other.parts = {{.bars = 15}};
    CHECK(*inputs_hash(set, other) != hash);
}

TEST_CASE("setlist: names are what a file, an address and a shell can hold", "[text]") {
    for (const char *good : {"a", "Friday-2", "0_x", "12"}) CHECK(is_set_name(good));
    for (const char *bad : {"", "-a", "_a", "a b", "../a", "a/b", "ä", "a.json"})
        CHECK_FALSE(is_set_name(bad));
    CHECK(is_set_name(std::string(64, 'a')));
    CHECK_FALSE(is_set_name(std::string(65, 'a')));
    for (const char *place : {"next", "prev", "12"}) CHECK_FALSE(is_song_name(place));
    CHECK(is_song_name("12a"));
}
