#include "patterns/history/changes.h"
#include "patterns/history/executions.h"
#include "patterns/history/performance.h"
#include "patterns/show/bisect.h"
#include "tests/support/director_rig.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace chronus;
using namespace chronus::test;

namespace {

constexpr std::uint64_t kSecond = 188; // blocks

/// Two tracks that play, or none, and what is done to them.
struct Stage {
    DirectorRig rig;

    explicit Stage(bool plays = true) {
        if (!plays) return;
        rig.say({"/seq/add", {"kick", "voice1", "X.x.X.x."}});
        rig.say({"/seq/add", {"hat", "voice2", "xxxxxxxx"}});
    }
    void start() {
        rig.say({"/seq/start"});
        rig.run(2 * kSecond);
    }
    void stop() {
        rig.run(3 * kSecond);
        rig.say({"/seq/stop"});
        rig.run(4);
    }
    /// What changes nothing one could look for.
    void fidget(Chance &chance) {
        const auto voice = "/mod/voice" + std::to_string(1 + chance.below(2));
        switch (chance.below(4)) {
        case 0:
            return (void)rig.say({voice + "/pan", {chance.within(-0.5f, 0.5f)}});
        case 1:
            return (void)rig.say({"/seq/bpm", {120.0f}});
        case 2:
            return (void)rig.say_together({{voice + "/filter/q", {chance.within(0.5f, 0.9f)}},
                                           {voice + "/pan", {chance.within(-0.5f, 0.5f)}}});
        default:
            return (void)rig.say({voice + "/filter/freq", {chance.within(3000, 5000)}}, me(4007));
        }
    }
    patterns::BisectOrder order(const std::string &words) {
        const auto predicate = patterns::parse_predicate(words);
        REQUIRE(predicate);
        patterns::BisectOrder out{.predicate = *predicate, .words = words};
        std::optional<Outcome> found;
        REQUIRE(rig.context.history.ask(
            [&out](patterns::Database &db) -> Outcome {
                const auto all = patterns::executions(db, {});
                if (!all) return all.error();
                auto one = patterns::performance(db, all->front().id, CHRONUS_VERSION);
                if (!one) return one.error();
                auto changes = patterns::changes(db, all->front().id);
                if (!changes) return changes.error();
                out.performance = std::make_shared<const patterns::Performance>(*std::move(one));
                out.changes = *std::move(changes);
                return Done{};
            },
            [&](const Outcome &told) { found = told; }));
        rig.wait_for_history();
        REQUIRE(found);
        INFO((*found ? "" : found->error().what));
        REQUIRE(*found);
        return out;
    }
    patterns::Bisected bisected(const patterns::BisectOrder &order) {
        ProgressScope level = rig.progress.begin("bisect", "test");
        const auto out = patterns::bisect(order, level);
        INFO((out ? "" : out.error().what));
        REQUIRE(out);
        level.complete();
        return *out;
    }
    /// The command of the change that is found.
    std::string culprit(const std::string &words) {
        const auto order = this->order(words);
        const auto found = bisected(order);
        return found.change ? order.changes[*found.change].command : "";
    }
};

} // namespace

TEST_CASE("bisect: the change that silenced, raised or lowered a performance is found", "[osc]") {
    struct Case {
        std::string words;
        osc::Message culprit;
        std::string command;
    };
    const std::vector<Case> cases{
        {"silence", {"/seq/clear", {}}, "/seq/clear"},
        {"silence=0.5", {"/mod/master/level", {0.0f}}, "/mod/master/level 0"},
        {"silence=1", {"/pattern/load", {100}}, "/pattern/load 100"},
        {"level>-20", {"/mod/voice1/amp", {1.0f}}, "/mod/voice1/amp 1"},
        {"level<-60", {"/mod/master/level", {0.001f}}, "/mod/master/level 0.001"},
        {"peak<-60", {"/seq/remove", {"kick"}}, "/seq/remove kick"},
    };
    for (const Case &each : cases) {
        INFO(each.words);
        Stage stage;
        DirectorRig &rig = stage.rig;
        if (each.words == "peak<-60") rig.say({"/seq/remove", {"hat"}});
        if (each.words == "silence=1") {
            rig.say({"/seq/mute", {"kick", 1}});
            rig.say({"/seq/mute", {"hat", 1}});
            rig.say({"/pattern/save", {100}});
            rig.wait_for_disk();
            rig.say({"/seq/mute", {"kick", 0}});
            rig.say({"/seq/mute", {"hat", 0}});
        }
        if (each.words == "level>-20")
            rig.say_together({{"/mod/voice1/amp", {0.02f}}, {"/mod/voice2/amp", {0.02f}}});
        stage.start();
        Chance chance{7};
        for (int n = 0; n < 10; ++n) stage.fidget(chance), rig.run(9);
        rig.say(each.culprit, me(4002));
        for (int n = 0; n < 10; ++n) stage.fidget(chance), rig.run(9);
        stage.stop();
        const auto order = stage.order(each.words);
        const auto found = stage.bisected(order);
        REQUIRE(found.held);
        REQUIRE(found.change);
        const patterns::Change &change = order.changes[*found.change];
        CHECK(change.command == each.command);
        CHECK(change.author == "this machine");
        CHECK(change.frame < *found.held);
        CHECK(found.change_bar == 2);
        CHECK(found.played <= 11);
        if (each.words == "level>-20") {
            CHECK(found.before <= -20);
            CHECK(found.after > -20);
        }
    }
}

TEST_CASE("bisect: in performances by chance it holds with the change and not without it",
          "[osc]") {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        INFO("seed " << seed);
        Stage stage;
        Chance chance{seed};
        stage.start();
        const std::uint64_t before = 1 + chance.below(40);
        for (std::uint64_t n = 0; n < before; ++n)
            stage.fidget(chance), stage.rig.run(chance.below(8));
        stage.rig.say({"/mod/master/level", {0.0f}}, me(4009));
        for (std::uint64_t n = chance.below(40); n > 0; --n) stage.fidget(chance), stage.rig.run(2);
        stage.rig.run(kSecond);
        if (seed % 3 == 0) stage.rig.say({"/mod/master/level", {0.5f}});
        stage.stop();
        CHECK(stage.culprit("silence=0.4") == "/mod/master/level 0");
        CHECK(stage.culprit("level<-70") == "/mod/master/level 0");
    }
}

TEST_CASE("bisect: what never held, held all along or came by itself is told so", "[osc]") {
    Stage stage;
    stage.start();
    stage.rig.say({"/mod/voice1/pan", {0.1f}});
    stage.stop();
    CHECK_FALSE(stage.bisected(stage.order("silence")).held);
    CHECK_FALSE(stage.bisected(stage.order("clipping")).held);
    const auto loud = stage.bisected(stage.order("level>-60"));
    CHECK(loud.held);
    CHECK_FALSE(loud.change);

    Stage nothing(false);
    nothing.start();
    nothing.rig.say({"/mod/voice1/pan", {0.1f}});
    nothing.stop();
    CHECK(nothing.bisected(nothing.order("silence")).from_the_beginning);
    CHECK(nothing.bisected(nothing.order("level<-40")).from_the_beginning);
    CHECK_FALSE(nothing.bisected(nothing.order("level>-40")).held);
}

TEST_CASE("bisect: what acted at a time of its own is told with what was said", "[osc]") {
    Stage stage;
    stage.start();
    stage.rig.say({"/at", {"bar+1", "/mod/master/level", 0.0f}});
    stage.rig.say({"/at", {"bar+1", "/mod/voice1/pan", 0.2f}});
    stage.stop();
    CHECK(stage.culprit("silence=0.4") == "/at bar+1 /mod/master/level 0");
}

TEST_CASE("bisect: clipping is true peak at full scale", "[osc]") {
    Stage stage;
    stage.rig.say({"/mod/voice1/amp", {1.0f}});
    stage.start();
    stage.rig.say({"/mod/master/ceiling", {0.0f}});
    stage.rig.run(20);
    stage.rig.say({"/mod/master/level", {2.0f}});
    stage.stop();
    CHECK(stage.culprit("clipping").starts_with("/mod/master/"));
}

TEST_CASE("bisect: a predicate is one of those there are", "[osc]") {
    for (const std::string_view bad :
         {"", "loud", "silence=", "silence=x", "silence=0", "silence=1e9", "level", "level>",
          "level>x", "level=-3", "level>7", "peak<-101", "peak>nan", "clipping=1", "silence "})
        CHECK_FALSE(patterns::parse_predicate(bad));
    for (const std::string_view good :
         {"silence", "silence=0.1", "clipping", "level>-14.5", "level<-100", "peak>6", "peak<-60"})
        CHECK(patterns::parse_predicate(good));
}
