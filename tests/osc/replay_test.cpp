#include "patterns/history/executions.h"
#include "patterns/history/performance.h"
#include "patterns/show/replay_job.h"
#include "tests/support/director_rig.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

using namespace chronus;
using namespace chronus::test;

namespace {

/// Somebody who performs by chance, as three clients.
class Performer {
public:
    Performer(DirectorRig &rig, std::uint64_t seed) : rig_(rig), chance_(seed) {}

    void act() {
        const osc::Peer from = me(static_cast<std::uint16_t>(4000 + chance_.below(3)));
        if (chance_.one_in(8)) return (void)rig_.say_together(several(), 1, from);
        if (chance_.one_in(8))
            return (void)rig_.say_together(several(), rig_.tag_of(rig_.rendered() + 4000), from);
        if (chance_.one_in(8)) {
            osc::Message inner = command();
            std::vector<osc::Value> args{std::string{when()}, inner.address};
            args.insert(args.end(), inner.args.begin(), inner.args.end());
            return (void)rig_.say({"/at", args}, from);
        }
        (void)rig_.say(command(), from);
    }
    Chance &chance() { return chance_; }

private:
    using Message = osc::Message;

    std::vector<Message> several() {
        std::vector<Message> out;
        for (std::uint64_t n = 2 + chance_.below(3); n > 0; --n) out.push_back(command());
        return out;
    }
    std::string_view when() {
        constexpr std::array<std::string_view, 4> kWhen{"step+1", "beat+1", "bar+1", "now"};
        return kWhen[chance_.below(kWhen.size())];
    }
    std::string track() { return "t" + std::to_string(chance_.below(6)); }
    std::string pattern() {
        std::string out;
        for (std::uint64_t n = 4 + chance_.below(13); n > 0; --n)
            out += "X.x.o..."[chance_.below(8)];
        return out + "x";
    }
    std::int32_t slot() { return static_cast<std::int32_t>(1 + chance_.below(4)); }
    Message knob() {
        const ParamId id{static_cast<std::uint16_t>(chance_.below(kParamCount))};
        const ParamSpec &spec = spec_of(id);
        return {"/mod/" + std::string{path_of(id).view()}, {chance_.within(spec.min, spec.max)}};
    }
    Message command() {
        switch (chance_.below(20)) {
        case 0:
        case 1:
            return {"/seq/add",
                    {track(), "voice" + std::to_string(1 + chance_.below(8)), pattern()}};
        case 2:
            return {"/seq/update/pattern", {track(), pattern()}};
        case 3:
            return {"/seq/remove", {track()}};
        case 4:
            return {"/pattern/save", {slot(), "by chance"}};
        case 5:
        case 6:
            return {"/pattern/load", {slot()}};
        case 7:
            return {chance_.one_in(2) ? "/undo" : "/redo", {}};
        case 8:
            return {"/gate/voice" + std::to_string(1 + chance_.below(8)),
                    {static_cast<std::int32_t>(chance_.below(2))}};
        case 9:
            return {"/seq/bpm", {chance_.within(60, 240)}};
        case 10:
            if (chance_.one_in(4)) return {"/panic", {}};
            return {"/seq/mute", {track(), static_cast<std::int32_t>(chance_.below(2))}};
        case 11:
            return {"/snapshot/take", {}};
        case 12:
            return {"/seq/clear", {}};
        case 13:
            return {"/seq/update/notes", {track(), "C2, E3, G2"}};
        default:
            return knob();
        }
    }

    DirectorRig &rig_;
    Chance chance_;
};

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

} // namespace

TEST_CASE("replay: what clients performed by chance sounds the same again, second for second",
          "[osc][replay]") {
    std::size_t replayed = 0, seconds = 0;
    for (std::uint64_t seed = 1; seed <= 34; ++seed) {
        INFO("seed " << seed);
        DirectorRig rig;
        Performer performer(rig, seed);
        rig.say({"/seq/add", {"t0", "voice1", "X.x."}});
        for (int times = 0; times < 3; ++times) {
            for (int n = 0; n < 5; ++n) performer.act(), rig.run(3);
            rig.say({"/seq/start"});
            for (int n = 0; n < 80; ++n) {
                performer.act();
                rig.run(performer.chance().below(16));
                rig.wait_for_disk();
            }
            rig.say({"/seq/stop"});
            rig.run(4);
        }
        const auto all = performances(rig);
        CHECK(all.size() >= 3);
        for (const patterns::Execution &each : all) {
            INFO("execution " << each.id);
            const patterns::Performance one = performance(rig, each.id);
            for (const patterns::Flaw &flaw : one.flaws) UNSCOPED_INFO(flaw.what);
            REQUIRE(one.flaws.empty());
            const patterns::Compared same = compared(rig, one);
            CHECK(same.equal == same.seconds);
            seconds += same.seconds;
            ++replayed;
        }
    }
    CHECK(replayed >= 100);
    CHECK(seconds >= 150);
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
