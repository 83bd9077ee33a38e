#include "osc/subscriptions.h"

#include "osc/errors.h"
#include "osc/param_words.h"
#include "osc/track_json.h"
#include "tests/support/listeners.h"
#include "tests/support/random_player.h"
#include "tests/support/stage.h"

#include <catch2/catch.hpp>

#include <string>

using namespace chronus;
using namespace chronus::osc;
using Catch::Matchers::StartsWith;
using test::client;
using test::connection;
using test::kMs;
using test::kSecond;
using test::Stage;

namespace {

const Peer kAnna = client(6001), kBert = client(6002), kCarl = connection(1);
constexpr ParamId kCutoff = param("voice1/filter/freq"), kPan = param("voice1/pan");
const std::string kCutoffAddress = "/mod/voice1/filter/freq";

/// What asking for each parameter would answer.
std::map<std::string, std::vector<Value>> asked(Session &session) {
    std::map<std::string, std::vector<Value>> all;
    for (std::uint16_t i = 0; i < kParamCount; ++i) {
        const ParamPlace place = place_of({i});
        if (place.module == 0 && place.instance >= session.config().voices) continue;
        all["/mod/" + std::string{path_of({i}).view()}] = {told_value({i}, session.get({i}))};
    }
    return all;
}

std::map<std::string, std::string> listed(Session &session) {
    std::map<std::string, std::string> all;
    for (const Track &t : session.scene().playing())
        all[std::string{t.name.view()}] = track_json(t);
    return all;
}

std::string why(const Error &error) {
    return std::string{error_row(error.code).symbol} + " " + error.what + " -> " + error.hint;
}

std::string addresses(const std::vector<osc::Message> &messages) {
    std::string all;
    for (const osc::Message &m : messages) all += m.address + " ";
    return all;
}

} // namespace

TEST_CASE("subscriptions: first all that a pattern names, then what changes and nothing else") {
    Stage stage;
    stage.set(kBert, kCutoff, 700);
    stage.subscribe(kAnna, "/mod/voice1");
    stage.pass(kSecond);
    const auto snapshot = stage.news(kAnna);
    CHECK(snapshot.size() == kModules[0].params.size());
    test::Belief belief;
    belief.take_in(snapshot);
    CHECK(belief.values[kCutoffAddress] == std::vector<Value>{700.0f});

    stage.pass(kSecond);
    CHECK(stage.news(kAnna).empty());
    stage.set(kBert, kCutoff, 800);
    stage.set(kBert, param("voice2/amp"), 0.1f);
    stage.pass(kSecond);
    CHECK(stage.news(kAnna) == std::vector<osc::Message>{{kCutoffAddress, {800.0f}}});
}

TEST_CASE("subscriptions: whatever is played, what was told is what asking would answer") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Stage stage{seed % 2 == 0 ? std::uint16_t{8} : std::uint16_t{64}};
        test::RandomPlayer player{stage.rig.session, seed};
        std::map<Peer, test::Belief> beliefs;
        for (const Peer &peer : {kAnna, kBert, kCarl}) {
            for (int n = 0; n < 20; ++n) {
                player.act();
                (void)stage.rig.render(64);
            }
            stage.subscribe(peer, "/mod", {.max_hz = peer == kBert ? 2.0f : 200.0f});
            stage.subscribe(peer, "/seq");
        }
        const auto listen = [&] {
            for (const Peer &peer : {kAnna, kBert, kCarl}) beliefs[peer].take_in(stage.news(peer));
        };
        for (int n = 0; n < 200; ++n) {
            if (player.chance().one_in(10)) stage.listeners.stalled.insert(kCarl);
            if (player.chance().one_in(10)) stage.listeners.stalled.clear();
            player.act();
            (void)stage.rig.render(64);
            stage.pass(static_cast<std::int64_t>(player.chance().below(20)) * kMs);
            listen();
        }
        stage.listeners.stalled.clear();
        stage.pass(3 * kSecond);
        listen();
        INFO("seed " << seed);
        for (const auto &[peer, belief] : beliefs) {
            INFO(peer.text());
            CHECK(belief.values == asked(stage.rig.session));
            CHECK(belief.tracks == listed(stage.rig.session));
        }
    }
}

TEST_CASE("subscriptions: an author is not told what it said, all others are") {
    Stage stage;
    for (const Peer &peer : {kAnna, kBert}) stage.subscribe(peer, "/mod");
    stage.pass(kSecond);
    stage.news(kAnna), stage.news(kBert);
    for (int n = 0; n < 100; ++n) {
        stage.set(kAnna, kCutoff, 100.0f + static_cast<float>(n));
        stage.set(kBert, kPan, static_cast<float>(n % 3) / 4);
        stage.pass(7 * kMs);
    }
    stage.pass(kSecond);
    for (const osc::Message &m : stage.news(kAnna)) CHECK(m.address == "/mod/voice1/pan");
    const auto told = stage.news(kBert);
    for (const osc::Message &m : told) CHECK(m.address == kCutoffAddress);
    CHECK(told.back() == osc::Message{kCutoffAddress, {199.0f}});
}

TEST_CASE("subscriptions: an author whose value did not stay is told, and so never errs") {
    Stage stage;
    for (const Peer &peer : {kAnna, kBert}) stage.subscribe(peer, "/mod/voice1/filter/freq");
    stage.set(kCarl, kCutoff, 500);
    stage.pass(kSecond);
    stage.news(kAnna), stage.news(kBert);

    SECTION("another said something else in the same moment") {
        stage.set(kAnna, kCutoff, 600);
        stage.set(kBert, kCutoff, 700);
        stage.pass(kSecond);
        CHECK(stage.news(kAnna) == std::vector<osc::Message>{{kCutoffAddress, {700.0f}}});
        CHECK(stage.news(kBert).empty());
    }
    SECTION("another put it back to what all had been told") {
        stage.set(kAnna, kCutoff, 600);
        stage.set(kBert, kCutoff, 500);
        stage.pass(kSecond);
        CHECK(stage.news(kAnna) == std::vector<osc::Message>{{kCutoffAddress, {500.0f}}});
        CHECK(stage.news(kBert).empty());
    }
    SECTION("a pattern took over in the same moment, with the value all had been told") {
        stage.set(kAnna, kCutoff, 600);
        Scene scene;
        scene.params.set(kCutoff, 500);
        REQUIRE(stage.rig.session.switch_to(scene, Boundary::now));
        stage.pass(kSecond);
        CHECK(stage.news(kAnna) == std::vector<osc::Message>{{kCutoffAddress, {500.0f}}});
    }
    SECTION("it had to be clipped") {
        stage.set(kAnna, kCutoff, 1e6f);
        stage.pass(kSecond);
        CHECK(stage.news(kAnna) == std::vector<osc::Message>{{kCutoffAddress, {20000.0f}}});
    }
    SECTION("it said two things, and the last holds") {
        stage.set(kAnna, kCutoff, 600);
        stage.set(kAnna, kCutoff, 500);
        stage.pass(kSecond);
        CHECK(stage.news(kAnna).empty());
        CHECK(stage.news(kBert).empty());
    }
    SECTION("its number is another's by then") {
        stage.set(kAnna, kCutoff, 600);
        stage.all.forget(kAnna);
        stage.subscribe(kCarl, "/mod/voice1/filter/freq");
        stage.pass(kSecond);
        CHECK(stage.news(kCarl) == std::vector<osc::Message>{{kCutoffAddress, {600.0f}}});
    }
}

TEST_CASE(
    "subscriptions: words that may have crossed on the way are told again, so all end alike") {
    Stage stage;
    for (const Peer &peer : {kAnna, kBert}) stage.subscribe(peer, "/mod/voice1/pan");
    stage.pass(kSecond);
    stage.news(kAnna), stage.news(kBert);
    const auto wait = GENERATE(0 * kMs, 90 * kMs, 300 * kMs);
    stage.set(kBert, kPan, 0.5f);
    stage.turn(); // to Anna, who has not heard it yet when she says
    stage.pass(wait);
    stage.set(kAnna, kPan, 0.25f);
    stage.pass(kSecond);
    const osc::Message bert_said{"/mod/voice1/pan", {0.5f}}, anna_said{"/mod/voice1/pan", {0.25f}};
    if (wait < 100 * kMs)
        CHECK(stage.news(kAnna) == std::vector{bert_said, anna_said});
    else
        CHECK(stage.news(kAnna) == std::vector{bert_said});
    CHECK(stage.news(kBert) == std::vector{anna_said});
}

TEST_CASE("subscriptions: who sets a value right after subscribing is still told everything once") {
    Stage stage;
    stage.subscribe(kAnna, "/mod/voice1");
    stage.set(kAnna, kCutoff, 321);
    stage.pass(kSecond);
    const auto told = stage.news(kAnna);
    CHECK(told.size() == kModules[0].params.size());
    CHECK(std::ranges::count(told, osc::Message{kCutoffAddress, {321.0f}}) == 1);
}

TEST_CASE("subscriptions: no address is told more often than the client's rate") {
    for (const float hz : {0.5f, 10.0f, 30.0f, 200.0f}) {
        Stage stage{64};
        stage.subscribe(kAnna, "/mod", {.max_hz = hz, .lease_s = 100});
        const auto period = static_cast<std::int64_t>(1e9 / static_cast<double>(hz));
        const std::int64_t end = stage.now_ns + 60 * period;
        for (float value = 100; stage.now_ns < end; value += 0.01f) {
            for (const ParamId id :
                 {param("voice1/freq"), param("voice40/freq"), param("lfo4/rate")})
                stage.set(kBert, id, clamped(id, value));
            stage.set(kBert, kCutoff, value);
            stage.pass(kMs);
        }
        std::map<std::string, std::int64_t> last;
        std::size_t told = 0;
        for (const test::Heard &packet : stage.listeners.heard[kAnna])
            for (const TimedMessage &m : packet.messages) {
                if (m.message.address == "/rev") continue;
                if (const auto before = last.find(m.message.address); before != last.end())
                    REQUIRE(packet.at_ns - before->second >= period);
                last[m.message.address] = packet.at_ns;
                told += m.message.address == kCutoffAddress;
            }
        INFO(hz);
        CHECK(told >= 3); // the snapshot of 64 voices takes a while at 2 ms a packet
        CHECK(told <= 61);
    }
}

TEST_CASE("subscriptions: an idle client hears of a change at once, whatever its rate") {
    Stage stage;
    stage.subscribe(kAnna, "/mod/voice1/pan", {.max_hz = 1});
    stage.pass(5 * kSecond);
    stage.news(kAnna);
    stage.set(kBert, kPan, 0.5f);
    stage.turn();
    CHECK(stage.news(kAnna).size() == 1);
    stage.set(kBert, kPan, 0.25f);
    stage.pass(900 * kMs);
    CHECK(stage.news(kAnna).empty());
    stage.pass(200 * kMs);
    CHECK(stage.news(kAnna) == std::vector<osc::Message>{{"/mod/voice1/pan", {0.25f}}});
}

TEST_CASE("subscriptions: a client that took nothing for a while is told the latest alone") {
    Stage stage;
    stage.subscribe(kCarl, "/mod/voice1");
    stage.pass(kSecond);
    stage.news(kCarl);
    stage.listeners.stalled.insert(kCarl);
    for (int n = 0; n < 1000; ++n) {
        stage.set(kAnna, kCutoff, 100.0f + static_cast<float>(n));
        stage.set(kAnna, kPan, static_cast<float>(n) / 1000);
        stage.pass(10 * kMs);
    }
    stage.listeners.stalled.clear();
    stage.pass(kSecond);
    const auto told = stage.news(kCarl);
    CHECK(told.size() == 2);
    test::Belief belief;
    belief.take_in(told);
    CHECK(belief.values["/mod/voice1/pan"] == std::vector<Value>{0.999f});
    CHECK(belief.values[kCutoffAddress] == std::vector<Value>{1099.0f});
}

TEST_CASE("subscriptions: every packet begins with a revision, and holds nothing older") {
    Stage stage;
    stage.subscribe(kAnna, "/mod");
    std::int32_t last = 0;
    for (int n = 0; n < 200; ++n) {
        stage.set(kBert, kCutoff, 100.0f + static_cast<float>(n));
        const auto revision = static_cast<std::int32_t>(stage.rig.session.revision());
        stage.turn();
        for (const test::Heard &packet : stage.listeners.heard[kAnna]) {
            REQUIRE(packet.messages.at(0).message == osc::Message{"/rev", {revision}});
            REQUIRE(packet.messages.size() > 1);
            CHECK(revision >= last);
            last = revision;
        }
        stage.news(kAnna);
        stage.now_ns += 3 * kMs;
    }
}

TEST_CASE("subscriptions: datagrams cross any network whole and leave the reader time") {
    Stage stage{64};
    stage.subscribe(kAnna, "/mod");
    stage.subscribe(kCarl, "/mod");
    stage.pass(kSecond);
    const auto &heard = stage.listeners.heard[kAnna];
    CHECK(heard.size() > 30); // 1,300 parameters and more, of 36 bytes and more
    for (const test::Heard &packet : heard) REQUIRE(packet.bytes <= 1400);
    for (std::size_t i = 1; i < heard.size(); ++i)
        REQUIRE(heard[i].at_ns - heard[i - 1].at_ns >= 2 * kMs);
    CHECK(heard.back().at_ns - heard.front().at_ns < 200 * kMs);
    for (const test::Heard &packet : stage.listeners.heard[kCarl]) REQUIRE(packet.bytes <= 8192);
}

TEST_CASE("subscriptions: a lease ends unless it is renewed; a connection's never does") {
    Stage stage;
    stage.subscribe(kAnna, "/mod/voice1", {.lease_s = 10});
    stage.subscribe(kCarl, "/mod/voice1", {.lease_s = 10});
    stage.pass(9 * kSecond);
    REQUIRE(stage.all.renew(kAnna, stage.now_ns));
    stage.pass(9 * kSecond);
    stage.news(kAnna), stage.news(kCarl);
    stage.set(kBert, kPan, 0.5f);
    stage.pass(kSecond / 2);
    CHECK(stage.news(kAnna).size() == 1);
    CHECK(stage.news(kCarl).size() == 1);
    stage.pass(kSecond);
    stage.set(kBert, kPan, 0.25f);
    stage.pass(kSecond);
    CHECK(stage.news(kAnna).empty());
    CHECK(stage.news(kCarl).size() == 1);
    CHECK_FALSE(stage.all.renew(kAnna, stage.now_ns));
    stage.all.forget(kCarl);
    CHECK(stage.all.none());
    CHECK_FALSE(stage.all.next_ns(stage.now_ns));
}

TEST_CASE("subscriptions: terms are clipped, and stay until others are agreed on") {
    Stage stage;
    const Subscriber &anna = stage.subscribe(kAnna, "/mod/voice1");
    CHECK(anna.max_hz() == 30);
    CHECK(anna.lease_s() == 30);
    stage.subscribe(kAnna, "/mod/voice2", {.max_hz = 1e4f, .lease_s = 1 << 30});
    CHECK(anna.max_hz() == 200);
    CHECK(anna.lease_s() == 3600);
    stage.subscribe(kAnna, "/mod/voice3", {.max_hz = -1.0f, .lease_s = -5});
    CHECK(anna.max_hz() == 0.1f);
    CHECK(anna.lease_s() == 1);
    stage.subscribe(kAnna, "/mod/voice4");
    CHECK(anna.max_hz() == 0.1f);
}

TEST_CASE("subscriptions: what was unsubscribed from is told no more, what remains is") {
    Stage stage;
    stage.subscribe(kAnna, "/mod/voice1");
    stage.subscribe(kAnna, "/mod/voice1/pan");
    stage.subscribe(kAnna, "/mod/voice2");
    stage.pass(kSecond);
    stage.news(kAnna);
    REQUIRE(stage.all.unsubscribe(kAnna, "/mod/voice1"));
    stage.set(kBert, kCutoff, 555);
    stage.set(kBert, kPan, 0.5f);
    stage.set(kBert, param("voice2/pan"), 0.5f);
    stage.pass(kSecond);
    CHECK(addresses(stage.news(kAnna)) == "/mod/voice1/pan /mod/voice2/pan ");
    REQUIRE(stage.all.unsubscribe(kAnna, "/mod/voice1/pan"));
    REQUIRE(stage.all.unsubscribe(kAnna, "/mod/voice2"));
    CHECK(stage.all.none());
}

TEST_CASE("subscriptions: patterns name addresses, and with each all that lies below it") {
    Stage stage;
    std::uint16_t port = 1;
    const auto named = [&](std::string_view pattern) {
        return stage.subscribe(client(port++), pattern).wanted().count();
    };
    const std::size_t of_voice = kModules[0].params.size();
    CHECK(named("/mod/voice3") == of_voice);
    CHECK(named("/mod/voice[1-4]") == 4 * of_voice);
    const auto of_filter = static_cast<std::size_t>(
        std::ranges::count_if(kModules[0].params, [](const ParamSpec &spec) {
            return spec.path.starts_with("filter/");
        }));
    CHECK(named("/mod/{voice1,voice8}/filter") == 2 * of_filter);
    CHECK(named("/mod/*/filter/freq") == 8);
    CHECK(named("//filter") == 8 * of_filter);
    CHECK(named("/mod/voice?/filter/*") == 8 * of_filter);
    const std::size_t all = named("/*");
    CHECK(all == asked(stage.rig.session).size() + kTopics.size());
    CHECK(named("//*") == all);
    CHECK(named("/mod") == all - kTopics.size());
    CHECK(named("/seq") == 3);
}

TEST_CASE("subscriptions: patterns that are hard to match are refused before they take 5 ms") {
    Stage stage{64};
    std::string stars = "/";
    while (stars.size() < 240) stars += "{a,*,?*}";
    const auto hard = stage.all.subscribe(kAnna, stars, {}, stage.now_ns);
    REQUIRE_FALSE(hard);
    CHECK(why(hard.error()).starts_with("BUSY /subscribe: /{a,*,?*}"));
    CHECK(why(hard.error()).ends_with("patterns of plain text never are -> /subscribe /mod"));
    stage.subscribe(kAnna, "/mod");
    std::size_t refused = 0;
    for (int n = 0; n < 10000; ++n) {
        const std::string pattern = "//*" + std::to_string(n) + "*?";
        const auto done = stage.all.subscribe(kBert, pattern, {}, stage.now_ns);
        REQUIRE_FALSE(done);
        refused += done.error().code == Errc::busy;
    }
    CHECK(refused > 9900);
    stage.now_ns += kSecond;
    stage.subscribe(kBert, "/mod/*/freq");
}

TEST_CASE("subscriptions: what cannot be had is refused with a way out, and changes nothing") {
    Stage stage;
    const auto refused = [&](std::string_view pattern) {
        const auto done = stage.all.subscribe(kAnna, pattern, {}, stage.now_ns);
        return done ? "accepted" : why(done.error());
    };
    CHECK(refused("/mod/voice9") == "NO_MATCH /subscribe: nothing that changes is at or below "
                                    "/mod/voice9 -> /subscribe /seq");
    for (const std::string bad : {"", "x", "/mod/voice", "/mod/voice1x",
                                  "/mod/voice1/filter/freq/x", "/pattern/save", "//////"})
        CHECK_THAT(refused(bad), StartsWith("NO_MATCH") || StartsWith("BAD_TYPE"));
    CHECK(stage.all.none());
    CHECK(why(stage.all.renew(kAnna, 0).error()) ==
          "NOT_FOUND /renew: this client has subscribed to nothing -> /subscribe /seq");
    CHECK(why(stage.all.unsubscribe(kAnna, "/mod").error()) ==
          "NOT_FOUND /unsubscribe: this client has not subscribed to /mod -> /unsubscribe");

    for (std::uint16_t i = 0; i < 32; ++i)
        stage.subscribe(kAnna, "/mod/" + std::string{path_of({i}).view()});
    CHECK(refused("/mod/voice2") ==
          "OUT_OF_RANGE /mod/voice2: 32 patterns are subscribed to, the most a client may have -> "
          "/unsubscribe /mod/voice1/freq");
    CHECK(refused("/mod/voice1/freq") == "accepted");
    for (std::uint16_t port = 1; port < 64; ++port) stage.subscribe(client(port), "/mod/voice1");
    const auto full = stage.all.subscribe(client(99), "/mod/voice1", {}, stage.now_ns);
    CHECK(why(full.error()) ==
          "BUSY /subscribe: 64 clients have subscribed, the most there may be; "
          "ask for the status instead -> /status");
    stage.all.forget(client(7));
    stage.subscribe(client(99), "/mod/voice1");
}
