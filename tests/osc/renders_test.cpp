#include "patterns/text/hash.h"
#include "tests/support/director_rig.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

namespace chronus::osc {

using test::answer_to;
using test::arg;
using test::DirectorRig;
using test::outcome_of;

namespace {

void keep_a_slot(DirectorRig &rig) {
    rig.say({"/seq/add", {"kick", "voice1", "X...X..."}});
    rig.say({"/pattern/save", {3, "beat"}});
    rig.wait_for_disk();
    rig.told();
}

/// What a report that is asked for again and again comes to.
std::vector<Message> report_of(DirectorRig &rig, const std::string &job) {
    for (int n = 0; n < 4000; ++n) {
        auto told = rig.say({"/render/report", {job}});
        if (outcome_of(told, "/render/report") != "NOT_NOW") return told;
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return {};
}

std::size_t files_in(const std::filesystem::path &folder) {
    std::size_t out = 0;
    if (!std::filesystem::exists(folder)) return 0;
    for (const auto &entry : std::filesystem::directory_iterator{folder})
        out += entry.is_regular_file() ? 1 : 0;
    return out;
}

} // namespace

TEST_CASE("renders: a slot is answered with a job at once, and then with what came of it",
          "[osc]") {
    DirectorRig rig;
    keep_a_slot(rig);
    const auto told = rig.say({"/req", {"r", "/render/slot", 3, "bars=2", "outputs=wav16,midi"}});
    const Message *answer = answer_to(told, "/render/slot");
    REQUIRE(answer != nullptr);
    REQUIRE(answer->address == "/reply");
    CHECK(arg(*answer, 2) == "r");
    CHECK(arg(*answer, 4) == "1");
    CHECK(arg(*answer, 5) == (rig.state() / "renders").string());
    const auto report = report_of(rig, "1");
    REQUIRE(outcome_of(report, "/render/report") == "/reply");
    std::string document;
    for (const Message &part : report) document += arg(part, 6);
    for (const char *name : {"slot_003.16.wav", "slot_003.mid"}) {
        const std::string bytes = test::get(rig.state() / "renders" / name);
        REQUIRE_FALSE(bytes.empty());
        CHECK_THAT(document, Catch::Contains(patterns::sha256_hex(bytes)));
    }
    CHECK(files_in(rig.state() / "renders") == 2);
}

TEST_CASE("renders: a bundle of which something is refused renders nothing", "[osc]") {
    DirectorRig rig;
    keep_a_slot(rig);
    rig.say_together({{"/render/slot", {3, "name=a"}}, {"/pattern/load", {77}}});
    CHECK(rig.progress.active().empty());
    CHECK(rig.progress.recent().empty());
    CHECK_FALSE(std::filesystem::exists(rig.state() / "renders" / "a.24.wav"));
    const auto told =
        rig.say_together({{"/render/slot", {3, "name=a"}}, {"/render/slot", {3, "name=b"}}});
    CHECK(told.size() == 2);
    CHECK(outcome_of(report_of(rig, "2"), "/render/report") == "/reply");
}

TEST_CASE("renders: one that is cancelled says so, and its name is free again", "[osc]") {
    DirectorRig rig;
    keep_a_slot(rig);
    for (const char *name : {"a", "b", "c", "d", "e", "f"}) // more than there are cores
        rig.say({"/render/slot", {3, "bars=100000", std::string{"name="} + name}});
    for (const ProgressLevel &job : rig.progress.active())
        REQUIRE(rig.progress.cancel(job.id, "the test"));
    const auto told = report_of(rig, "6");
    REQUIRE(outcome_of(told, "/render/report") == "CANCELLED");
    CHECK_THAT(arg(*answer_to(told, "/render/report"), 2), Catch::Contains("cancelled"));
    rig.say({"/render/slot", {3, "bars=1", "name=f"}});
    CHECK(outcome_of(report_of(rig, "7"), "/render/report") == "/reply");
    for (const char *job : {"1", "2"}) (void)report_of(rig, job);
    CHECK(files_in(rig.state() / "renders") == 1);
}

} // namespace chronus::osc
