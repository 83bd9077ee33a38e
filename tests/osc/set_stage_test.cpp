#include "osc/set_stage.h"

#include "engine/host/bounce.h"
#include "tests/support/director_rig.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chronus::osc {

using patterns::KeptPattern;
using patterns::Setlist;
using patterns::Song;
using patterns::SongPart;
using test::answer_to;
using test::arg;
using test::DirectorRig;
using test::outcome_of;

namespace {

constexpr Frame kBar = 96000; // at 120 BPM and 48 kHz

/// A pattern that is known by a level.
KeptPattern pattern(float level) {
    patterns::Document document;
    document.scene.params.set(param("voice1/amp"), level);
    return KeptPattern{document};
}

Song song(std::string name, float level, std::uint32_t bars = 1) {
    return {.name = std::move(name), .source = {pattern(level)}, .parts = {{.bars = bars}}};
}

/// The set is open, as `/setlist/open` leaves it.
void open(DirectorRig &rig, std::vector<Song> songs) {
    rig.say({"/client/replies", {2}});
    rig.context.desk.stand.set =
        std::make_shared<const Setlist>(Setlist{.name = "gig", .songs = std::move(songs)});
}

Frame started(DirectorRig &rig) {
    rig.say({"/seq/start"});
    rig.run(4);
    const Position at = rig.session.telemetry().position.look();
    return at.frame - at.phase / at.per_frame;
}

/// What took over until then: the level it is known by, and when in bars since the start.
using Entries = std::vector<std::string>;
Entries entries(DirectorRig &rig, Frame start, double bars) {
    Entries out;
    const auto until = start + static_cast<Frame>(bars * static_cast<double>(kBar));
    rig.context.applied.reset();
    while (rig.rendered() < until) {
        rig.run(1);
        if (const auto applied = std::exchange(rig.context.applied, std::nullopt))
            out.push_back(fmt::format("{} at {}", rig.session.get(param("voice1/amp")),
                                      static_cast<double>(applied->frame - start) / kBar));
    }
    return out;
}

std::vector<Value> position(DirectorRig &rig) { return set_position(rig.context); }

} // namespace

TEST_CASE("set: a song comes at the next bar, its parts follow each other, the last goes on",
          "[osc]") {
    DirectorRig rig;
    Song parts = song("a", 0.1f);
    parts.parts = {{.source = {pattern(0.2f)}, .bars = 2},
                   {.bars = 1, .repeat = 2},
                   {.source = {pattern(0.3f)}, .bars = 1}};
    open(rig, {parts, song("b", 0.4f)});
    const Frame start = started(rig);
    CHECK(outcome_of(rig.say({"/setlist/switch", {"a"}}), "/setlist/switch") == "/reply");
    CHECK(entries(rig, start, 8) == Entries{"0.2 at 1", "0.1 at 3", "0.1 at 4", "0.3 at 5"});
}

TEST_CASE("set: with auto the next song follows, and behind the last one comes nothing", "[osc]") {
    DirectorRig rig;
    open(rig, {song("a", 0.1f, 2), song("b", 0.2f), song("c", 0.3f)});
    rig.say({"/setlist/auto", {1}});
    rig.say({"/setlist/switch", {1}});
    const Frame start = started(rig);
    CHECK(entries(rig, start, 6) == Entries{"0.2 at 2", "0.3 at 3"});
    rig.say({"/setlist/switch", {"prev"}});
    rig.say({"/setlist/auto", {0}});
    CHECK(entries(rig, start, 10) == Entries{"0.2 at 6"});
}

TEST_CASE("set: what a song says of its end counts for more than auto", "[osc]") {
    DirectorRig rig;
    std::vector<Song> songs{song("a", 0.1f), song("b", 0.2f), song("c", 0.3f)};
    songs[0].after = patterns::After::next;
    songs[1].after = patterns::After::stay;
    open(rig, songs);
    rig.say({"/setlist/switch", {1}});
    const Frame start = started(rig);
    CHECK(entries(rig, start, 2.5) == Entries{"0.2 at 1"});
    rig.say({"/setlist/auto", {1}});
    CHECK(entries(rig, start, 5).empty());
}

TEST_CASE("set: a song that cannot be played is stepped over", "[osc]") {
    DirectorRig rig;
    Song broken = song("b", 0.2f);
    broken.overrides = {{"seq/bpm", 1000.0}};
    open(rig, {song("a", 0.1f), broken, song("c", 0.3f)});
    rig.say({"/setlist/auto", {1}});
    rig.say({"/setlist/switch", {1}});
    const Frame start = started(rig);
    CHECK(entries(rig, start, 3) == Entries{"0.3 at 1"});
    CHECK(outcome_of(rig.say({"/setlist/switch", {"b"}}), "/setlist/switch") == "OUT_OF_RANGE");
    CHECK(entries(rig, start, 5).empty());
}

TEST_CASE("set: a stop marker stops the sequencer on the line where the song ends", "[osc]") {
    DirectorRig rig;
    Song last = song("a", 0.1f, 2);
    last.source = {KeptPattern{patterns::Document{
        .scene = test::scene({test::track("t", 1, "X...............", {330.0f})})}}};
    last.after = patterns::After::stop;
    open(rig, {last, song("b", 0.2f)});
    rig.say({"/setlist/switch", {1}});
    const Frame start = started(rig);
    rig.run_to(start + 2 * kBar - 4096);
    CHECK(rig.session.running());
    rig.run_to(start + 3 * kBar);
    CHECK_FALSE(rig.session.running());
    // Two bars were begun, and no third.
    const auto heard = test::onsets(rig.listener.heard.left, 1e-3f, 20000);
    REQUIRE(heard.size() == 2);
    CHECK(heard[1] - heard[0] == kBar);
    CHECK(entries(rig, start, 4).empty());
}

TEST_CASE("set: a switch comes when it says", "[osc]") {
    DirectorRig rig;
    open(rig, {song("a", 0.1f, 9), song("b", 0.2f, 9)});
    const Frame start = started(rig);
    rig.say({"/setlist/switch", {"a", "bar:3"}});
    CHECK(entries(rig, start, 2.3) == Entries{"0.1 at 2"});
    rig.say({"/setlist/switch", {"b", "beat+1"}});
    CHECK(entries(rig, start, 3) == Entries{"0.2 at 2.5"});
    rig.say({"/setlist/switch", {"a", "now"}});
    const auto now = entries(rig, start, 3.5);
    REQUIRE(now.size() == 1);
    CHECK(now[0] < std::string{"0.1 at 3.01"});
    rig.say({"/at", {"bar:5", "/setlist/switch", "b"}});
    CHECK(entries(rig, start, 6).back() == "0.2 at 4");
    CHECK(outcome_of(rig.say({"/at", {"bar:9", "/setlist/switch", "b", "now"}}),
                     "/setlist/switch") == "UNSUPPORTED");
    CHECK(outcome_of(rig.say({"/setlist/switch", {"b", "soon"}}), "/setlist/switch") ==
          "OUT_OF_RANGE");
}

TEST_CASE("set: next and prev go from the song that is about to play", "[osc]") {
    DirectorRig rig;
    open(rig, {song("a", 0.1f), song("b", 0.2f), song("c", 0.3f)});
    const auto says = [&](const Value &which) {
        const auto told = rig.say({"/setlist/switch", {which}});
        const Message &answer = *answer_to(told, "/setlist/switch");
        return arg(answer, answer.address == "/reply" ? 5 : 3);
    };
    started(rig);
    CHECK(says("prev") == "OUT_OF_RANGE");
    CHECK(says("next") == "a");
    CHECK(says("next") == "b");
    CHECK(says("next") == "c");
    CHECK(says("next") == "OUT_OF_RANGE");
    CHECK(says("prev") == "b");
    CHECK(says(3) == "c");
    CHECK(says("1") == "a");
    CHECK(says(4) == "OUT_OF_RANGE");
}

TEST_CASE("set: undo takes a switch back, and what was undone does not go on by itself", "[osc]") {
    DirectorRig rig;
    open(rig, {song("a", 0.1f, 9), song("b", 0.2f, 2), song("c", 0.3f)});
    rig.say({"/setlist/auto", {1}});
    rig.say({"/setlist/switch", {"a"}});
    const Frame start = started(rig);
    rig.say({"/setlist/switch", {"b", "now"}});
    rig.run(20);
    CHECK(rig.session.get(param("voice1/amp")) == 0.2f);
    CHECK(outcome_of(rig.say({"/undo"}), "/undo") == "/reply");
    rig.run(20);
    CHECK(rig.session.get(param("voice1/amp")) == 0.1f);
    CHECK(std::get<std::string>(position(rig)[2]) == "a");
    rig.run_to(start + 4 * kBar);
    CHECK(rig.session.get(param("voice1/amp")) == 0.1f);
    rig.say({"/redo"});
    rig.run(20);
    CHECK(std::get<std::string>(position(rig)[2]) == "b");
}

TEST_CASE("set: a change of a parameter and its undo leave the order of the parts alone", "[osc]") {
    DirectorRig rig;
    open(rig, {song("a", 0.1f, 2), song("b", 0.2f)});
    rig.say({"/setlist/auto", {1}});
    rig.say({"/setlist/switch", {"a"}});
    const Frame start = started(rig);
    rig.say({"/mod/voice2/amp", {0.9f}});
    rig.run(20);
    rig.say({"/undo"});
    rig.run(20);
    CHECK(entries(rig, start, 3) == Entries{"0.2 at 2"});
}

TEST_CASE("set: what comes by itself comes although an edit is undone in the bar before", "[osc]") {
    DirectorRig rig;
    Song two = song("a", 0.1f);
    two.parts = {{.bars = 2}, {.source = {pattern(0.2f)}, .bars = 1}};
    open(rig, {two, song("b", 0.3f, 4)});
    rig.say({"/setlist/auto", {1}});
    rig.say({"/setlist/switch", {"a"}});
    const Frame start = started(rig);
    for (const double bars : {1.5, 2.5}) { // a part waits, and then a song
        rig.run_to(start + static_cast<Frame>(bars * static_cast<double>(kBar)));
        rig.say({"/seq/add", {"mine", "voice1", "x..."}});
        rig.run(20);
        CHECK(rig.session.switch_waits());
        rig.say({"/undo"});
        rig.run(20);
        CHECK(rig.session.find_track("mine") == nullptr);
        const auto line = static_cast<int>(bars + 0.5);
        CHECK(entries(rig, start, line + 0.2) == Entries{fmt::format("0.{} at {}", line, line)});
    }
}

TEST_CASE("set: a switch undone before its bar does not come", "[osc]") {
    DirectorRig rig;
    open(rig, {song("a", 0.1f, 9), song("b", 0.2f)});
    rig.say({"/setlist/switch", {"a"}});
    const Frame start = started(rig);
    rig.say({"/setlist/switch", {"b"}});
    rig.run(20);
    rig.say({"/undo"});
    rig.run(20);
    CHECK(std::get<std::string>(position(rig)[2]) == "a");
    CHECK(entries(rig, start, 3).empty());
}

TEST_CASE("set: parts follow each other as if what was taken back before its bar had not been said",
          "[osc]") {
    const osc::Message away =
        GENERATE(osc::Message{"/setlist/switch", {"c"}}, osc::Message{"/pattern/load", {1}});
    const osc::Message back =
        GENERATE(osc::Message{"/undo"}, osc::Message{"/next/cancel", {"pattern"}});
    INFO(away.address << ", " << back.address);
    DirectorRig rig;
    Song two = song("a", 0.1f);
    two.parts = {{.bars = 2}, {.source = {pattern(0.2f)}, .bars = 1}};
    open(rig, {two, song("b", 0.3f), song("c", 0.4f)});
    rig.say({"/pattern/save", {1}});
    rig.wait_for_disk();
    rig.say({"/setlist/auto", {1}});
    rig.say({"/setlist/switch", {"a"}});
    const Frame start = started(rig);
    rig.say(away);
    rig.run(20);
    CHECK(outcome_of(rig.say(back), back.address) == "/reply");
    rig.run(20);
    CHECK(entries(rig, start, 4) == Entries{"0.2 at 2", "0.3 at 3"});
}

TEST_CASE("set: a loaded slot ends the song", "[osc]") {
    DirectorRig rig;
    open(rig, {song("a", 0.1f, 2), song("b", 0.2f)});
    rig.say({"/pattern/save", {1}});
    rig.wait_for_disk();
    rig.say({"/setlist/auto", {1}});
    rig.say({"/setlist/switch", {"a"}});
    const Frame start = started(rig);
    rig.say({"/pattern/load", {1, "now"}});
    rig.run(20);
    CHECK(std::get<std::string>(position(rig)[2]).empty());
    CHECK(entries(rig, start, 4).empty());
}

TEST_CASE("set: its position tells song, part, bar and what comes", "[osc]") {
    DirectorRig rig;
    CHECK(position(rig).empty());
    Song two = song("a", 0.1f);
    two.parts = {{.bars = 2}, {.bars = 3}};
    open(rig, {two, song("b", 0.2f)});
    CHECK(position(rig) == std::vector<Value>{"gig", 0, "", 0, 0, 0, ""});
    rig.say({"/setlist/auto", {1}});
    rig.say({"/setlist/switch", {"a"}});
    const Frame start = started(rig);
    CHECK(position(rig) == std::vector<Value>{"gig", 1, "a", 1, 1, 2, "b"});
    rig.run_to(start + kBar + kBar / 2);
    CHECK(position(rig) == std::vector<Value>{"gig", 1, "a", 1, 2, 2, "b"});
    rig.run_to(start + 3 * kBar + kBar / 2);
    CHECK(position(rig) == std::vector<Value>{"gig", 1, "a", 2, 2, 3, "b"});
    rig.run_to(start + 5 * kBar + kBar / 2);
    CHECK(position(rig) == std::vector<Value>{"gig", 2, "b", 1, 1, 1, ""});
}

TEST_CASE("set: what a song sounds like live is what is bounced of its parts", "[osc]") {
    DirectorRig rig({.latency_ms = 0});
    const auto notes = [](std::string_view steps, float hz) {
        return patterns::Source{KeptPattern{
            patterns::Document{.scene = test::scene({test::track("t", 1, steps, {hz})})}}};
    };
    Song tune{.name = "a",
              .parts = {{.source = notes("X..x..x.", 220), .bars = 1, .repeat = 2},
                        {.source = notes("x.X.xxx.", 330), .bars = 1}},
              .overrides = {{"voice1/amp", 0.5}}};
    open(rig, {tune});
    rig.say({"/setlist/switch", {1}});
    rig.run(400); // knobs come to rest
    rig.say({"/seq/start"});
    const std::size_t first = rig.rendered() + rig.session.engine().latency();
    rig.run(3 * kBar / DirectorRig::kBlock - 8);
    std::vector<Part> parts;
    const auto played = patterns::played_parts(*rig.context.desk.stand.set, tune);
    for (const auto &part : *played) parts.push_back({part.pattern.scene(), part.bars});
    Bounce bounce({}, parts);
    const std::size_t frames = rig.rendered() - first;
    std::vector<float> left(frames), right(frames);
    REQUIRE(bounce.render({left, right}) == frames);
    const auto &heard = rig.listener.heard.left;
    CHECK(std::equal(left.begin(), left.end(), heard.begin() + static_cast<std::ptrdiff_t>(first)));
    CHECK(*std::ranges::max_element(left) > 0.05f);
}

namespace {

/// A hit on the right at every line, and on the left a tone that is held from line to line.
KeptPattern hits_and_tone(std::string_view hits) {
    patterns::Document document{
        .scene = test::scene({test::track("hits", 1, hits, {440.0f}),
                              test::track("tone", 2, "X_______________", {220.0f})},
                             300)};
    ParamValues &params = document.scene.params;
    params.set(param("voice1/pan"), 1);
    params.set(param("voice2/pan"), -1);
    params.set(param("voice1/adsr/attack"), 0.001f);
    params.set(param("voice1/adsr/release"), 0.01f);
    params.set(param("voice2/adsr/sustain"), 1);
    return KeptPattern{document};
}

float steepest(std::span<const float> x) {
    float most = 0;
    for (std::size_t i = 1; i < x.size(); ++i) most = std::max(most, std::abs(x[i] - x[i - 1]));
    return most;
}

} // namespace

TEST_CASE("set: of 1,000 live switches each is on the frame of its bar, and none clicks", "[osc]") {
    constexpr std::size_t kFastBar = kBar * 120 / 300;
    constexpr int kShows = 20, kSwitches = 50;
    for (int show = 0; show < kShows; ++show) {
        DirectorRig rig;
        open(rig, {{.name = "a", .source = {hits_and_tone("X...............")}},
                   {.name = "b", .source = {hits_and_tone("X.......x.......")}}});
        rig.say({"/setlist/switch", {"a"}});
        const Frame start = started(rig);
        std::vector<Frame> applied;
        for (int n = 1; n <= kSwitches; ++n) {
            // Somewhere in the bar before, another place each time.
            rig.run_to(start + (n - 1) * kFastBar + 2000 + (kFastBar - 8000) * n / kSwitches);
            REQUIRE(outcome_of(rig.say({"/setlist/switch", {n % 2 == 0 ? "a" : "b"}}),
                               "/setlist/switch") == "/reply");
            rig.context.applied.reset();
            rig.run_to(start + n * kFastBar + 1024);
            REQUIRE(rig.context.applied);
            CHECK(rig.context.applied->frame == start + n * kFastBar);
        }
        const auto &heard = rig.listener.heard;
        const auto onsets = test::onsets(heard.right);
        REQUIRE(!onsets.empty());
        for (int n = 1; n <= kSwitches; ++n)
            CHECK(std::ranges::binary_search(onsets, onsets[0] + n * kFastBar));
        const std::span tone{heard.left};
        float loudest = 0;
        for (const float x : tone) loudest = std::max(loudest, std::abs(x));
        CHECK(loudest > 0.02f);
        CHECK(steepest(tone) <= 2 * loudest * std::numbers::pi_v<float> * 2 * 220 / 48000 + 0.01f);
    }
}

TEST_CASE("set: tails ring over a switch, and no note of the song before sounds on", "[osc]") {
    const auto with_delay = [](std::string_view steps) {
        patterns::Document document{.scene =
                                        test::scene({test::track("t", 1, steps, {440.0f})}, 120)};
        ParamValues &params = document.scene.params;
        params.set(param("voice1/send/delay"), 1);
        params.set(param("delay1/mix"), 0.5f);
        params.set(param("delay1/time"), 0.4f);
        params.set(param("delay1/feedback"), 0.3f);
        params.set(param("voice1/adsr/release"), 0.02f);
        return KeptPattern{document};
    };
    DirectorRig rig;
    open(rig, {{.name = "a", .source = {with_delay("X_______________")}},
               {.name = "b", .source = {with_delay("................")}}});
    rig.say({"/setlist/switch", {"a"}});
    const Frame start = started(rig);
    rig.run_to(start + kBar / 2);
    rig.say({"/setlist/switch", {"b"}});
    rig.run_to(start + kBar + 12 * 48000);
    const std::span<const float> heard{rig.listener.heard.left};
    const auto loudest = [&](double from_s, double until_s) {
        float most = 0;
        const auto from = start + kBar + static_cast<Frame>(from_s * 48000);
        for (auto i = from; i < start + kBar + static_cast<Frame>(until_s * 48000); ++i)
            most = std::max(most, std::abs(heard[i]));
        return most;
    };
    CHECK(loudest(0.1, 0.4) > 0.01f); // its echo
    CHECK(loudest(11, 12) < 1e-4f);   // and nothing that nobody lets go
    CHECK(rig.session.running());
}

} // namespace chronus::osc
