#include "patterns/text/preset_text.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <string_view>

using namespace chronus;
using namespace chronus::patterns;

namespace {

std::size_t row_of(std::string_view path) {
    for (std::size_t row = 0; row < VoiceSound::kRows; ++row)
        if (rows::kVoice[row].path == path) return row;
    FAIL(path);
    return 0;
}

LoadedPreset read(std::string_view text) {
    auto loaded = decode_preset(text);
    if (!loaded) FAIL(loaded.error().what);
    return *std::move(loaded);
}

Errc refusal(std::string_view text) {
    const auto loaded = decode_preset(text);
    REQUIRE_FALSE(loaded);
    CHECK_FALSE(loaded.error().what.empty());
    return loaded.error().code;
}

} // namespace

TEST_CASE("preset text: what is written reads back the same, without notes", "[text]") {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        const VoiceSound sound = sound_of(test::random_document(seed).scene.params, 3);
        const LoadedPreset back = read(encode_preset("some", sound));
        CHECK(back.sound == sound);
        CHECK(back.notes.empty());
    }
    for (const Preset &preset : kPresets)
        CHECK(read(encode_preset(preset.name, sound_of(preset))).sound == sound_of(preset));
}

TEST_CASE("preset text: keys are those of slots, and what is not said is left alone", "[text]") {
    const LoadedPreset back =
        read(R"({"voice":{"waveform":"saw","adsr":{"attack":0.5},"reverb_send":0.25}})");
    CHECK(back.sound.get(row_of("osc/type")) == 1.0f);
    CHECK(back.sound.get(row_of("adsr/attack")) == 0.5f);
    CHECK(back.sound.get(row_of("send/reverb")) == 0.25f);
    CHECK_FALSE(back.sound.get(row_of("adsr/decay")));
    CHECK_FALSE(back.sound.get(row_of("amp")));
    CHECK(back.notes.empty());
}

TEST_CASE("preset text: what does not fit is bent or passed over, and noted", "[text]") {
    const LoadedPreset back = read(
        R"({"author":"x","voice":{"adsr":{"attack":99,"curve":1},"filter_freq":1e300,"shine":2}})");
    CHECK(back.sound.get(row_of("adsr/attack")) == 2.0f);
    CHECK(back.sound.get(row_of("filter/freq")) == 20000.0f);
    REQUIRE(back.notes.size() == 5);
    const auto tells = [&](std::string_view path) {
        return std::ranges::any_of(
            back.notes, [&](const std::string &n) { return n.find(path) != std::string::npos; });
    };
    for (const char *path : {"voice.adsr.attack", "voice.filter_freq", "voice.shine", "author"})
        CHECK(tells(path));
}

TEST_CASE("preset text: what is no preset is refused, and why is said", "[text]") {
    for (const char *text :
         {"", "{", "[]", "7", "{}", R"({"voice":7})", R"({"voice":{"waveform":"flute"}})",
          R"({"voice":{"adsr":7}})", R"({"voice":{"filter_freq":"high"}})",
          R"({"voice":{"pan":NaN}})", R"({"voice":{"pan":0,"pan":1}})",
          R"({"preset_version":"1","voice":{}})"}) {
        INFO(text);
        CHECK(refusal(text) == Errc::corrupt);
    }
    CHECK(refusal(R"({"preset_version":2,"voice":{}})") == Errc::too_new);
    CHECK(refusal(std::string(std::size_t{1} << 21, ' ')) == Errc::too_big);
}
