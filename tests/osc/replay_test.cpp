#include "patterns/history/executions.h"
#include "patterns/history/performance.h"
#include "patterns/show/replay_job.h"
#include "tests/osc/random_performer.h"
#include "tests/support/director_rig.h"

#include <catch2/catch.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

using namespace chronus;
using namespace chronus::test;

namespace {

template <class T>
T asked(DirectorRig &rig, std::function<Result<T>(patterns::Database &)> question) {
    std::optional<Result<T>> out;
    REQUIRE(rig.context.history.ask(question, [&](const Result<T> &told) { out = told; }));
    rig.wait_for_history();
    REQUIRE(out);
    INFO((*out ? "" : out->error().what));
    REQUIRE(*out);
    return **out;
}

std::vector<patterns::Execution> performances(DirectorRig &rig) {
    return asked<std::vector<patterns::Execution>>(
        rig, [](patterns::Database &db) { return patterns::executions(db, {}); });
}

patterns::Performance performance(DirectorRig &rig, std::int64_t id) {
    return asked<patterns::Performance>(rig, [id](patterns::Database &db) {
        return patterns::performance(db, id, CHRONUS_VERSION);
    });
}

patterns::Compared compared(DirectorRig &rig, const patterns::Performance &performance) {
    ProgressScope level = rig.progress.begin("test", "replay");
    const auto done = patterns::compare(performance, level);
    INFO((done ? "" : done.error().what));
    REQUIRE(done);
    level.complete();
    return *done;
}

/// What came of performances by chance.
struct Sum {
    std::size_t replayed = 0, seconds = 0;
    std::uint64_t lost_devices = 0, switches = 0;
};

/// Two performances of an engine, each played again.
void perform_and_replay(std::uint64_t seed, Frame frames, Sum &sum) {
    INFO("seed " << seed);
    DirectorRig rig;
    RandomPerformer performer(rig, seed);
    performer.prepare();
    for (int times = 0; times < 2; ++times) {
        for (int n = 0; n < 5; ++n) performer.act();
        performer.perform(frames);
    }
    rig.say({"/panic"}); // nothing that was to come later comes
    rig.run(4);
    rig.wait_for_disk();
    for (const patterns::Execution &each : performances(rig)) {
        INFO("execution " << each.id);
        const patterns::Performance one = performance(rig, each.id);
        for (const patterns::Flaw &flaw : one.flaws) UNSCOPED_INFO(flaw.what);
        REQUIRE(one.flaws.empty());
        const patterns::Compared same = compared(rig, one);
        CHECK(same.equal == same.seconds);
        sum.seconds += same.seconds;
        ++sum.replayed;
    }
    sum.lost_devices += performer.lost_devices();
    sum.switches += performer.switches();
}

} // namespace

TEST_CASE("replay: what clients performed by chance sounds the same again, second for second",
          "[osc][replay]") {
    Sum sum;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) perform_and_replay(seed, 120'000, sum);
    CHECK(sum.replayed >= 100);
    CHECK(sum.seconds >= 200);
    CHECK(sum.lost_devices >= 50);
    CHECK(sum.switches >= 200);
}

TEST_CASE("replay: a thousand performances by chance sound the same again",
          "[.][osc][replay_many]") {
    Sum sum;
    for (std::uint64_t seed = 1000; sum.replayed < 1000; ++seed)
        perform_and_replay(seed, 480'000, sum);
    WARN(sum.replayed << " performances, " << sum.seconds << " seconds, " << sum.lost_devices
                      << " devices lost, " << sum.switches << " times something of the setlist");
    CHECK(sum.seconds >= 5000);
}

TEST_CASE("replay: who starts again before a panic was heard begins another performance",
          "[osc][replay]") {
    DirectorRig rig;
    rig.say({"/seq/add", {"kick", "voice1", "X..."}});
    rig.say({"/seq/start"});
    rig.run(400);
    rig.say({"/panic"});
    rig.say({"/seq/start"});
    rig.run(600);
    rig.say({"/seq/stop"});
    rig.run(4);
    const auto all = performances(rig);
    REQUIRE(all.size() == 2);
    CHECK(all[1].end_frame <= all[0].start_frame);
    CHECK(compared(rig, performance(rig, all[1].id)) ==
          patterns::Compared{.seconds = 2, .equal = 2});
    CHECK(compared(rig, performance(rig, all[0].id)) ==
          patterns::Compared{.seconds = 3, .equal = 3});
}

TEST_CASE("replay: a single sample that differs is found, in its second", "[osc][replay]") {
    DirectorRig rig;
    rig.say({"/seq/add", {"kick", "voice1", "X..."}});
    rig.say({"/seq/start"});
    rig.run(200);
    rig.say({"/mod/voice1/amp", {0.9f}});
    rig.run(600);
    rig.say({"/seq/stop"});
    rig.run(4);
    patterns::Performance one = performance(rig, performances(rig).front().id);
    CHECK(compared(rig, one) == patterns::Compared{.seconds = 4, .equal = 4});
    for (auto &message : one.messages)
        if (auto *set = std::get_if<SetParam>(&message.sent.message.what)) set->value = 0.9000001f;
    const patterns::Compared other = compared(rig, one);
    CHECK(other.equal < other.seconds);
    CHECK(other.first_other == Frame{96000});
}
