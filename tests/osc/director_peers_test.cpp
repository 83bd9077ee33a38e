#include "osc/packet.h"
#include "tests/support/director_rig.h"

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

const std::string kObserve(20, 'o'), kPerform(20, 'p'), kAdmin(20, 'a');
const test::DirectorRigConfig kWithTokens{.tokens = "observe " + kObserve + "\nperform " +
                                                    kPerform + "\nadmin " + kAdmin + "\n"};

/// A message as long as an answer to it may need.
Message padded(std::string address, std::vector<Value> args, std::size_t bytes) {
    args.emplace_back(std::string(bytes, 'x'));
    return {std::move(address), std::move(args)};
}

} // namespace

TEST_CASE("director: a stranger changes nothing and learns nothing, on either way", "[osc]") {
    DirectorRig rig(kWithTokens);
    const Peer stranger = test::stranger();
    const auto revision = rig.session.revision();
    for (const Message &said :
         {padded("/seq/start", {}, 400), padded("/mod/voice1/freq", {300.0f}, 400),
          padded("/gate/voice1", {1}, 400), padded("/status", {}, 400),
          padded("/pattern/delete", {1}, 400), padded("/at", {"bar:2", "/seq/start"}, 400),
          padded("/mod/voice*/freq", {300.0f}, 400)}) {
        const std::string address = said.address == "/at" ? "/seq/start" : said.address;
        INFO(address);
        CHECK(outcome_of(rig.say(said, stranger), address) == "AUTH");
    }
    (void)rig.say({"/mod/voice1/freq", {300.0f}}, stranger); // the shape of the short way
    CHECK(rig.session.revision() == revision);
    CHECK(rig.context.schedule.size() == 0);
}

TEST_CASE("director: a stranger is sent three times what came at most, whatever it asks", "[osc]") {
    DirectorRig rig(kWithTokens);
    const Peer stranger = test::stranger();
    const Messages all{{"/status"},
                       {"/engine/list"},
                       {"/schema"},
                       {"/req", {"1", "/status"}},
                       {"/seq/bpm"},
                       {"/nonsense"},
                       {"/auth", {"wrong wrong wrong wrong"}},
                       padded("/status", {}, 2000)};
    for (const Message &said : all) {
        const std::size_t before = rig.sent.size();
        const auto packet = encode(said);
        rig.take(packet, stranger);
        std::size_t bytes = 0;
        for (std::size_t i = before; i < rig.sent.size(); ++i) bytes += rig.sent[i].bytes;
        INFO(said.address);
        CHECK(bytes <= 3 * packet.size());
    }
    std::size_t bytes = 0, before = rig.sent.size();
    const auto bundle = encode_bundle({1}, all);
    rig.take(bundle, stranger);
    for (std::size_t i = before; i < rig.sent.size(); ++i) bytes += rig.sent[i].bytes;
    CHECK(bytes <= 3 * bundle.size());
}

TEST_CASE("director: a token gives its role, to its sender, with what it may", "[osc]") {
    struct Case {
        std::string token;
        const char *play, *remove;
    };
    const Case role = GENERATE(Case{kObserve, "AUTH", "AUTH"}, Case{kPerform, "/reply", "AUTH"},
                               Case{kAdmin, "/reply", "NOT_FOUND"});
    DirectorRig rig(kWithTokens);
    const Peer peer = test::stranger();
    CHECK(outcome_of(rig.say(padded("/req", {"1", "/auth", role.token}, 200), peer), "/auth") ==
          "/reply");
    CHECK(outcome_of(rig.say({"/status"}, peer), "/status") == "/reply");
    CHECK(outcome_of(rig.say({"/seq/start"}, peer), "/seq/start") == role.play);
    CHECK(outcome_of(rig.say({"/mod/voice*/freq", {1.0f}}, peer), "/mod/voice*/freq") == role.play);
    rig.say({"/pattern/delete", {1}}, peer);
    rig.wait_for_disk();
    CHECK(outcome_of(rig.told(), "/pattern/delete") ==
          (std::string{role.remove} == "AUTH" ? "" : role.remove));
    Messages all;
    for (const auto &sent : rig.sent) all.push_back(sent.message);
    CHECK(outcome_of(all, "/pattern/delete") == role.remove);
    CHECK(outcome_of(rig.say(padded("/status", {}, 400), test::stranger(4001)), "/status") ==
          "AUTH");
}

TEST_CASE("director: a flood is dropped unread, and a client that can be believed told once a "
          "second",
          "[osc]") {
    DirectorRig rig(kWithTokens);
    Peer stream = test::stranger();
    stream.stream = 5;
    for (int n = 0; n < 5000; ++n) rig.say({"/seq/start"}, stream);
    for (int n = 0; n < 200; ++n) rig.say({"/seq/start"}, test::stranger());
    CHECK(rig.context.traffic.packets == 5200);
    CHECK(rig.context.traffic.messages == 4000 + 100);
    rig.sent.clear();
    rig.run(200); // more than a second
    std::vector<DirectorRig::Sent> told;
    std::ranges::copy_if(rig.sent, std::back_inserter(told),
                         [](const auto &s) { return s.message.address == "/error"; });
    REQUIRE(told.size() == 1);
    CHECK(told[0].to == stream);
    CHECK(arg(told[0].message, 2).starts_with("rate: 1,000 packets dropped"));
    CHECK(arg(told[0].message, 3) == "QUEUE_FULL");
    CHECK(rig.context.traffic.rate_limited == 1100);
    CHECK(rig.context.clients.find(stream)->arrivals.drops() == 1000);
}

TEST_CASE("director: an address pattern reaches every parameter it names, and says how many",
          "[osc]") {
    DirectorRig rig;
    const Messages told = rig.say({"/mod/voice*/freq", {300.0f}});
    REQUIRE(outcome_of(told, "/mod/voice*/freq") == "/reply");
    CHECK(arg(*answer_to(told, "/mod/voice*/freq"), 4) == "8");
    for (const char *path : {"voice1/freq", "voice8/freq"})
        CHECK(rig.session.get(*find_param(path)) == 300);
    const Messages gates = rig.say({"/gate/voice[1-4]", {1}});
    CHECK(arg(*answer_to(gates, "/gate/voice[1-4]"), 4) == "4");
    rig.run(40);
    CHECK(rig.listener.heard.peak() > 0.01f);
    const Messages asked = rig.say({"/mod/voice{1,2}/freq"});
    CHECK(arg(*answer_to(asked, "/mod/voice{1,2}/freq"), 4) == "2");
    CHECK(arg(*answer_to(asked, "/mod/voice{1,2}/freq"), 5).find("/mod/voice2/freq") !=
          std::string::npos);
}

TEST_CASE("director: an address pattern is done for all it names or for none", "[osc]") {
    DirectorRig rig;
    const Scene before = rig.session.scene();
    const auto revision = rig.session.revision();
    // among them are choices, which 99 is not
    CHECK(outcome_of(rig.say({"/mod/voice1//", {99}}), "/mod/voice1//") != "/reply");
    CHECK(outcome_of(rig.say({"/mod/voice1/*/*", {99}}), "/mod/voice1/*/*") == "OUT_OF_RANGE");
    CHECK(rig.session.scene() == before);
    CHECK(rig.session.revision() == revision);
    CHECK(rig.context.desk.undo.past() == 0);
}

TEST_CASE("director: an address pattern that names nothing is refused with one that does",
          "[osc]") {
    DirectorRig rig;
    for (const std::string said : {"/mod/nothing*", "/seq/st*", "/pan?c", "/*", "/gate/voice9?"}) {
        const Messages told = rig.say({said, {1}});
        INFO(said);
        REQUIRE(outcome_of(told, said) == "NO_MATCH");
        CHECK(arg(*answer_to(told, said), 5) == "/mod/voice*/freq 1");
    }
    CHECK_FALSE(rig.session.running());
    CHECK(outcome_of(rig.say({"/mod/voice*/freq", {1}}), "/mod/voice*/freq") == "/reply");
    CHECK(outcome_of(rig.say({"/mod/voice[", {1}}), "/mod/voice[") == "BAD_TYPE");
}

TEST_CASE("director: what daemons say is no command, alone or among some", "[osc]") {
    DirectorRig rig;
    for (const Message &said :
         {Message{"/reply", {"/seq/start", "", "", 1}},
          Message{"/error", {"/x", -1, "", "", "", ""}}, Message{"/synced", {1}},
          Message{"/late", {"/x", "", 0.1}}, Message{"/rev", {1}}, Message{"/seq/position", {1}},
          Message{"/pattern/applied", {1}}, Message{"/meter"}, Message{"/viz/levels", {0.1f}}}) {
        INFO(said.address);
        CHECK(rig.say(said).empty());
        CHECK(outcome_of(rig.say_together({said, {"/seq/status"}}), "/seq/status") == "/reply");
    }
    CHECK(rig.context.traffic.bad_packets == 0);
    CHECK(outcome_of(rig.say({"/engine/health", {"{}"}}), "/engine/health").empty());
    CHECK(outcome_of(rig.say({"/engine/health"}), "/engine/health") == "/reply"); // asks
}

TEST_CASE("director: two daemons set at each other fall silent", "[osc]") {
    DirectorRig one, two;
    const Peer first = test::me(5005), second = test::me(5006);
    Messages said = one.say_together({{"/status"},
                                      {"/nonsense"},
                                      {"/mod/voice1/freq"},
                                      {"/mod/voice*/amp"},
                                      {"/sync", {1}},
                                      {"/engine/list"},
                                      {"/req", {"1", "/no"}}},
                                     1, second);
    int turns = 0;
    for (bool to_two = true; !said.empty() && turns < 20; to_two = !to_two, ++turns) {
        Messages back;
        for (const Message &m : said)
            for (const Message &answer : to_two ? two.say(m, first) : one.say(m, second))
                back.push_back(answer);
        said = back;
    }
    CHECK(turns < 5);
}

TEST_CASE("director: a source is told what is wrong with its packets once a second", "[osc]") {
    DirectorRig rig;
    const std::vector<std::byte> broken{std::byte{'/'}, std::byte{'x'}, std::byte{0}};
    CHECK(rig.take(broken).size() == 1);
    for (int n = 0; n < 10; ++n) CHECK(rig.take(broken).empty());
    CHECK(rig.take(broken, test::me(4001)).size() == 1);
    rig.run(200);
    const Messages told = rig.take(broken);
    REQUIRE(told.size() == 1);
    CHECK(arg(told[0], 0) == "/x");
    CHECK(arg(told[0], 3) == "CORRUPT");
    CHECK(rig.context.traffic.bad_packets == 13);
}

TEST_CASE("director: what was promised to a program of this machine happens when it is gone",
          "[osc]") {
    DirectorRig rig;
    Peer stream{.stream = 5, .local = true};
    rig.say({"/seq/add", {"a", "voice1", "x"}}, stream);
    rig.say({"/seq/start"}, stream);
    rig.run(20);
    rig.say({"/seq/quant", {"bar"}}, stream);
    rig.say({"/at", {"bar+1", "/req", "1", "/seq/bpm", 90}}, stream);
    rig.say({"/seq/mute", {"a", 1}}, stream);
    rig.director.forget(stream);
    CHECK(rig.context.answered.ids() == 0);
    rig.run(400);
    CHECK(rig.session.get(param("seq/bpm")) == 90);
    CHECK(rig.session.find_track("a")->mute);
    CHECK(rig.context.answered.ids() == 0);
    CHECK(rig.context.clients.find(stream) == nullptr);
}

TEST_CASE("director: a client with a token that is gone leaves nothing behind", "[osc]") {
    DirectorRig rig(kWithTokens);
    Peer stream = test::stranger();
    stream.stream = 5;
    rig.say({"/auth", {kAdmin}}, stream);
    rig.say({"/at", {"bar:9", "/req", "1", "/seq/bpm", 90}}, stream);
    CHECK(rig.context.schedule.size() == 1);
    rig.director.forget(stream);
    CHECK(rig.context.schedule.size() == 0);
    CHECK(rig.context.answered.ids() == 0);
    CHECK(rig.context.clients.find(stream) == nullptr);
    CHECK(outcome_of(rig.say({"/status"}, stream), "/status") == "AUTH");
}

} // namespace chronus::osc
