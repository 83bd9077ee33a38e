#include "engine/model/presets.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>

using namespace chronus;

namespace {

/// All a preset leaves unsaid is as in the table.
ParamValues with_preset(const Preset &preset) {
    ParamValues values;
    const VoiceSound sound = sound_of(preset);
    for (std::uint16_t row = 0; row < VoiceSound::kRows; ++row)
        if (const auto value = sound.get(row)) values.set(id_of({0, 2, row}), *value);
    return values;
}

} // namespace

TEST_CASE("presets: each has a name of its own in small letters, and a sentence") {
    std::set<std::string_view> names;
    for (const Preset &preset : kPresets) {
        INFO(preset.name);
        CHECK(names.insert(preset.name).second);
        CHECK(find_preset(preset.name) == &preset);
        CHECK(std::ranges::all_of(preset.name,
                                  [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; }));
        CHECK(preset.doc.back() == '.');
    }
    CHECK(find_preset("kic") == nullptr);
    for (const char *wanted :
         {"kick", "snare", "clap", "closed_hat", "open_hat", "tom", "bass", "pluck", "pad", "lead"})
        CHECK(names.contains(wanted));
}

TEST_CASE("presets: each says all of the sound, and nothing of a row twice") {
    for (const Preset &preset : kPresets) {
        INFO(preset.name);
        std::set<std::size_t> said;
        for (const PresetValue &value : preset.values) CHECK(said.insert(value.row).second);
        const VoiceSound sound = sound_of(preset);
        for (std::size_t row = 0; row < VoiceSound::kRows; ++row) {
            INFO(rows::kVoice[row].path);
            CHECK(sound.get(row).has_value() == (is_of_sound(row) || said.contains(row)));
        }
    }
}

TEST_CASE("presets: level and place are never a preset's, and no two sound alike") {
    for (const Preset &preset : kPresets) {
        const VoiceSound sound = sound_of(preset);
        for (std::size_t row = 0; row < VoiceSound::kRows; ++row)
            if (rows::kVoice[row].path == "amp" || rows::kVoice[row].path == "pan")
                CHECK_FALSE(sound.get(row).has_value());
        for (const Preset &other : kPresets)
            CHECK((sound_of(other) == sound) == (other.name == preset.name));
    }
}

TEST_CASE("presets: what is taken from a voice gives it back to another") {
    for (const Preset &preset : kPresets) {
        const ParamValues values = with_preset(preset);
        const VoiceSound taken = sound_of(values, 2);
        for (std::size_t row = 0; row < VoiceSound::kRows; ++row) {
            const auto value = taken.get(row);
            if (is_of_sound(row)) REQUIRE(value);
            if (value) CHECK(*value == values.get(id_of({0, 2, static_cast<std::uint16_t>(row)})));
        }
    }
}
