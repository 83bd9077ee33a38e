#include "osc/undo.h"

#include "tests/support/random_scene.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using namespace chronus;
using namespace chronus::osc;

namespace {

/// What is in play, as the desk has it.
struct Play {
    std::unique_ptr<Scene> scene = std::make_unique<Scene>();
    Label label;

    Play() = default;
    Play(const Play &other) : scene(std::make_unique<Scene>(*other.scene)), label(other.label) {}
    friend bool operator==(const Play &a, const Play &b) {
        return *a.scene == *b.scene && a.label.slot == b.label.slot &&
               a.label.metadata == b.label.metadata && a.label.unknown == b.label.unknown;
    }
};

/// One thing changed by chance: a parameter, a track, or all of it.
void change(Play &play, test::Chance &chance) {
    Scene &scene = *play.scene;
    const auto id = ParamId{static_cast<std::uint16_t>(chance.below(kParamCount))};
    switch (chance.below(6)) {
    case 0:
        scene = test::random_document(chance.next()).scene;
        play.label = {
            {"song", "", "", "", {"tag"}}, "{\"x\":1}", 1 + static_cast<int>(chance.below(128))};
        return;
    case 1:
        if (scene.track_count == kMaxTracks) return;
        scene.tracks[scene.track_count++] =
            test::track("t" + std::to_string(chance.below(1000)), 1, "x.x.");
        return;
    case 2:
        if (scene.track_count > 0) scene.tracks[--scene.track_count] = Track{};
        return;
    case 3:
        if (scene.track_count > 0) scene.tracks[0].mute = !scene.tracks[0].mute;
        return;
    case 4:
        scene.seed = chance.next();
        return;
    default:
        if (spec_of(id).kind == Kind::amount)
            scene.params.set(id, chance.within(spec_of(id).min, spec_of(id).max));
    }
}

/// Changes as the director makes them.
void make_change(UndoStack &stack, Play &play, test::Chance &chance) {
    stack.push(*play.scene, play.label);
    change(play, chance);
}

bool go(const UndoStack::Entry &entry, Play &play) {
    if (!entry) return false;
    *play.scene = scene_of(*entry);
    play.label = entry->label;
    return true;
}
bool undo(UndoStack &stack, Play &play) { return go(stack.undo(*play.scene, play.label), play); }
bool redo(UndoStack &stack, Play &play) { return go(stack.redo(*play.scene, play.label), play); }

} // namespace

TEST_CASE("undo: takes changes back one by one in order, redo makes them again", "[osc]") {
    test::Chance chance{GENERATE(1u, 2u, 3u, 4u)};
    UndoStack stack;
    Play play;
    std::vector<Play> story{play};
    for (int n = 0; n < 40; ++n) {
        make_change(stack, play, chance);
        story.push_back(play);
    }
    std::size_t at = 40;
    for (int n = 0; n < 400; ++n) {
        if (chance.one_in(2)) {
            CHECK(undo(stack, play) == (at > 0));
            at -= at > 0 ? 1 : 0;
        } else {
            CHECK(redo(stack, play) == (at < 40));
            at += at < 40 ? 1 : 0;
        }
        REQUIRE(play == story[at]);
        REQUIRE(stack.past() == at);
        REQUIRE(stack.future() == 40 - at);
    }
    while (undo(stack, play)) --at;
    CHECK(at == 0);
    CHECK(play == story.front());
}

TEST_CASE("undo: a new change drops what was undone", "[osc]") {
    test::Chance chance{5};
    UndoStack stack;
    Play play;
    for (int n = 0; n < 5; ++n) make_change(stack, play, chance);
    for (int n = 0; n < 3; ++n) REQUIRE(undo(stack, play));
    const Play before = play;
    make_change(stack, play, chance);
    CHECK_FALSE(redo(stack, play));
    CHECK(stack.past() == 3);
    REQUIRE(undo(stack, play));
    CHECK(play == before);
}

TEST_CASE("undo: nothing to undo is told, and keeps nothing", "[osc]") {
    UndoStack stack;
    Play play;
    CHECK_FALSE(undo(stack, play));
    CHECK_FALSE(redo(stack, play));
    CHECK(stack.past() == 0);
    CHECK(stack.future() == 0);
}

TEST_CASE("undo: of more than 256 changes the last 256 can be taken back", "[osc]") {
    UndoStack stack;
    Play play;
    for (int n = 0; n < 300; ++n) {
        stack.push(*play.scene, play.label);
        play.label.slot = n + 1;
        play.scene->seed = static_cast<std::uint64_t>(n) + 1;
    }
    int undone = 0;
    while (undo(stack, play)) CHECK(play.label.slot == 300 - ++undone);
    CHECK(undone == 256);
    CHECK(play.scene->seed == 44);
    CHECK(stack.future() == 256);
}

TEST_CASE("undo: what two patterns share is in memory once", "[osc]") {
    UndoStack stack;
    const Label label;
    auto scene = std::make_unique<Scene>(test::scene(
        {test::track("a", 1, "x"), test::track("b", 2, "x"), test::track("c", 3, "x")}));
    const auto first = *scene;
    stack.push(*scene, label);
    scene->tracks[1].mute = true;
    stack.push(*scene, label);
    scene->params.set(param("master/level"), 0.25f);
    const auto second = stack.undo(*scene, label);
    const auto changed = stack.undo(scene_of(*second), label);
    REQUIRE(second);
    REQUIRE(changed);
    CHECK(scene_of(*changed) == first);
    CHECK(second->params == changed->params); // the same object
    CHECK(second->tracks[0] == changed->tracks[0]);
    CHECK(second->tracks[1] != changed->tracks[1]);
    CHECK(second->tracks[2] == changed->tracks[2]);
}

TEST_CASE("undo: tracks are shared when one before them goes", "[osc]") {
    UndoStack stack;
    const Scene full =
        test::scene({test::track("a", 1, "x"), test::track("b", 2, "x"), test::track("c", 3, "x")});
    auto less = std::make_unique<Scene>(full);
    std::copy(less->tracks.begin() + 1, less->tracks.begin() + 3, less->tracks.begin());
    less->tracks[--less->track_count] = Track{};
    stack.push(full, {});
    stack.push(*less, {});
    const auto later = stack.undo(Scene{}, {});
    const auto earlier = stack.undo(*less, {});
    REQUIRE(later->tracks.size() == 2);
    CHECK(later->tracks[0] == earlier->tracks[1]);
    CHECK(later->tracks[1] == earlier->tracks[2]);
}

TEST_CASE("undo: what is undone shares with what it is gone back to", "[osc]") {
    UndoStack stack;
    const Scene before = test::scene({test::track("a", 1, "x"), test::track("b", 2, "x")});
    auto after = std::make_unique<Scene>(before);
    after->tracks[0].mute = true;
    stack.push(before, {});
    const auto past = stack.undo(*after, {});
    const auto future = stack.redo(before, {});
    CHECK(past->params == future->params);
    CHECK(past->tracks[1] == future->tracks[1]);
}
