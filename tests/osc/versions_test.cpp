#include "patterns/history/snapshots.h"
#include "tests/support/director_rig.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

using namespace chronus;
using namespace chronus::test;

namespace {

struct VersionsRig : DirectorRig {
    /// Of the line at work, the oldest first.
    std::vector<patterns::KeptSnapshot> kept() {
        std::vector<patterns::KeptSnapshot> out;
        (void)context.history.ask([](patterns::Database &db) { return patterns::newest(db, 1000); },
                                  [&](const Result<std::vector<patterns::KeptSnapshot>> &all) {
                                      if (all) out = {all->rbegin(), all->rend()};
                                  });
        wait_for_history();
        return out;
    }
    std::string notes() {
        std::string out;
        for (const auto &each : kept()) out += each.snapshot.note + "; ";
        return out;
    }
    /// To the middle of a bar of 2 s.
    void run_to_bar(std::uint64_t bar) { run_to(start + (2 * bar - 1) * 48000); }
    Messages ask(const osc::Message &message) {
        auto told = say(message);
        wait_for_history();
        const auto later = this->told();
        told.insert(told.end(), later.begin(), later.end());
        return told;
    }
    Frame start = 0;
    void begin() {
        say({"/seq/add", {"kick", "voice1", "X..."}});
        run(4);
        start = rendered();
        say({"/seq/start"});
    }
};

} // namespace

TEST_CASE("versions: once a bar while something changes, and not otherwise", "[osc][versions]") {
    VersionsRig rig;
    rig.begin();
    rig.run_to_bar(3);
    CHECK(rig.notes() == "the sequencer starts; ");
    rig.say({"/seq/bpm", {121.0f}});
    rig.say({"/seq/swing", {0.1f}});
    rig.run_to_bar(5);
    rig.say({"/seq/swing", {0.2f}});
    rig.run_to_bar(8);
    rig.say({"/seq/stop"});
    rig.run(4);
    const auto kept = rig.kept();
    REQUIRE(kept.size() == 4);
    CHECK(kept[1].snapshot.note == "bar " + std::to_string(kept[1].snapshot.bar));
    CHECK(kept[1].snapshot.bar == 3);
    CHECK(kept[1].snapshot.run == kept[0].snapshot.run);
    CHECK(kept[2].snapshot.parents == std::vector{kept[1].snapshot.hash});
    CHECK(kept[2].snapshot.bar == 5);
    CHECK(kept[3].snapshot.note == "the sequencer stops");
}

TEST_CASE("versions: a control moved to and fro within a bar leaves nothing", "[osc][versions]") {
    VersionsRig rig;
    rig.begin();
    rig.run_to_bar(1);
    rig.say({"/seq/bpm", {121.0f}});
    rig.say({"/seq/bpm", {120.0f}});
    rig.run_to_bar(3);
    CHECK(rig.notes() == "the sequencer starts; ");
}

TEST_CASE("versions: edits that another pattern takes the place of are kept first",
          "[osc][versions]") {
    VersionsRig rig;
    rig.say({"/seq/add", {"kick", "voice1", "X..."}});
    rig.say({"/pattern/save", {1, "one"}});
    rig.wait_for_disk();
    rig.say({"/seq/add", {"hat", "voice2", "x"}});
    rig.say({"/pattern/load", {1}});
    rig.run(4);
    CHECK(rig.notes() == "saved to slot 1; before another pattern; slot 1 loaded; ");
    CHECK(rig.kept().back().snapshot.slot == 1);
}

TEST_CASE("versions: what a bundle that is refused would have written is not", "[osc][versions]") {
    VersionsRig rig;
    rig.say_together({{"/snapshot/take", {"no"}}, {"/seq/remove", {"nobody"}}});
    CHECK(rig.notes().empty());
    rig.say_together({{"/seq/bpm", {99.0f}}, {"/snapshot/take", {"yes"}}});
    CHECK(rig.notes() == "yes; ");
}

TEST_CASE("versions: taking one says its hash, comparing it with what plays says what differs",
          "[osc][versions]") {
    VersionsRig rig;
    const auto taken = rig.ask({"/snapshot/take", {"a"}});
    REQUIRE(outcome_of(taken, "/snapshot/take") == "/reply");
    CHECK(arg(*answer_to(taken, "/snapshot/take"), 4) == rig.kept().back().snapshot.hash);
    rig.say({"/seq/bpm", {99.0f}});
    const auto told = rig.ask({"/snapshot/compare", {"HEAD"}});
    REQUIRE(outcome_of(told, "/snapshot/compare") == "/reply");
    CHECK(arg(*answer_to(told, "/snapshot/compare"), 1).find("0 nodes and 1 other thing") !=
          std::string::npos);
    rig.run(4);
    CHECK(rig.notes() == "a; ");
}

TEST_CASE("versions: a snapshot is brought back on the line it is asked for", "[osc][versions]") {
    VersionsRig rig;
    rig.say({"/snapshot/take", {"slow"}});
    rig.say({"/seq/swing", {0.3f}});
    rig.begin();
    rig.run_to_bar(1);
    const auto told = rig.ask({"/snapshot/restore", {"HEAD~1"}});
    CHECK(outcome_of(told, "/snapshot/restore") == "/reply");
    CHECK(rig.session.get(param("seq/swing")) == 0.3f);
    rig.run_to_bar(2);
    CHECK(rig.session.get(param("seq/swing")) == 0.0f);
    const auto last = rig.kept().back().snapshot;
    CHECK(last.parents.size() == 2);
    CHECK(last.trigger == "manual");
    rig.ask({"/snapshot/restore", {"HEAD~1", "bar:4"}});
    rig.run_to_bar(3);
    CHECK(rig.session.get(param("seq/swing")) == 0.0f);
    rig.run_to_bar(4);
    CHECK(rig.session.get(param("seq/swing")) == 0.3f);
}

TEST_CASE("versions: what is written after a restore stands on it, before it is heard, too",
          "[osc][versions]") {
    VersionsRig rig;
    rig.say({"/seq/add", {"kick", "voice1", "X..."}});
    rig.ask({"/snapshot/take", {"one"}});
    rig.ask({"/snapshot/restore", {"HEAD"}});
    rig.ask({"/snapshot/branch", {"idea", "HEAD~1"}});
    rig.ask({"/snapshot/take", {"two"}});
    const auto kept = rig.kept();
    REQUIRE(kept.size() == 3);
    CHECK(kept[1].snapshot.note.starts_with("brought back"));
    CHECK(kept[2].snapshot.parents == std::vector{kept[0].snapshot.hash});
}

TEST_CASE("versions: without a history everything else goes on", "[osc][versions]") {
    VersionsRig rig;
    std::filesystem::remove(rig.state() / "history.db");
    std::filesystem::create_directory(rig.state() / "history.db");
    rig.begin();
    rig.run_to_bar(3);
    CHECK(rig.session.running());
}

TEST_CASE("versions: handing one on takes the control thread less than a millisecond",
          "[osc][versions][.perf]") {
    VersionsRig rig;
    for (int n = 0; n < 16; ++n)
        rig.say({"/seq/add", {"t" + std::to_string(n), "voice1", "X.x.X.x.X.x.X.x."}});
    rig.run(4);
    double worst_ms = 0, all_ms = 0;
    constexpr int kTimes = 500;
    for (int n = 0; n < kTimes; ++n) {
        rig.say({"/seq/bpm", {100.0f + static_cast<float>(n) / 10}});
        const auto began = std::chrono::steady_clock::now();
        rig.context.versions.saved(rig.context, 1);
        const double ms =
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began)
                .count();
        worst_ms = std::max(worst_ms, ms);
        all_ms += ms;
        if (n % 100 == 0) rig.wait_for_history();
    }
    WARN("mean " << all_ms / kTimes << " ms, worst " << worst_ms << " ms");
    CHECK(all_ms / kTimes < 1);
}
