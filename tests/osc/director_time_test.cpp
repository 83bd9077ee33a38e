#include "osc/packet.h"
#include "tests/support/director_rig.h"
#include "tests/support/random_scene.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace chronus::osc {

using test::answer_to;
using test::arg;
using test::DirectorRig;
using test::outcome_of;

namespace {

using Messages = std::vector<Message>;

constexpr Frame kStep = 6000, kBar = 16 * kStep; // at 120 BPM and 48 kHz
constexpr Frame kBlock = DirectorRig::kBlock;

/// What a session is told without a director, each with its time.
struct Told {
    When when;
    std::function<void(Session &)> what;
};

/// The sound of a session that is told all that from the start.
test::Stereo sound_of(const std::vector<Told> &all, std::size_t frames) {
    test::Rig rig;
    for (const Told &told : all) {
        rig.session.stamp(told.when);
        told.what(rig.session);
    }
    return rig.render(frames);
}

const auto kStart = [](Session &s) { REQUIRE(s.start()); };
auto gate(int voice) {
    return [voice](Session &s) { REQUIRE(s.gate(voice, true)); };
}

/// Starts the sequencer; answers the frame of its step 0.
Frame started(DirectorRig &rig) {
    const Frame frame = rig.rendered(); // comes with the block before it, and acts one later
    rig.say({"/seq/start"});
    return frame;
}

std::string waiting(DirectorRig &rig) {
    const Messages told = rig.say({"/next"});
    return arg(*answer_to(told, "/next"), 5);
}

} // namespace

TEST_CASE("director: a message acts on the frame of its arrival one block later, however late it "
          "is read",
          "[osc]") {
    const Frame arrival = GENERATE(2000, 2047, 2048, 2049, 2200);
    DirectorRig rig;
    rig.run_to(2048);
    rig.now_ns = rig.ns_of(2220); // this thread is late
    rig.director.take(encode({"/gate/voice1", {1}}), test::me(), rig.ns_of(arrival));
    rig.run_to(9600);
    CHECK(rig.listener.heard ==
          sound_of({{When::frame(arrival + kBlock), gate(1)}}, rig.rendered()));
}

TEST_CASE("director: with no latency a message acts in the next block", "[osc]") {
    DirectorRig rig({.latency_ms = 0});
    rig.run_to(2048);
    rig.say({"/gate/voice1", {1}});
    rig.run_to(9600);
    CHECK(rig.listener.heard == sound_of({{When::frame(2048), gate(1)}}, rig.rendered()));
}

TEST_CASE("director: bundles with a time tag act on its frame, in whatever order they come",
          "[osc]") {
    test::Chance chance{GENERATE(1u, 2u, 3u)};
    DirectorRig rig;
    rig.run_to(4096);
    std::vector<std::pair<Frame, int>> gates;
    for (int voice = 1; voice <= 8; ++voice)
        gates.emplace_back(4096 + 1200 + chance.below(40000), voice);
    for (const auto &[frame, voice] : gates) {
        const auto number = std::to_string(voice);
        const Messages told =
            rig.say_together({{"/mod/voice" + number + "/freq", {100.0f * float(voice)}},
                              {"/gate/voice" + number, {1}}},
                             rig.tag_of(frame));
        CHECK(told.empty());
    }
    rig.run_to(60000);
    std::ranges::sort(gates);
    std::vector<Told> all;
    for (const auto &[frame, voice] : gates)
        all.push_back({When::frame(frame), [voice](Session &s) {
                           const auto path = "voice" + std::to_string(voice) + "/freq";
                           REQUIRE(s.set(*find_param(path), 100.0f * float(voice)));
                           REQUIRE(s.gate(voice, true));
                       }});
    CHECK(rig.listener.heard == sound_of(all, rig.rendered()));
    CHECK(rig.context.traffic.late == 0);
    CHECK(
        std::ranges::none_of(rig.sent, [](const auto &s) { return s.message.address == "/late"; }));
}

TEST_CASE("director: a bundle whose time has passed acts at once, and its sender hears by how much",
          "[osc]") {
    DirectorRig rig;
    rig.run_to(9600);
    const Frame at = rig.rendered();
    rig.say_together({{"/req", {"7", "/gate/voice1", 1}}}, rig.tag_of(1000));
    rig.run_to(20000);
    CHECK(rig.listener.heard == sound_of({{When::frame(at), gate(1)}}, rig.rendered()));
    const auto late =
        std::ranges::find_if(rig.sent, [](const auto &s) { return s.message.address == "/late"; });
    REQUIRE(late != rig.sent.end());
    CHECK(arg(late->message, 0) == "/gate/voice1");
    CHECK(arg(late->message, 1) == "7");
    CHECK(*to_double(late->message.args[2], "late") ==
          Approx(static_cast<double>(at - 1000) / 48000).margin(1.5 / 48000));
    CHECK(rig.context.traffic.late == 1);
}

TEST_CASE("director: a minute ahead is near enough, more is refused with what is not", "[osc]") {
    DirectorRig rig;
    rig.say({"/seq/start"});
    rig.run(20);
    const auto tag = [&](double seconds) {
        return rig.tag_of(rig.rendered() + static_cast<Frame>(seconds * 48000));
    };
    CHECK(rig.say_together({{"/seq/bpm", {90}}}, tag(59.9)).empty());
    CHECK(outcome_of(rig.say_together({{"/seq/bpm", {90}}}, tag(60.1)), "/seq/bpm") ==
          "TOO_FAR_AHEAD");
    CHECK(outcome_of(rig.say({"/at", {"bar+29", "/seq/bpm", 90}}), "/seq/bpm") == "/reply");
    const Messages told = rig.say({"/at", {"bar+32", "/seq/bpm", 90}});
    CHECK(outcome_of(told, "/seq/bpm") == "TOO_FAR_AHEAD");
    CHECK(arg(*answer_to(told, "/seq/bpm"), 5) == "/at bar+1 /seq/bpm 90");
    CHECK(rig.context.schedule.size() == 2);
}

TEST_CASE("director: /at acts on its line, to the frame", "[osc]") {
    struct Case {
        const char *when;
        std::uint64_t step;
    };
    const Case line =
        GENERATE(Case{"step+1", 1}, Case{"step+2", 2}, Case{"beat+1", 4}, Case{"bar+1", 16},
                 Case{"bar:2", 16}, Case{"beat:3", 8}, Case{"step:6", 5});
    DirectorRig rig;
    const Frame start = started(rig);
    rig.run_to(2000);
    const Messages told = rig.say({"/at", {line.when, "/seq/fill", 0}});
    CHECK(outcome_of(told, "/seq/fill") == "/reply");
    rig.say({"/at", {line.when, "/gate/voice1", 1}});
    rig.run_to(start + kBar + 9600);
    CHECK(
        rig.listener.heard ==
        sound_of({{When::frame(start), kStart}, {When::step(line.step), gate(1)}}, rig.rendered()));
    CHECK(rig.context.schedule.size() == 0);
}

TEST_CASE("director: a line is where the tempo puts it by then", "[osc]") {
    DirectorRig rig;
    const Frame start = started(rig);
    rig.run_to(2000);
    rig.say({"/at", {"bar+1", "/gate/voice1", 1}});
    rig.run_to(30000);
    rig.say({"/seq/bpm", {200}});
    const Frame faster = rig.rendered();
    rig.run_to(100000);
    CHECK(
        rig.listener.heard ==
        sound_of({{When::frame(start), kStart},
                  {When::frame(faster), [](Session &s) { REQUIRE(s.set(param("seq/bpm"), 200)); }},
                  {When::step(16), gate(1)}},
                 rig.rendered()));
}

TEST_CASE(
    "director: who starts again counts lines from that start, before the engine has heard of it",
    "[osc]") {
    DirectorRig rig;
    const Frame start = started(rig);
    rig.run_to(start + 2 * kBar);
    rig.say({"/seq/stop"});
    rig.say({"/seq/start"});
    const Frame again = rig.rendered();
    CHECK(rig.say({"/req", {"here", "/wait", "bar:2"}}).empty());
    CHECK(outcome_of(rig.say({"/at", {"step+1", "/seq/fill", 0}}), "/seq/fill") == "/reply");
    rig.run_to(again + kBar - 4000);
    CHECK(rig.told().empty());
    rig.run_to(again + kBar + 4000);
    const Messages told = rig.told();
    REQUIRE(told.size() == 1);
    CHECK(arg(told[0], 2) == "here");
    CHECK(arg(told[0], 5) == "2");
    CHECK(arg(told[0], 7) == "1");
}

TEST_CASE("director: /wait answers with the frame of its line", "[osc]") {
    DirectorRig rig;
    const Frame start = started(rig);
    rig.run_to(2000);
    for (const auto &[when, frame, bar, step] : {std::tuple{"step+1", start + kStep, "1", "2"},
                                                 {"beat+1", start + 4 * kStep, "1", "5"},
                                                 {"bar+1", start + kBar, "2", "1"},
                                                 {"bar:2", start + kBar, "2", "1"}}) {
        const Message ask{"/req", {when, "/wait", when}};
        CHECK(rig.say(ask).empty());
    }
    rig.run_to(start + kBar - 1000);
    CHECK(rig.told().size() == 2);
    rig.run_to(start + kBar + 2000);
    Messages told = rig.told();
    for (const auto &sent : rig.sent) told.push_back(sent.message);
    for (const auto &[when, frame, bar, step] : {std::tuple{"step+1", start + kStep, "1", "2"},
                                                 {"beat+1", start + 4 * kStep, "1", "5"},
                                                 {"bar+1", start + kBar, "2", "1"},
                                                 {"bar:2", start + kBar, "2", "1"}}) {
        const auto answer = std::ranges::find_if(told, [&, id = when](const Message &m) {
            return m.address == "/reply" && arg(m, 2) == id;
        });
        INFO(when);
        REQUIRE(answer != told.end());
        CHECK(arg(*answer, 4) == std::to_string(frame));
        CHECK(arg(*answer, 5) == bar);
        CHECK(arg(*answer, 7) == step);
    }
}

TEST_CASE("director: while the music stands, what is counted from here acts at once", "[osc]") {
    DirectorRig rig;
    rig.run(10);
    CHECK(outcome_of(rig.say({"/at", {"bar+1", "/seq/bpm", 90}}), "/seq/bpm") == "/reply");
    CHECK(rig.session.get(param("seq/bpm")) == 90);
    CHECK(outcome_of(rig.say({"/at", {"bar:3", "/seq/bpm", 80}}), "/seq/bpm") == "/reply");
    CHECK(rig.session.get(param("seq/bpm")) == 90); // waits for a start
    CHECK(rig.context.schedule.size() == 1);
}

TEST_CASE("director: when the music stops, what was counted from then acts, named lines wait on",
          "[osc]") {
    DirectorRig rig;
    rig.say({"/seq/start"});
    rig.run(20);
    rig.say({"/at", {"bar+1", "/seq/bpm", 90}});
    rig.say({"/at", {"bar:3", "/seq/swing", 0.5f}});
    rig.say({"/seq/stop"});
    rig.run(4);
    CHECK(rig.session.get(param("seq/bpm")) == 90);
    CHECK(rig.session.get(param("seq/swing")) == 0);
    CHECK(rig.context.schedule.size() == 1);
    rig.say({"/seq/start"});
    rig.run(1500);
    CHECK(rig.session.get(param("seq/swing")) == 0.5f);
}

TEST_CASE("director: quantised edits land on their line, together", "[osc]") {
    const bool bar = GENERATE(true, false);
    DirectorRig rig;
    const Frame start = started(rig);
    rig.say({"/seq/quant", {bar ? "bar" : "beat"}});
    rig.run_to(2000);
    rig.say_together(
        {{"/seq/add", {"a", "voice1", "xxxx"}}, {"/seq/add", {"b", "voice2", "x.x."}}});
    rig.say({"/mod/voice3/freq", {333.0f}}); // is no edit
    CHECK(rig.session.scene().track_count == 0);
    CHECK(rig.session.get(param("voice3/freq")) == 333);
    rig.run_to(start + kBar + 20000);
    const Scene &scene = rig.session.scene();
    REQUIRE(scene.track_count == 2);
    const Track a = scene.tracks[0], b = scene.tracks[1];
    CHECK(rig.listener.heard == sound_of({{When::frame(start), kStart},
                                          {When::step(bar ? 16 : 4),
                                           [&](Session &s) {
                                               s.begin();
                                               REQUIRE(s.put_track(a));
                                               REQUIRE(s.put_track(b));
                                               REQUIRE(s.commit());
                                           }}},
                                         rig.rendered()));
    CHECK(rig.listener.heard.peak(start + (bar ? kBar : 4 * kStep)) > 0.01f);
}

TEST_CASE("director: what cannot work when its time comes is told at once", "[osc]") {
    DirectorRig rig;
    rig.say({"/seq/start"});
    rig.run(20);
    const auto revision = rig.session.revision();
    for (const auto &[said, symbol] :
         {std::pair{Message{"/at", {"bar+1", "/seq/remove", "nosuch"}}, "NOT_FOUND"},
          {{"/at", {"bar+1", "/mod/voice1/freq", "loud"}}, "BAD_TYPE"},
          {{"/at", {"bar+1", "/pattern/load", 77}}, "NOT_FOUND"},
          {{"/at", {"bar+0", "/seq/bpm", 90}}, "OUT_OF_RANGE"},
          {{"/at", {"bar:1", "/seq/bpm", 90}}, "LATE"},
          {{"/at", {"bar+1", "/no/such"}}, "UNKNOWN_ADDRESS"},
          {{"/at", {"bar+1", "/next/cancel", "nosuch"}}, "NOT_FOUND"}}) {
        const std::string address = arg(said, 1);
        const Messages told = rig.say(said);
        INFO(address);
        CHECK(outcome_of(told, address) == symbol);
        CHECK(told.size() == 1);
    }
    CHECK(rig.context.schedule.size() == 0);
    CHECK(rig.session.revision() == revision);
    rig.say({"/at", {"bar+1", "/seq/add", "later", "voice1", "x"}});
    CHECK(outcome_of(rig.say({"/at", {"bar+2", "/seq/mute", "later", 1}}), "/seq/mute") ==
          "/reply");
    CHECK(outcome_of(rig.say({"/seq/mute", {"later", 1}}), "/seq/mute") == "NOT_FOUND");
}

TEST_CASE("director: what goes wrong only when its time comes is told then", "[osc]") {
    DirectorRig rig;
    rig.say({"/seq/add", {"a", "voice1", "x"}});
    rig.say({"/seq/start"});
    rig.run(20);
    CHECK(outcome_of(rig.say({"/at", {"bar+1", "/seq/mute", "a", 1}}), "/seq/mute") == "/reply");
    rig.say({"/seq/remove", {"a"}});
    rig.run(600);
    CHECK(outcome_of(rig.told(), "/seq/mute") == "NOT_FOUND");
}

TEST_CASE("director: nothing of what is put off is done before its time", "[osc]") {
    DirectorRig rig;
    rig.say({"/seq/bpm", {100}}); // to undo
    rig.say({"/seq/start"});
    rig.say({"/pattern/save", {1}});
    rig.wait_for_disk();
    rig.run(20);
    rig.say({"/at", {"bar:9", "/seq/bpm", 66}});
    const std::string name = waiting(rig).find("#1") != std::string::npos ? "#1" : "";
    REQUIRE(name == "#1");
    const std::uint64_t revision = rig.session.revision();
    for (const Message &said :
         {Message{"/at", {"bar+1", "/next/cancel", name}},
          Message{"/at", {"bar+1", "/engine/record/start", "take.wav"}},
          Message{"/at", {"bar+1", "/engine/stop"}}, Message{"/at", {"bar+1", "/pattern/save", 2}},
          Message{"/at", {"bar+1", "/pattern/delete", 1}}, Message{"/at", {"bar+1", "/undo"}},
          Message{"/at", {"bar+1", "/panic"}}, Message{"/at", {"bar+1", "/client/replies", 2}}}) {
        const Messages told = rig.say(said);
        INFO(arg(said, 1));
        CHECK(std::ranges::none_of(told, [](const Message &m) { return m.address == "/error"; }));
    }
    CHECK(rig.context.schedule.size() == 9);
    CHECK_FALSE(rig.context.recorder.status().active);
    CHECK(rig.session.running());
    CHECK(rig.session.revision() == revision);
    CHECK(rig.context.deferred.empty());
    CHECK(rig.context.slots.list()->size() == 1);
    CHECK(rig.context.clients.find(test::me())->replies == 1);
}

TEST_CASE("director: what is asked for later is answered then", "[osc]") {
    DirectorRig rig;
    rig.say({"/seq/start"});
    rig.run(20);
    CHECK(rig.say({"/at", {"bar+1", "/seq/status"}}).empty());
    rig.say({"/at", {"bar+1", "/seq/bpm", 90}});
    rig.run(600);
    Messages told;
    for (const auto &sent : rig.sent) told.push_back(sent.message);
    CHECK(outcome_of(told, "/seq/status") == "/reply");
    CHECK(std::ranges::count_if(told, [](const Message &m) {
              return m.address == "/reply" && arg(m, 0) == "/seq/bpm";
          }) == 1); // was answered when it was put off
}

TEST_CASE("director: a slot put off to be loaded plays what it held then, and only there",
          "[osc]") {
    DirectorRig rig;
    const auto save = [&](float bpm) {
        rig.say({"/seq/bpm", {bpm}});
        rig.say({"/pattern/save", {1}});
        rig.wait_for_disk();
    };
    save(100);
    rig.say({"/seq/start"});
    rig.run(20);
    rig.say({"/at", {"bar+1", "/pattern/load", 1}});
    rig.say_together({{"/at", {"bar+1", "/pattern/load", 1}}, {"/at", {"bar+1", "/no"}}});
    save(110);
    rig.say({"/seq/bpm", {120}});
    rig.say({"/pattern/load", {1, "now"}});
    CHECK(rig.session.get(param("seq/bpm")) == 110);
    rig.run(600);
    CHECK(rig.session.get(param("seq/bpm")) == 100);
}

TEST_CASE("director: a line of the music in a bundle with a time tag is what counts", "[osc]") {
    DirectorRig rig;
    rig.say({"/seq/start"});
    rig.run(20);
    const auto told = rig.say_together({{"/at", {"bar+1", "/seq/bpm", 90}}}, rig.tag_of(20000));
    CHECK(outcome_of(told, "/seq/bpm") == "/reply");
    rig.run_to(30000);
    CHECK(rig.session.get(param("seq/bpm")) == 120);
    rig.run_to(100000);
    CHECK(rig.session.get(param("seq/bpm")) == 90);
}

TEST_CASE("director: 4,096 things wait, the next is refused", "[osc]") {
    DirectorRig rig;
    rig.run(10);
    const std::uint64_t tag = rig.tag_of(48000 * 30);
    for (int n = 0; n < 4096; ++n)
        REQUIRE(rig.say_together({{"/mod/voice1/freq", {300.0f}}}, tag).empty());
    CHECK(outcome_of(rig.say_together({{"/mod/voice1/freq", {300.0f}}}, tag), "/mod/voice1/freq") ==
          "QUEUE_FULL");
    CHECK(outcome_of(rig.say({"/at", {"bar:9", "/seq/bpm", 90}}), "/seq/bpm") == "QUEUE_FULL");
    CHECK(rig.say({"/mod/voice1/freq", {301.0f}}).empty()); // does not wait
    CHECK(rig.session.get(param("voice1/freq")) == 301);
}

TEST_CASE("director: what is cancelled does not happen, and its sender is told", "[osc]") {
    DirectorRig rig;
    rig.say({"/seq/start"});
    rig.run(20);
    rig.say({"/at", {"bar+1", "/req", "mine", "/seq/bpm", 90}});
    rig.say_together({{"/req", {"tagged", "/seq/swing", 0.4f}}}, rig.tag_of(96000));
    CHECK(waiting(rig).find("mine") != std::string::npos);
    CHECK(waiting(rig).find("tagged") != std::string::npos);
    CHECK(outcome_of(rig.say({"/next/cancel", {"mine"}}), "/next/cancel") == "/reply");
    const Messages told = rig.say({"/next/cancel", {"tagged"}});
    CHECK(outcome_of(told, "/next/cancel") == "/reply");
    const Message *answer = answer_to(told, "/seq/swing"); // has heard nothing so far
    REQUIRE(answer != nullptr);
    CHECK(answer->address == "/error");
    CHECK(arg(*answer, 4) == "tagged");
    CHECK(outcome_of(rig.say({"/next/cancel", {"mine"}}), "/next/cancel") == "NOT_FOUND");
    rig.run(600);
    CHECK(rig.session.get(param("seq/bpm")) == 120);
    CHECK(rig.session.get(param("seq/swing")) == 0);
}

TEST_CASE("director: a client cancels its own, where another's has the same name", "[osc]") {
    DirectorRig rig;
    const auto other = test::me(4001);
    rig.say({"/at", {"bar:9", "/req", "1", "/seq/bpm", 90}}, other);
    rig.say({"/at", {"bar:9", "/req", "1", "/seq/swing", 0.4f}});
    rig.say({"/next/cancel", {"1"}});
    REQUIRE(rig.context.schedule.size() == 1);
    CHECK(waiting(rig).find("/seq/bpm") != std::string::npos);
    rig.say({"/next/cancel", {"1"}});
    CHECK(rig.context.schedule.size() == 0);
}

TEST_CASE("director: a message that comes after one put off does not overtake it", "[osc]") {
    DirectorRig rig;
    rig.run(10);
    const Frame frame = rig.rendered() + 700;
    rig.say_together({{"/seq/add", {"a", "voice1", "x"}}},
                     rig.tag_of(frame)); // due soon: sent ahead
    rig.say({"/seq/mute", {"a", 1}});
    rig.run(10);
    REQUIRE(rig.session.scene().track_count == 1);
    CHECK(rig.session.scene().tracks[0].mute);
    rig.say({"/seq/start"});
    CHECK((rig.run(100), rig.listener.heard.peak()) < 1e-4f);
}

} // namespace chronus::osc
