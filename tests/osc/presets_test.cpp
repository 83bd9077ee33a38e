#include "engine/model/presets.h"
#include "osc/presets.h"
#include "tests/support/director_rig.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace chronus::osc {

using test::answer_to;
using test::arg;
using test::DirectorRig;
using test::outcome_of;

namespace {

/// Every voice parameter, in table order.
std::vector<float> voice_of(DirectorRig &rig, std::uint16_t voice) {
    std::vector<float> out;
    for (std::uint16_t row = 0; row < VoiceSound::kRows; ++row)
        out.push_back(rig.session.get(id_of({0, static_cast<std::uint16_t>(voice - 1), row})));
    return out;
}

bool is(DirectorRig &rig, int voice, std::string_view preset) {
    const VoiceSound sound = sound_of(*find_preset(preset));
    const auto values = voice_of(rig, static_cast<std::uint16_t>(voice));
    for (std::size_t row = 0; row < VoiceSound::kRows; ++row)
        if (const auto value = sound.get(row); value && *value != values[row]) return false;
    return true;
}

/// What a query of the voice's preset tells.
std::string in_use(DirectorRig &rig, int voice) {
    const std::string address = "/mod/voice" + std::to_string(voice) + "/preset";
    for (const Message &message : rig.say({address}))
        if (message.address == address) return arg(message, 0);
    return "(no answer)";
}

/// A command that has to reach the disk: how it ended.
std::string kept(DirectorRig &rig, const Message &message) {
    auto said = rig.say(message);
    rig.wait_for_disk();
    for (const Message &more : rig.told()) said.push_back(more);
    return outcome_of(said, message.address);
}

} // namespace

TEST_CASE("preset: gives a voice all of a sound, and leaves its level, place and sends", "[osc]") {
    DirectorRig rig;
    rig.say({"/mod/voice2/amp", {0.77f}});
    rig.say({"/mod/voice2/pan", {-0.5f}});
    rig.say({"/mod/voice2/send/delay", {0.3f}});
    rig.say({"/mod/voice2/filter/q", {9.0f}});
    const auto other = voice_of(rig, 3);
    for (const Preset &preset : kPresets) {
        rig.say({"/mod/voice2/preset", {std::string{preset.name}}});
        CHECK(is(rig, 2, preset.name));
        CHECK(in_use(rig, 2) == preset.name);
    }
    CHECK(rig.session.get(param("voice2/amp")) == 0.77f);
    CHECK(rig.session.get(param("voice2/pan")) == -0.5f);
    CHECK(rig.session.get(param("voice2/send/delay")) == 0.3f);
    CHECK(voice_of(rig, 3) == other);
    rig.say({"/mod/voice2/adsr/attack", {1.5f}});
    CHECK(in_use(rig, 2) == "none");
    CHECK(rig.context.desk.undo.past() > 0);
}

TEST_CASE("preset: is one step of undo, whatever moves before and after it", "[osc]") {
    DirectorRig rig;
    rig.say({"/mod/voice1/filter/freq", {300.0f}});
    const auto before = voice_of(rig, 1);
    rig.say({"/mod/voice1/preset", {"kick"}});
    const auto kick = voice_of(rig, 1);
    rig.say({"/mod/voice1/filter/freq", {900.0f}});
    rig.say({"/undo"});
    CHECK(voice_of(rig, 1) == kick);
    rig.say({"/undo"});
    CHECK(voice_of(rig, 1) == before);
    rig.say({"/redo"});
    CHECK(voice_of(rig, 1) == kick);
}

TEST_CASE("preset: a bundle of them is done whole or not at all, as one change", "[osc]") {
    DirectorRig rig;
    const auto first = voice_of(rig, 1), second = voice_of(rig, 2);
    rig.say_together({{"/mod/voice1/preset", {"kick"}}, {"/mod/voice2/preset", {"snair"}}});
    CHECK(voice_of(rig, 1) == first);
    CHECK(rig.context.desk.undo.past() == 0);
    rig.say_together({{"/mod/voice1/preset", {"kick"}}, {"/mod/voice2/preset", {"snare"}}});
    CHECK(is(rig, 1, "kick"));
    CHECK(is(rig, 2, "snare"));
    rig.say({"/undo"});
    CHECK(voice_of(rig, 1) == first);
    CHECK(voice_of(rig, 2) == second);
}

TEST_CASE("preset: an address pattern that names it means every voice's", "[osc]") {
    DirectorRig rig;
    CHECK(outcome_of(rig.say({"/req", {"1", "/mod/voice[1-3]/preset", "pad"}}),
                     "/mod/voice[1-3]/preset") == "/reply");
    for (int voice = 1; voice <= 3; ++voice) CHECK(is(rig, voice, "pad"));
    CHECK_FALSE(is(rig, 4, "pad"));
    const auto told = rig.say({"/mod/voice[12]/preset"});
    CHECK(arg(*answer_to(told, "/mod/voice[12]/preset"), 5) ==
          R"({"/mod/voice1/preset":"pad","/mod/voice2/preset":"pad"})");
    CHECK(outcome_of(rig.say({"/req", {"2", "/mod/voice1/*", 0}}), "/mod/voice1/*") == "/reply");
}

TEST_CASE("preset: waits for its time like any parameter", "[osc]") {
    DirectorRig rig;
    rig.say({"/seq/start"});
    rig.run(10);
    const auto told = rig.say({"/at", {"bar+1", "/mod/voice1/preset", "bass"}});
    CHECK_FALSE(is(rig, 1, "bass"));
    rig.run_to(2 * 96000);
    CHECK(is(rig, 1, "bass"));
    const auto wrong = rig.say({"/at", {"bar+1", "/mod/voice1/preset", "base"}});
    CHECK(outcome_of(wrong, "/mod/voice1/preset") == "NOT_FOUND");
}

TEST_CASE("preset: what there is none of is refused with the nearest, and changes nothing",
          "[osc]") {
    DirectorRig rig;
    const auto before = voice_of(rig, 1);
    const std::vector<std::pair<Value, std::string>> all{{"kik", "kick"},
                                                         {"Snare", "snare"},
                                                         {"closed-hat", "closed_hat"},
                                                         {"opn hat", "open_hat"},
                                                         {"", "pad"},
                                                         {"../../etc/passwd", ""},
                                                         {std::int32_t{7}, ""},
                                                         {std::string(3000, 'x'), ""},
                                                         {true, ""}};
    for (const auto &[name, near] : all) {
        const auto told = rig.say({"/mod/voice1/preset", {name}});
        REQUIRE(outcome_of(told, "/mod/voice1/preset") == "NOT_FOUND");
        const std::string hint = arg(*answer_to(told, "/mod/voice1/preset"), 5);
        if (!near.empty() && name != Value{""}) CHECK(hint == "/mod/voice1/preset " + near);
        REQUIRE(hint.starts_with("/mod/voice1/preset "));
        CHECK(find_preset(hint.substr(19)) != nullptr);
        CHECK(voice_of(rig, 1) == before);
    }
    CHECK(outcome_of(rig.say({"/mod/voice9/preset", {"kick"}}), "/mod/voice9/preset") ==
          "OUT_OF_RANGE");
    CHECK(outcome_of(rig.say({"/mod/acid1/preset", {"kick"}}), "/mod/acid1/preset") ==
          "UNKNOWN_ADDRESS");
    CHECK(outcome_of(rig.say({"/mod/voice1/preset", {Blob{}}}), "/mod/voice1/preset") ==
          "BAD_TYPE");
    rig.say({"/mod/voice1/preset", {"closed hat"}});
    CHECK(is(rig, 1, "closed_hat"));
}

TEST_CASE("preset: what is saved of one voice is the sound of another, and can be deleted",
          "[osc]") {
    DirectorRig rig;
    rig.say({"/mod/voice1/preset", {"bass"}});
    rig.say({"/mod/voice1/filter/freq", {333.0f}});
    rig.say({"/mod/voice1/amp", {0.9f}});
    // At once: the disk need not have done it.
    rig.say({"/preset/save", {"dub bass", "voice1"}});
    rig.say({"/mod/voice5/preset", {"dub_bass"}});
    rig.wait_for_disk();
    auto wanted = voice_of(rig, 1);
    wanted[1] = rig.session.get(param("voice5/amp"));
    CHECK(voice_of(rig, 5) == wanted);
    CHECK(rig.session.get(param("voice5/amp")) == spec_of(param("voice5/amp")).initial);
    CHECK(in_use(rig, 5) == "dub_bass");
    const std::string list = arg(*answer_to(rig.say({"/preset/list"}), "/preset/list"), 5);
    CHECK(list.find(R"({"name":"dub_bass","of":"player","about":""})") != std::string::npos);
    CHECK(kept(rig, {"/preset/delete", {"dub_bass"}}) == "/reply");
    CHECK(outcome_of(rig.say({"/mod/voice6/preset", {"dub_bass"}}), "/mod/voice6/preset") ==
          "NOT_FOUND");
    CHECK(kept(rig, {"/preset/delete", {"dub_bass"}}) == "NOT_FOUND");
}

TEST_CASE("preset: a save of another's name, to no voice or under no name is refused with one "
          "that works",
          "[osc]") {
    DirectorRig rig;
    const std::vector<std::vector<Value>> all{
        {"kick", "voice1"},  {"closed hat", "voice1"},  {"a/b", "voice1"},
        {"", "voice2"},      {"/kick", "voice2"},       {"mine", "voice9"},
        {"../x", "nothing"}, {std::string(99, 'k'), 3}, {"\xc3\xa9t\xc3\xa9", 1}};
    for (const auto &args : all) {
        INFO(arg({"", args}, 0));
        const auto told = rig.say({"/preset/save", args});
        const Message *refused = answer_to(told, "/preset/save");
        REQUIRE(refused->address == "/error");
        const std::string hint = arg(*refused, 5);
        INFO(hint);
        const std::size_t blank = hint.rfind(' ');
        REQUIRE(hint.starts_with("/preset/save "));
        CHECK(kept(rig, {"/preset/save", {hint.substr(13, blank - 13), hint.substr(blank + 1)}}) ==
              "/reply");
    }
    CHECK(outcome_of(rig.say({"/preset/delete", {"kick"}}), "/preset/delete") == "LOCKED");
}

TEST_CASE("preset: no more than 128 are kept, and one that is there may still change", "[osc]") {
    DirectorRig rig;
    for (int n = 0; n < 128; ++n) {
        const auto ended = kept(rig, {"/preset/save", {"p" + std::to_string(n), "voice1"}});
        REQUIRE(ended == "/reply");
    }
    CHECK(kept(rig, {"/preset/save", {"more", "voice1"}}) == "TOO_BIG");
    CHECK(kept(rig, {"/preset/save", {"p17", "voice2"}}) == "/reply");
}

} // namespace chronus::osc
