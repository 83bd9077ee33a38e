#include "tests/support/director_rig.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace chronus::osc {

using test::answer_to;
using test::arg;
using test::DirectorRig;
using test::outcome_of;

namespace {

constexpr Frame kBar = 96000; // at 120 BPM and 48 kHz

/// Slots 1 and 2, which differ in a level.
void save_two(DirectorRig &rig) {
    for (const int slot : {1, 2}) {
        rig.say({"/mod/voice1/amp", {0.1f * static_cast<float>(slot)}});
        rig.say({"/pattern/save", {slot}});
        rig.wait_for_disk();
    }
}

/// What took over until then: the slot, and when in bars since the start.
using Entries = std::vector<std::string>;
Entries entries(DirectorRig &rig, Frame start, Frame until) {
    Entries out;
    rig.context.applied.reset();
    while (rig.rendered() < until) {
        rig.run(1);
        if (const auto applied = std::exchange(rig.context.applied, std::nullopt))
            out.push_back(fmt::format("{} at {}", applied->slot,
                                      static_cast<double>(applied->frame - start) / kBar));
    }
    return out;
}

Frame started(DirectorRig &rig) {
    rig.say({"/seq/start"});
    rig.run(4);
    const Position at = rig.session.telemetry().position.look();
    return at.frame - at.phase / at.per_frame;
}

} // namespace

TEST_CASE("chain: slots follow each other on bar lines, each for its bars, round and round",
          "[osc]") {
    DirectorRig rig;
    save_two(rig);
    const Frame start = started(rig);
    CHECK(outcome_of(rig.say({"/pattern/chain", {1, 2, 2, 1}}), "/pattern/chain") == "/reply");
    CHECK(entries(rig, start, start + 8 * kBar) ==
          Entries{"1 at 1", "2 at 3", "1 at 4", "2 at 6", "1 at 7"});
}

TEST_CASE("chain: at a line of the music it begins on that line", "[osc]") {
    DirectorRig rig;
    save_two(rig);
    const Frame start = started(rig);
    rig.say({"/at", {"bar:3", "/pattern/chain", 1, 1, 2, 2}});
    CHECK(entries(rig, start, start + 7 * kBar) == Entries{"1 at 2", "2 at 3", "1 at 5", "2 at 6"});
}

TEST_CASE("chain: begun before the start, the first slot plays from the start on", "[osc]") {
    DirectorRig rig;
    save_two(rig);
    rig.say({"/pattern/chain", {1, 1, 2, 1}});
    const Frame start = started(rig);
    CHECK(rig.session.get(param("voice1/amp")) == 0.1f);
    CHECK(entries(rig, start, start + 3 * kBar + kBar / 2) ==
          Entries{"2 at 1", "1 at 2", "2 at 3"});
}

TEST_CASE("chain: a stop of it or a load ends it, a refusal does not", "[osc]") {
    for (const Message &end :
         {Message{"/pattern/chain/stop"}, Message{"/pattern/load", {1, "now"}}}) {
        DirectorRig rig;
        save_two(rig);
        const Frame start = started(rig);
        rig.say({"/pattern/chain", {1, 1, 2, 1}});
        CHECK(outcome_of(rig.say({"/pattern/chain", {1, 0}}), "/pattern/chain") == "OUT_OF_RANGE");
        rig.run_to(start + 2 * kBar + kBar / 2);
        rig.say(end);
        rig.run(4);
        CHECK(entries(rig, start, start + 5 * kBar).empty());
    }
}

TEST_CASE("pattern: one that waits for its bar can be called off, and what plays goes on",
          "[osc]") {
    DirectorRig rig;
    save_two(rig);
    const Frame start = started(rig);
    rig.say({"/pattern/load", {1, "now"}});
    rig.say({"/seq/add", {"mine", "voice1", "x..."}});
    rig.run(20);
    rig.say({"/pattern/load", {2}});
    rig.run(4);
    CHECK(arg(*answer_to(rig.say({"/next"}), "/next"), 5).find("\"pattern\"") != std::string::npos);
    CHECK(outcome_of(rig.say({"/next/cancel", {"pattern"}}), "/next/cancel") == "/reply");
    CHECK(outcome_of(rig.say({"/next/cancel", {"pattern"}}), "/next/cancel") == "NOT_FOUND");
    CHECK(rig.context.desk.label.slot == 1);
    rig.run_to(start + 2 * kBar);
    CHECK(rig.session.get(param("voice1/amp")) == 0.1f);
    CHECK(rig.session.find_track("mine") != nullptr);
    CHECK(rig.session.telemetry().position.look().origin < 16); // on it goes, from no new step 0
}

TEST_CASE("chain: plays what its slots held when it was made", "[osc]") {
    DirectorRig rig;
    save_two(rig);
    const Frame start = started(rig);
    rig.say({"/pattern/chain", {1, 1, 2, 1}});
    rig.say({"/mod/voice1/amp", {0.9f}});
    rig.say({"/pattern/save", {2}});
    rig.wait_for_disk();
    rig.run_to(start + 2 * kBar + kBar / 2);
    CHECK(rig.session.get(param("voice1/amp")) == 0.2f);
}

} // namespace chronus::osc
