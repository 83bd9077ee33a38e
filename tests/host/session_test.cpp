#include "engine/host/session.h"
#include "tests/support/rig.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <limits>
#include <string>

using namespace chronus;
using test::Rig;
using test::scene;
using test::track;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr std::size_t kBar = 96000; // at 120 BPM

template <class R>
void refused(const R &result, Errc code, std::string_view of) {
    REQUIRE_FALSE(result);
    CHECK(result.error().code == code);
    INFO(result.error().what);
    CHECK(result.error().what.starts_with(of));
}

std::string names(Session &session) {
    std::string all;
    for (const Track &t : session.scene().playing()) all += std::string{t.name.view()} + " ";
    return all;
}

/// The engine's queue filled to the brim by turning a knob that no test looks at.
void fill_queue(Session &session) {
    for (int n = 0; n < 100000; ++n)
        if (!session.set(param("voice64/pan"), 0)) return;
    FAIL("it takes everything");
}

} // namespace

TEST_CASE("session: a parameter clips and answers what was applied") {
    Rig rig;
    CHECK(*rig.session.set(param("voice1/amp"), 5) == 1);
    CHECK(rig.session.get(param("voice1/amp")) == 1);
    CHECK(*rig.session.set(param("voice1/filter/freq"), -3) == 20);
}

TEST_CASE("session: what is no number or no choice is refused, and changes nothing") {
    Rig rig;
    const auto before = rig.session.revision();
    for (const float bad : {kNan, kInf, -kInf})
        refused(rig.session.set(param("voice1/amp"), bad), Errc::out_of_range, "voice1/amp");
    refused(rig.session.set(param("voice1/osc/type"), 7), Errc::out_of_range, "voice1/osc/type");
    refused(rig.session.set(param("voice1/osc/type"), 1.5f), Errc::out_of_range, "voice1/osc/type");
    CHECK(rig.session.revision() == before);
    CHECK(rig.session.get(param("voice1/osc/type")) == 0);
}

TEST_CASE("session: voices are counted from 1 to those the engine has") {
    Rig rig;
    CHECK(rig.session.gate(1, true));
    CHECK(rig.session.gate(8, false));
    for (const int voice : {0, 9, -1, 1 << 20})
        refused(rig.session.gate(voice, true), Errc::out_of_range, "voice");
}

TEST_CASE("session: every change has a revision of its own") {
    Rig rig;
    std::uint64_t last = rig.session.revision();
    const auto moved = [&] { return std::exchange(last, rig.session.revision()) < last; };
    REQUIRE(rig.session.set(param("master/level"), 0.5f));
    CHECK(moved());
    REQUIRE(rig.session.put_track(track("a", 1, "x")));
    CHECK(moved());
    REQUIRE(rig.session.start());
    CHECK(moved());
    REQUIRE(rig.session.start()); // it runs already
    CHECK_FALSE(moved());
    REQUIRE(rig.session.stop());
    CHECK(moved());
    REQUIRE(rig.session.switch_to(scene({}), Boundary::bar));
    CHECK(moved());
    (void)rig.session.scene();
    CHECK_FALSE(moved());
}

TEST_CASE("session: tracks keep their order; one of the same name takes the other's place") {
    Rig rig;
    for (const char *name : {"a", "b", "c"}) REQUIRE(rig.session.put_track(track(name, 1, "x")));
    const std::uint32_t uid = rig.session.find_track("b")->uid;
    REQUIRE(rig.session.put_track(track("b", 2, "xx")));
    CHECK(names(rig.session) == "a b c ");
    CHECK(rig.session.find_track("b")->voice == 2);
    CHECK(rig.session.find_track("b")->uid != uid); // it starts its notes anew
    REQUIRE(rig.session.remove_track("a"));
    CHECK(names(rig.session) == "b c ");
    REQUIRE(rig.session.clear_tracks());
    CHECK(names(rig.session).empty());
}

TEST_CASE("session: an edited track keeps its number; a refused edit leaves it as it was") {
    Rig rig(scene({track("a", 1, "x")}));
    const std::uint32_t uid = rig.session.find_track("a")->uid;
    const auto revision = rig.session.revision();
    refused(rig.session.edit_track("a",
                                   [](Track &t) -> Outcome {
                                       t.voice = 7;
                                       return Error{Errc::bad_type, "no"};
                                   }),
            Errc::bad_type, "no");
    CHECK(rig.session.find_track("a")->voice == 1);
    CHECK(rig.session.revision() == revision);
    REQUIRE(rig.session.edit_track("a", [](Track &t) -> Outcome {
        t.voice = 7;
        return Done{};
    }));
    CHECK(rig.session.find_track("a")->voice == 7);
    CHECK(rig.session.find_track("a")->uid == uid);
}

TEST_CASE("session: a track that is not there is refused by name, with those that are") {
    Rig rig(scene({track("kick", 1, "x"), track("hat", 2, "x")}));
    refused(rig.session.remove_track("snare"), Errc::not_found, "track \"snare\"");
    const auto done = rig.session.remove_track("snare");
    CHECK(done.error().what.find("kick, hat") != std::string::npos);
}

TEST_CASE("session: 64 tracks fit, the next is refused and one in place of another is not") {
    Rig rig;
    for (int n = 0; n < 64; ++n)
        REQUIRE(rig.session.put_track(track("t" + std::to_string(n), 1, "x")));
    refused(rig.session.put_track(track("one too many", 1, "x")), Errc::out_of_range, "track");
    CHECK(rig.session.put_track(track("t7", 2, "x")));
}

TEST_CASE("session: what a full queue does not take is not done") {
    Rig rig(scene({track("a", 1, "x")}));
    fill_queue(rig.session);
    const Scene before = rig.session.scene();
    const auto revision = rig.session.revision();
    refused(rig.session.set(param("voice1/amp"), 0.9f), Errc::queue_full, "");
    refused(rig.session.gate(1, true), Errc::queue_full, "");
    refused(rig.session.put_track(track("b", 1, "x")), Errc::queue_full, "");
    refused(rig.session.remove_track("a"), Errc::queue_full, "");
    refused(rig.session.clear_tracks(), Errc::queue_full, "");
    refused(rig.session.start(), Errc::queue_full, "");
    refused(rig.session.stop(), Errc::queue_full, "");
    refused(rig.session.switch_to(scene({}), Boundary::now), Errc::queue_full, "");
    refused(rig.session.tape(true), Errc::queue_full, "");
    CHECK(rig.session.scene() == before);
    CHECK(rig.session.revision() == revision);
    CHECK_FALSE(rig.session.running());
    rig.render(64);
    CHECK(rig.session.set(param("voice1/amp"), 0.9f));
}

TEST_CASE("session: a switch at the bar shows the old scene until the bar line, then the new one") {
    Rig rig(scene({track("old", 1, "x")}));
    REQUIRE(rig.session.start());
    rig.render(1000);
    REQUIRE(rig.session.switch_to(scene({track("new", 1, "x")}), Boundary::bar));
    CHECK(names(rig.session) == "old ");
    CHECK(rig.session.switch_waits());
    rig.render(kBar - 1024);
    CHECK(names(rig.session) == "old ");
    rig.render(256);
    CHECK(names(rig.session) == "new ");
    CHECK_FALSE(rig.session.switch_waits());
}

TEST_CASE("session: a stop or a panic lets a switch that waits take place") {
    for (const auto halt : {&Session::stop, &Session::panic}) {
        Rig rig(scene({track("old", 1, "x")}));
        REQUIRE(rig.session.start());
        rig.render(1000);
        REQUIRE(rig.session.switch_to(scene({track("new", 1, "x")}), Boundary::bar));
        REQUIRE((rig.session.*halt)());
        CHECK(names(rig.session) == "new ");
        REQUIRE(rig.session.set(param("voice1/amp"), 0.25f)); // about the new one
        rig.render(64);
        CHECK(rig.session.telemetry().outdated == 0);
        CHECK(rig.session.get(param("voice1/amp")) == 0.25f);
    }
}

TEST_CASE("session: what is put in the scene is what the engine plays") {
    Rig edited, made(scene({track("a", 1, "x")}));
    REQUIRE(edited.session.put_track(track("a", 1, "x")));
    REQUIRE(edited.session.set(param("voice1/adsr/decay"), 0.3f));
    REQUIRE(made.session.set(param("voice1/adsr/decay"), 0.3f));
    REQUIRE(edited.session.start());
    REQUIRE(made.session.start());
    CHECK(edited.render(24000) == made.render(24000));
}

TEST_CASE("session: a thousand edits keep no more scenes than the engine holds") {
    Rig rig;
    std::uint64_t playing = 0;
    for (int n = 0; n < 1000; ++n) {
        REQUIRE(rig.session.put_track(track("a", 1 + n % 8, "x")));
        rig.render(32);
        CHECK(rig.session.telemetry().needed == rig.session.telemetry().playing);
        CHECK(rig.session.telemetry().playing > playing);
        playing = rig.session.telemetry().playing;
    }
}
