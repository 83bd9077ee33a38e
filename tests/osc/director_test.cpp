#include "osc/packet.h"
#include "tests/support/director_rig.h"
#include "tests/support/random_scene.h"

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

/// All that a command can change.
struct State {
    Scene scene;
    std::uint64_t revision;
    bool running, switch_waits;
    int slot;
    Quant quant;
    std::size_t chain, past, future, waiting, jobs, marks;

    explicit State(DirectorRig &rig)
        : scene(rig.session.scene()), revision(rig.session.revision()),
          running(rig.session.running()), switch_waits(rig.session.switch_waits()),
          slot(rig.context.desk.label.slot), quant(rig.context.desk.quant),
          chain(rig.context.desk.chain.links.size()), past(rig.context.desk.undo.past()),
          future(rig.context.desk.undo.future()), waiting(rig.context.schedule.size()),
          jobs(rig.context.deferred.size() + rig.context.desk.jobs.size()),
          marks(rig.context.awaited.size() + rig.context.desk.awaited.size()) {}
    friend bool operator==(const State &, const State &) = default;
};

/// A command that is done, whatever came before.
Message right(test::Chance &chance) {
    const std::string track = "t" + std::to_string(chance.below(3));
    switch (chance.below(14)) {
    case 0:
        return {"/seq/add", {track, "voice1", "x.x.X_"}};
    case 1:
        return {"/seq/start"};
    case 2:
        return {"/seq/stop"};
    case 3:
        return {"/seq/bpm", {chance.within(30, 300)}};
    case 4:
        return {"/gate/voice2", {static_cast<std::int32_t>(chance.below(2))}};
    case 5:
        return {"/seq/clear"};
    case 6:
        return {"/mod/voice*/amp", {chance.within(0, 1)}};
    case 7:
        return {"/pattern/chain/stop"};
    case 8:
        return {"/panic"};
    case 9:
        return {"/seq/status"};
    case 10:
        return {"/seq/fill", {true}};
    case 11:
        return {"/pattern/save", {3, "song"}};
    case 12:
        return {"/mod/voice1/osc/type", {static_cast<std::int32_t>(chance.below(3))}};
    default:
        return {"/mod/voice1/freq", {chance.within(20, 2000)}};
    }
}

/// A command that cannot be done.
Message wrong(test::Chance &chance) {
    static const Messages all{
        {"/nonsense", {1}},
        {"/mod/voice1/freq", {"loud"}},
        {"/mod/voice1/osc/type", {99}},
        {"/mod/nothing*", {1}},
        {"/gate/voice99", {1}},
        {"/seq/remove", {"nosuch"}},
        {"/seq/add", {"t1", "voice99", "x"}},
        {"/seq/add", {"t1", "voice1", "x{"}},
        {"/seq/add"},
        {"/seq/set", {"nosuch", "gate", 1}},
        {"/seq/quant", {"sometimes"}},
        {"/pattern/load", {77}},
        {"/pattern/load", {200}},
        {"/pattern/save", {0}},
        {"/pattern/chain", {1}},
        {"/base", {2'000'000'000}},
        {"/next/cancel", {"nosuch"}},
        {"/engine/record/start", {"take.wav"}},
        {"/req", {"1"}},
        {"/at", {"never", "/seq/start"}},
    };
    return all[chance.below(all.size())];
}

/// One of the commands of a bundle is wrong; which one is up to chance.
Messages spoilt(test::Chance &chance) {
    Messages bundle;
    for (std::uint64_t n = 1 + chance.below(6); n > 0; --n) bundle.push_back(right(chance));
    bundle.insert(bundle.begin() + static_cast<std::ptrdiff_t>(chance.below(bundle.size() + 1)),
                  wrong(chance));
    return bundle;
}

/// What an answer to the message is about.
std::string about(const Message &message) {
    if (message.address != "/req" && message.address != "/at") return message.address;
    return message.args.size() < 2 ? message.address : arg(message, 1);
}

} // namespace

TEST_CASE("director: a bundle with one wrong command does nothing, and every command is told so",
          "[osc]") {
    test::Chance chance{GENERATE(1u, 2u, 3u)};
    DirectorRig rig, other;
    for (int round = 0; round < 60; ++round) {
        const Message good = right(chance);
        rig.say(good);
        other.say(good);
        rig.wait_for_disk();
        other.wait_for_disk();
        const State before{rig};
        const Messages bundle = spoilt(chance);
        const Messages told = rig.say_together(bundle);
        const State after{rig};
        INFO("round " << round);
        REQUIRE(after == before);
        REQUIRE(told.size() == bundle.size());
        for (const Message &message : bundle) {
            INFO(message.address);
            const auto same = [&](const Message &m) {
                return m.address == "/error" &&
                       (arg(m, 0) == about(message) || arg(m, 0) == message.address);
            };
            REQUIRE(std::ranges::any_of(told, same));
        }
        const std::uint64_t blocks = 1 + chance.below(20);
        rig.run(blocks);
        other.run(blocks);
        REQUIRE(rig.listener.heard == other.listener.heard);
    }
}

TEST_CASE("director: the wrong command says what is wrong, the others that it was not they",
          "[osc]") {
    DirectorRig rig;
    const Messages told = rig.say_together(
        {{"/seq/start"}, {"/seq/remove", {"nosuch"}}, {"/req", {"7", "/mod/voice1/amp", 0.5f}}});
    CHECK(outcome_of(told, "/seq/remove") == "NOT_FOUND");
    CHECK(arg(*answer_to(told, "/seq/remove"), 2).find("bundle") == std::string::npos);
    CHECK(arg(*answer_to(told, "/seq/start"), 2).find("/seq/remove") != std::string::npos);
    CHECK(arg(*answer_to(told, "/mod/voice1/amp"), 4) == "7");
}

TEST_CASE("director: what in a bundle is done later is wrong together with what is done now",
          "[osc]") {
    DirectorRig rig;
    rig.say({"/seq/start"});
    rig.run(10);
    const State before{rig};
    const Messages soon{{"/seq/bpm", {90}}, {"/at", {"bar+1", "/seq/remove", "nosuch"}}};
    for (const auto &bundle : {soon, Messages{soon[1], soon[0]}}) {
        const Messages told = rig.say_together(bundle);
        CHECK(State{rig} == before);
        CHECK(outcome_of(told, "/seq/remove") == "NOT_FOUND");
        CHECK(outcome_of(told, "/seq/bpm") == "NOT_FOUND");
    }
    const Messages told = rig.say_together(
        {{"/seq/add", {"new", "voice1", "x"}}, {"/at", {"bar+1", "/seq/mute", "new", 1}}});
    CHECK(outcome_of(told, "/seq/add") == "/reply");
    CHECK(outcome_of(told, "/seq/mute") == "/reply");
}

TEST_CASE("director: a bundle is done in its order, on one frame, and asks see what it did",
          "[osc]") {
    DirectorRig rig;
    const Messages told = rig.say_together({{"/seq/bpm"},
                                            {"/seq/add", {"a", "voice1", "x..."}},
                                            {"/seq/mute", {"a", 1}},
                                            {"/seq/status"},
                                            {"/seq/bpm", {90}}});
    CHECK(rig.session.find_track("a")->mute);
    CHECK(arg(*answer_to(told, "/seq/status"), 5) == "90");
    CHECK(arg(*answer_to(told, "/seq/status"), 8) == "1");
}

TEST_CASE("director: parameters do the same on the short way as on the long one", "[osc]") {
    test::Chance chance{GENERATE(1u, 2u, 3u)};
    DirectorRig quick, slow;
    slow.say({"/client/replies", {2}});
    for (DirectorRig *rig : {&quick, &slow}) rig->say({"/gate/voice1", {1}});
    for (int round = 0; round < 150; ++round) {
        Messages bundle;
        for (std::uint64_t n = 1 + chance.below(4); n > 0; --n) {
            const ParamId id{static_cast<std::uint16_t>(chance.below(kParamCount))};
            const ParamSpec &spec = spec_of(id);
            const float value =
                chance.one_in(5) ? chance.within(-1e6f, 1e6f) : chance.within(spec.min, spec.max);
            const Value said = chance.one_in(3) ? Value{static_cast<std::int32_t>(value)} : value;
            bundle.push_back({"/mod/" + std::string{path_of(id).view()}, {said}});
        }
        for (DirectorRig *rig : {&quick, &slow})
            bundle.size() == 1 ? rig->say(bundle[0]) : rig->say_together(bundle);
        REQUIRE(State{quick} == State{slow});
        const std::uint64_t blocks = chance.below(120);
        quick.run(blocks);
        slow.run(blocks);
    }
    CHECK(quick.listener.heard == slow.listener.heard);
    CHECK(quick.listener.heard.peak() > 0.001f);
    CHECK(quick.context.traffic.messages + 1 == slow.context.traffic.messages);
}

TEST_CASE("director: a queue that is full refuses a packet whole, on either way", "[osc]") {
    DirectorRig rig;
    while (rig.session.set(param("voice5/pan"), 0)) {
    }
    const State before{rig};
    CHECK(outcome_of(rig.say({"/mod/voice1/freq", {200.0f}}), "/mod/voice1/freq") == "QUEUE_FULL");
    CHECK(
        outcome_of(rig.say_together({{"/mod/voice1/freq", {200.0f}}, {"/mod/voice1/amp", {0.1f}}}),
                   "/mod/voice1/amp") == "QUEUE_FULL");
    CHECK(outcome_of(rig.say_together({{"/seq/start"}, {"/seq/add", {"a", "1", "x"}}}),
                     "/seq/add") == "QUEUE_FULL");
    CHECK(State{rig} == before);
    rig.run(1);
    CHECK(rig.say({"/mod/voice1/freq", {200.0f}}).empty());
    CHECK(rig.session.get(param("voice1/freq")) == 200);
}

TEST_CASE("director: a request that comes again is answered the same and not done again", "[osc]") {
    DirectorRig rig;
    for (const Messages &asked :
         {Messages{{"/req", {"1", "/seq/add", "a", "voice1", "x..."}}},
          Messages{{"/req", {"2", "/mod/voice1/freq", 300.0f}}},
          Messages{{"/req", {"3", "/mod/voice1/freq"}}},
          Messages{{"/req", {"4", "/seq/remove", "nosuch"}}},
          Messages{{"/req", {"5", "/nonsense"}}}, Messages{{"/req", {"6", "/engine/list"}}},
          Messages{{"/req", {"7", "/seq/bpm", 99}}, {"/req", {"8", "/undo"}}},
          Messages{{"/req", {"9", "/seq/bpm", 90}}, {"/req", {"10", "/no"}}},
          Messages{{"/req", {"11", "/seq/bpm", 90}}, {"/req", {"12"}}}}) {
        const Messages first = rig.say_together(asked);
        const State after{rig};
        REQUIRE(first.size() >= asked.size());
        for (int n = 0; n < 3; ++n) {
            const Messages again = rig.say_together(asked);
            INFO(arg(asked.back(), 0));
            CHECK(again == first);
            CHECK(State{rig} == after);
        }
    }
}

TEST_CASE("director: ids are each client's own, and worth 30 seconds", "[osc]") {
    DirectorRig rig;
    const Message ask{"/req", {"1", "/seq/bpm"}};
    CHECK(arg(rig.say(ask)[0], 4) == "120");
    rig.say({"/seq/bpm", {90}});
    CHECK(arg(rig.say(ask)[0], 4) == "120");
    CHECK(arg(rig.say(ask, test::me(4001))[0], 4) == "90");
    rig.run(30 * 48000 / DirectorRig::kBlock + 2);
    CHECK(arg(rig.say(ask)[0], 4) == "90");
}

TEST_CASE("director: what waits for the disk is answered once, asked for again or not", "[osc]") {
    DirectorRig rig;
    const Message save{"/req", {"1", "/pattern/save", 5, "song"}};
    CHECK(rig.say(save).empty());
    CHECK(rig.say(save).empty());
    CHECK(rig.context.deferred.size() == 1);
    rig.wait_for_disk();
    const Messages told = rig.told();
    REQUIRE(told.size() == 1);
    CHECK(outcome_of(told, "/pattern/save") == "/reply");
    CHECK(rig.say(save) == told);
    CHECK(rig.context.deferred.empty());
}

TEST_CASE("director: /synced comes after all that the client asked of the disk before", "[osc]") {
    DirectorRig rig;
    CHECK(rig.say({"/sync", {1}}) == Messages{{"/synced", {1}}});
    rig.say({"/pattern/save", {1}});
    rig.say({"/pattern/save", {2}});
    CHECK(rig.say({"/sync", {2}}).empty());
    CHECK(rig.say_together({{"/pattern/save", {3}}, {"/sync", {3}}}).empty());
    CHECK(rig.say({"/sync", {9}}, test::me(4001)) == Messages{{"/synced", {9}}});
    rig.wait_for_disk();
    std::vector<std::string> order;
    for (const Message &m : rig.told())
        order.push_back(m.address + arg(m, m.address == "/reply" ? 4 : 0));
    const auto place = [&](const char *what) { return std::ranges::find(order, what); };
    CHECK(order.size() == 5);
    CHECK(place("/reply1") < place("/synced2"));
    CHECK(place("/reply2") < place("/synced2"));
    CHECK(place("/reply3") < place("/synced3"));
    CHECK(place("/synced3") != order.end());
}

TEST_CASE("director: a bundle on a stale base does nothing, one on the right base all", "[osc]") {
    DirectorRig rig;
    rig.say({"/seq/bpm", {100}});
    const auto rev = static_cast<std::int32_t>(rig.session.revision());
    const State before{rig};
    for (const std::int32_t stale : {rev - 1, rev + 1}) {
        const Messages told = rig.say_together({{"/base", {stale}}, {"/seq/bpm", {90}}});
        CHECK(outcome_of(told, "/base") == "CONFLICT");
        CHECK(outcome_of(told, "/seq/bpm") == "CONFLICT");
        CHECK(arg(*answer_to(told, "/base"), 5) == "/base " + std::to_string(rev));
        CHECK(State{rig} == before);
    }
    const Messages good{{"/base", {rev}}, {"/seq/bpm", {90}}, {"/seq/swing", {0.1f}}};
    CHECK(outcome_of(rig.say_together(good), "/base") == "/reply");
    CHECK(rig.session.get(param("seq/bpm")) == 90);
    CHECK(outcome_of(rig.say_together(good), "/base") == "CONFLICT"); // by then it is stale
}

TEST_CASE("director: /undo takes back what was done last, and what was refused is no change",
          "[osc]") {
    DirectorRig rig;
    const auto freq = [&] { return rig.session.get(param("voice1/freq")); };
    const float first = freq();
    rig.say({"/mod/voice1/freq", {300.0f}});
    rig.say({"/mod/voice1/freq", {310.0f}}); // of one gesture
    rig.run(200);                            // more than half a second
    CHECK(outcome_of(rig.say({"/mod/voice1/freq", {"loud"}}), "/mod/voice1/freq") == "BAD_TYPE");
    rig.say({"/mod/voice1/freq", {400.0f}});
    rig.say({"/undo"});
    CHECK(freq() == 310);
    rig.say({"/mod/voice1/freq", {500.0f}}); // a new change, however soon
    CHECK(outcome_of(rig.say({"/redo"}), "/redo") == "NOT_NOW");
    rig.say({"/undo"});
    CHECK(freq() == 310);
    rig.say({"/undo"});
    CHECK(freq() == first);
    CHECK(outcome_of(rig.say({"/undo"}), "/undo") == "NOT_NOW");
    rig.say({"/redo"});
    CHECK(freq() == 310);
}

TEST_CASE("director: everything that changes the pattern can be undone, however it is said",
          "[osc]") {
    DirectorRig rig;
    rig.say({"/seq/add", {"a", "voice1", "x..."}});
    rig.say({"/pattern/save", {1}});
    rig.wait_for_disk();
    rig.told();
    for (const Message &change :
         {Message{"/mod/voice1/freq", {300.0f}}, Message{"/mod/sine1/freq", {300.0f}},
          Message{"/mod/voice*/freq", {301.0f}}, Message{"//freq", {302.0f}},
          Message{"/{mod,x}/voice1/freq", {303.0f}}, Message{"/seq/bpm", {91}},
          Message{"/seq/swing", {0.3f}}, Message{"/seq/mute", {"a", 1}}, Message{"/seq/clear"},
          Message{"/seq/add", {"b", "voice2", "x"}}, Message{"/pattern/load", {1, "now"}}}) {
        rig.run(200);
        const Scene before = rig.session.scene();
        const std::size_t past = rig.context.desk.undo.past();
        rig.say(change);
        INFO(change.address);
        CHECK(rig.context.desk.undo.past() == past + 1);
        CHECK(outcome_of(rig.say({"/undo"}), "/undo") == "/reply");
        Scene undone = rig.session.scene();
        for (std::size_t i = 0; i < undone.track_count; ++i)
            undone.tracks[i].uid = before.tracks[i].uid;
        CHECK(undone == before);
    }
}

TEST_CASE("director: a number far beyond every choice is refused, on the short way and the long",
          "[osc]") {
    DirectorRig rig;
    const Value beyond =
        GENERATE(Value{1e18f}, Value{-1e18}, Value{std::int64_t{1} << 60}, Value{1e30f});
    for (const char *address : {"/mod/voice1/osc/type", "/mod/acid1/source", "/mod/lfo1/target"})
        CHECK(outcome_of(rig.say({address, {beyond}}), address) == "OUT_OF_RANGE");
}

} // namespace chronus::osc
