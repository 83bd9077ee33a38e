#include "osc/topics.h"

#include "osc/subscriptions.h"
#include "osc/track_json.h"
#include "tests/support/listeners.h"
#include "tests/support/random_scene.h"
#include "tests/support/scenes.h"
#include "tests/support/stage.h"

#include <catch2/catch.hpp>

#include <ctime>

using namespace chronus;
using namespace chronus::osc;
using test::client;
using test::connection;
using test::kMs;
using test::kSecond;
using test::Stage;
using test::track;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true; // and ten times as slow
#else
constexpr bool kSanitized = false;
#endif

const Peer kAnna = client(6001), kBert = client(6002), kCarl = connection(1);
constexpr TopicId kPosition = topic("/seq/position"), kMeter = topic("/meter");

std::vector<Value> position(int step) { return {step / 16 + 1, step % 16 / 4 + 1, step % 16 + 1}; }

std::vector<std::string> names(const std::vector<osc::Message> &messages) {
    std::vector<std::string> all;
    for (const osc::Message &m : messages) all.push_back(std::get<std::string>(m.args.at(0)));
    return all;
}

/// Of this thread, however busy the machine is. Units: ns.
std::int64_t cpu_ns() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::int64_t{now.tv_sec} * kSecond + now.tv_nsec;
}

} // namespace

TEST_CASE("topics: what is posted reaches those who want it, once, and later comers too") {
    Stage stage;
    stage.subscribe(kAnna, "/meter");
    stage.subscribe(kBert, "/mod/voice1/pan");
    CHECK(stage.all.wants(kMeter));
    CHECK_FALSE(stage.all.wants(kPosition));
    const std::vector<Value> blob{Blob(8)};
    for (int n = 0; n < 5; ++n) {
        stage.all.post(kMeter, blob);
        stage.all.post(kPosition, position(n)); // nobody wants to know
        stage.pass(kSecond);
    }
    CHECK(stage.news(kAnna) == std::vector<osc::Message>{{"/meter", blob}});
    for (const osc::Message &m : stage.news(kBert)) CHECK(m.address == "/mod/voice1/pan");
    stage.subscribe(kCarl, "/meter");
    stage.pass(kSecond);
    CHECK(stage.news(kCarl) == std::vector<osc::Message>{{"/meter", blob}});
    CHECK(stage.news(kAnna).empty());
}

TEST_CASE("topics: a step does not wait for values, however many there are") {
    Stage stage{64};
    stage.subscribe(kAnna, "/*", {.max_hz = 30});
    for (int step = 0; step < 64; ++step) {
        stage.all.post(kPosition, position(step));
        stage.turn();
        const auto told = stage.news(kAnna);
        REQUIRE_FALSE(told.empty());
        CHECK(told.front() == osc::Message{"/seq/position", position(step)});
        for (int n = 0; n < 25; ++n) {
            stage.set(kBert, {static_cast<std::uint16_t>(n)}, static_cast<float>(step));
            stage.pass(5 * kMs);
        }
        stage.news(kAnna);
    }
}

TEST_CASE("topics: a step carries the moment it is heard, values are for now") {
    Stage stage;
    stage.subscribe(kAnna, "/*");
    stage.when = {0x1234'5678'9abc'def0};
    stage.all.post(kPosition, position(3));
    stage.turn();
    std::size_t steps = 0, others = 0;
    for (const test::Heard &packet : stage.listeners.heard[kAnna])
        for (const TimedMessage &m : packet.messages) {
            if (m.message.address == "/rev") continue;
            const bool step = m.message.address == "/seq/position";
            CHECK(m.timetag == (step ? stage.when.ntp : 1));
            ++(step ? steps : others);
        }
    CHECK(steps == 1);
    CHECK(others > 10);
}

TEST_CASE("topics: steps faster than the client wants are told of as rarely as it wants") {
    Stage stage;
    stage.subscribe(kAnna, "/seq/position", {.max_hz = 2});
    for (int step = 0; step < 80; ++step) { // ten seconds
        stage.all.post(kPosition, position(step));
        stage.pass(125 * kMs);
    }
    stage.pass(kSecond);
    const auto told = stage.news(kAnna);
    CHECK(told.size() >= 19);
    CHECK(told.size() <= 22);
    CHECK(told.back().args == position(79));
}

TEST_CASE("topics: a track is told when it comes, changes and goes, and no other with it") {
    Stage stage;
    stage.subscribe(kAnna, "/seq/track");
    Session &session = stage.rig.session;
    REQUIRE(session.put_track(track("kick", 1, "X...")));
    REQUIRE(session.put_track(track("hat", 2, "x.x.")));
    stage.pass(kSecond);
    CHECK(names(stage.news(kAnna)) == std::vector<std::string>{"kick", "hat"});

    REQUIRE(session.edit_track("hat", [](Track &t) {
        t.mute = true;
        return Outcome{Done{}};
    }));
    stage.pass(kSecond);
    CHECK(stage.news(kAnna) ==
          std::vector<osc::Message>{
              {"/seq/track", {std::string{"hat"}, track_json(*session.find_track("hat"))}}});
    stage.set(kBert, param("voice1/pan"), 0.5f);
    stage.pass(kSecond);
    CHECK(stage.news(kAnna).empty());

    REQUIRE(session.remove_track("kick"));
    stage.pass(kSecond);
    CHECK(stage.news(kAnna) ==
          std::vector<osc::Message>{{"/seq/track", {std::string{"kick"}, std::string{}}}});
    stage.subscribe(kAnna, "/seq/track");
    stage.pass(kSecond);
    CHECK(names(stage.news(kAnna)) == std::vector<std::string>{"hat"});
}

TEST_CASE("topics: of a track that came and went between two batches nothing is said at all") {
    Stage stage;
    stage.subscribe(kAnna, "/seq/track", {.max_hz = 1});
    REQUIRE(stage.rig.session.put_track(track("kick", 1, "X...")));
    stage.turn();
    stage.listeners.heard.clear();
    REQUIRE(stage.rig.session.put_track(track("hat", 2, "x.x.")));
    stage.turn();
    REQUIRE(stage.rig.session.remove_track("hat"));
    stage.pass(3 * kSecond);
    CHECK(stage.listeners.heard[kAnna].empty());
}

TEST_CASE("topics: a client that slept through hundreds of tracks is told of those there are") {
    Stage stage;
    stage.subscribe(kCarl, "/seq/track");
    test::Belief belief;
    const auto put = [&](int n) {
        REQUIRE(stage.rig.session.put_track(track("track " + std::to_string(n), 1, "X.x.")));
    };
    for (int n = 0; n < 60; ++n) put(n);
    stage.pass(kSecond);
    belief.take_in(stage.news(kCarl));
    CHECK(belief.tracks.size() == 60);

    stage.listeners.stalled.insert(kCarl);
    for (int n = 60; n < 360; ++n) {
        REQUIRE(stage.rig.session.remove_track("track " + std::to_string(n - 60)));
        put(n);
        stage.pass(10 * kMs);
    }
    stage.listeners.stalled.clear();
    stage.pass(kSecond);
    const auto told = stage.news(kCarl);
    CHECK(told.size() == 120); // 60 that came, 60 that it knew and that went
    belief.take_in(told);
    CHECK(belief.tracks.size() == 60);
    CHECK(belief.tracks.contains("track 359"));
}

TEST_CASE("topics: the longest track is told whole, in arguments that every client takes") {
    Stage stage;
    stage.subscribe(kAnna, "/seq/track");
    Track longest;
    std::size_t most = 0;
    for (std::uint64_t seed = 1; seed < 200; ++seed) {
        const auto document = test::random_document(seed);
        for (const Track &t : document.scene.playing())
            if (const std::size_t size = track_json(t).size(); size > most)
                most = size, longest = t;
    }
    REQUIRE(most > 4000);
    longest.name.assign("long");
    REQUIRE(stage.rig.session.put_track(longest));
    stage.pass(kSecond);
    const auto told = stage.news(kAnna);
    REQUIRE(told.size() == 1);
    for (const Value &part : told[0].args) CHECK(std::get<std::string>(part).size() <= 3000);
    test::Belief belief;
    belief.take_in(told);
    CHECK(belief.tracks["long"] == track_json(longest));
}

TEST_CASE("topics: clients that take nothing or subscribe without end cost no other a turn",
          "[perf]") {
    Stage stage{64};
    for (std::uint32_t n = 1; n <= 32; ++n) {
        stage.subscribe(connection(n), "/*", {.max_hz = 200});
        stage.listeners.stalled.insert(connection(n));
    }
    for (std::uint16_t n = 1; n <= 31; ++n) stage.subscribe(client(n), "/*", {.max_hz = 200});
    stage.subscribe(kAnna, "/mod/voice1", {.max_hz = 200});
    stage.pass(kSecond);

    std::int64_t longest = 0;
    for (int n = 0; n < 300; ++n) {
        for (std::uint16_t port = 1; port <= 31; ++port) {
            stage.subscribe(client(port), "/*");
            stage.news(client(port));
        }
        stage.news(kAnna);
        const float pan = n % 2 == 0 ? 0.5f : -0.5f;
        for (std::uint16_t i = 0; i < kParamCount; ++i)
            if (spec_of({i}).kind == Kind::amount)
                stage.set(kBert, {i}, n % 2 == 0 ? spec_of({i}).min : spec_of({i}).max);
        stage.set(kBert, param("voice1/pan"), pan);
        (void)stage.rig.render(64); // which empties the engine's queue
        const std::int64_t begin = cpu_ns();
        stage.turn();
        longest = std::max(longest, cpu_ns() - begin);
        test::Belief belief;
        belief.take_in(stage.news(kAnna));
        REQUIRE(belief.values["/mod/voice1/pan"] == std::vector<Value>{pan});
        stage.now_ns += 5 * kMs;
    }
    INFO(longest << " ns");
    CHECK(longest < (kSanitized ? 50 : 5) * kMs);
}
