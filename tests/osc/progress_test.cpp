#include "osc/collecting.h"
#include "osc/progress_json.h"
#include "osc/topics.h"
#include "patterns/history/snapshots.h"
#include "patterns/history/versions.h"
#include "patterns/text/json_gate.h"
#include "tests/support/director_rig.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace chronus::osc {

using patterns::Json;
using patterns::JsonArray;
using patterns::JsonObject;
using test::answer_to;
using test::arg;
using test::DirectorRig;
using test::outcome_of;

namespace {

/// All that is told of it, also by the history.
std::vector<Message> asked(DirectorRig &rig, const Message &message) {
    auto told = rig.say(message);
    rig.wait_for_disk();
    for (const Message &more : rig.told()) told.push_back(more);
    return told;
}

/// The document of an answer: `i:count s:json`, or in parts.
Json document(const std::vector<Message> &told) {
    std::string text;
    for (const Message &message : told)
        if (message.address == "/reply") text += arg(message, message.args.size() - 1);
    INFO(text);
    const auto json = patterns::parse_json(text);
    REQUIRE(json);
    return *json;
}

const Json &at(const Json &json, std::string_view key) {
    const auto *object = json.as<JsonObject>();
    REQUIRE(object != nullptr);
    const Json *found = patterns::find(*object, key);
    INFO(key);
    REQUIRE(found != nullptr);
    return *found;
}

std::string text(const Json &json, std::string_view key) {
    const auto *found = at(json, key).as<std::string>();
    return found != nullptr ? *found : "(no text)";
}

double number(const Json &json, std::string_view key) {
    const Json &found = at(json, key);
    if (const auto *whole = found.as<std::int64_t>()) return static_cast<double>(*whole);
    if (const auto *natural = found.as<std::uint64_t>()) return static_cast<double>(*natural);
    if (const auto *real = found.as<double>()) return *real;
    FAIL(key << " is no number");
    return 0;
}

/// The ids of a list.
std::string ids(const Json &json) {
    std::string out;
    REQUIRE(json.as<JsonArray>() != nullptr);
    for (const Json &one : *json.as<JsonArray>()) out += text(one, "id") + " ";
    return out;
}

void render(DirectorRig &rig, std::string_view type, const Result<int> &outcome) {
    auto scope = rig.progress.begin(type, "demo", 8);
    rig.run(200);
    auto part = scope.part("output", "wav24");
    part.metric("lufs", -16.5);
    part.output({"demo.wav", 48000, 2, 96000});
    part.end(outcome);
    scope.end(outcome);
}

} // namespace

TEST_CASE("progress: a level is shown with all there is to know", "[osc]") {
    DirectorRig rig;
    auto scope = rig.progress.begin("render", "slot 1", 8);
    scope.at(2, "playing");
    auto part = scope.part("output", "wav24", 4);
    part.metric("lufs", -16.5);
    part.output({"demo.wav", 48000, 2, 96000});
    part.fail({Errc::io, "disk full", "/status"});
    const Json seen = document(asked(rig, {"/progress/show", {"1"}}));
    CHECK(text(seen, "status") == "running");
    CHECK(text(seen, "message") == "playing");
    CHECK(number(seen, "percent") == 25);
    const Json &output = at(seen, "parts").as<JsonArray>()->front();
    CHECK(text(output, "error") == "disk full");
    CHECK(text(output, "symbol") == "CREATE_FAILED");
    CHECK(text(output, "hint") == "/status");
    CHECK(number(at(output, "metrics"), "lufs") == -16.5);
    const Json &file = at(output, "outputs").as<JsonArray>()->front();
    CHECK(number(file, "channels") == 2);
    CHECK(number(file, "seconds") == 2);
    CHECK(text(document(asked(rig, {"/progress/show", {"1.1"}})), "id") == "1.1");
    CHECK(text(document(asked(rig, {"/progress/show", {1}})), "id") == "1"); // as a number, too
}

TEST_CASE("progress: snapshots are dropped as an operation where there are any to drop", "[osc]") {
    DirectorRig rig;
    const auto in_history = [&](const patterns::HistoryThread::Work &work) {
        rig.context.history.note(work);
        rig.wait_for_history();
    };
    in_history([&](patterns::Database &db) -> Outcome {
        for (int n = 0; n < 6; ++n) {
            patterns::Document document;
            document.scene.params.set(param("seq/bpm"), 100.0f + static_cast<float>(n));
            patterns::Snapshot about{.trigger = "osc"};
            about.time_ms = 1'600'000'000'000 + n;
            if (auto kept = patterns::keep(db, {.document = document, .about = about}); !kept)
                return kept.error();
        }
        return Done{};
    });
    CHECK(outcome_of(asked(rig, {"/snapshot/gc"}), "/snapshot/gc") == "/reply");
    CHECK(rig.progress.recent().empty()); // six are too few to drop any
    for (int n = 0; n < 2; ++n)
        in_history([&](patterns::Database &db) -> Outcome {
            const auto done =
                collect(db, rig.progress, {.now_ms = 1'700'000'000'000, .keep_newest = 2});
            if (!done) return done.error();
            return Done{};
        });
    const auto over = rig.progress.recent();
    REQUIRE(over.size() == 1); // the second time nothing is left to do
    CHECK(over[0].type == "gc");
    CHECK(over[0].status == ProgressStatus::completed);
    CHECK(over[0].total == 4);
    CHECK(over[0].message == "4 dropped, 2 kept");
    CHECK(over[0].metrics.front().value == 2);
    CHECK(ids(document(asked(rig, {"/progress/history", {"gc"}}))) == "1 ");
}

TEST_CASE("progress: a history of an older version, or a damaged one, is an operation at the start",
          "[osc]") {
    const ProgressClocks clocks{[] { return std::int64_t{1'700'000'000'000}; },
                                [] { return std::int64_t{0}; }};
    const test::TempFolder folder;
    const auto file = folder.path / "history.db";
    {
        const std::span versions{patterns::kHistoryVersions};
        REQUIRE(patterns::Database::open(file, versions.first(1)));
    }
    const auto recent = [&] {
        return (*KeptProgress::open(folder.path, clocks))->store().recent();
    };
    auto over = recent();
    REQUIRE(over.size() == 1);
    CHECK(over[0].type == "maintenance");
    CHECK(over[0].name == "history migration");
    CHECK(over[0].status == ProgressStatus::completed);
    CHECK(over[0].message ==
          "from version 1 to " + std::to_string(patterns::kHistoryVersions.size()));
    CHECK(recent().empty()); // by now it is of this version
    test::put(file, "no database at all, but long enough to look like something");
    over = recent();
    REQUIRE(over.size() == 1);
    CHECK(over[0].name == "history check");
    CHECK(over[0].message.find("is kept as history.damaged-1700000000000.db") != std::string::npos);
}

TEST_CASE("progress: lists hold what goes on, and what was over last", "[osc]") {
    DirectorRig rig;
    CHECK(ids(document(asked(rig, {"/progress/list"}))).empty());
    render(rig, "render", 1);
    auto going = rig.progress.begin("setlist", "tonight");
    auto waits = rig.progress.queue("render", "slot 2");
    CHECK(ids(document(asked(rig, {"/progress/list"}))) == "3 2 1 ");
    const Json active = document(asked(rig, {"/progress/active"}));
    CHECK(ids(active) == "2 3 ");
    CHECK(text(active.as<JsonArray>()->back(), "status") == "pending");
}

TEST_CASE("progress: what is over is found by type, number, status and time", "[osc]") {
    DirectorRig rig;
    render(rig, "render", 1);
    render(rig, "render", Error{Errc::io, "disk full"});
    render(rig, "preflight", 1);
    rig.run(48000 * 60 / DirectorRig::kBlock); // a minute
    render(rig, "render", Error{Errc::cancelled, "stopped"});
    const auto found = [&](std::vector<Value> words) {
        return ids(document(asked(rig, {"/progress/history", std::move(words)})));
    };
    CHECK(found({}) == "4 3 2 1 ");
    CHECK(found({"all", 2}) == "4 3 ");
    CHECK(found({"render"}) == "4 2 1 ");
    CHECK(found({"render", 9, "status=failed"}) == "2 ");
    CHECK(found({"all", 9, "since=30s"}) == "4 ");
    CHECK(found({"all", 9, "until=30s", "since=1h"}) == "3 2 1 ");
    CHECK(found({"nothing"}).empty());
}

TEST_CASE("progress: what left memory is shown by the history, whole and in parts", "[osc]") {
    DirectorRig rig;
    render(rig, "render", 1);
    for (std::size_t i = 0; i < ProgressStore::kRecent; ++i) render(rig, "other", 1);
    REQUIRE_FALSE(rig.progress.find("1"));
    const Json seen = document(asked(rig, {"/progress/show", {"1"}}));
    CHECK(text(seen, "type") == "render");
    const Json part = document(asked(rig, {"/progress/show", {"1.1"}}));
    CHECK(text(part, "name") == "wav24");
    CHECK(outcome_of(asked(rig, {"/progress/show", {"1.2"}}), "/progress/show") == "NOT_FOUND");
}

TEST_CASE("progress: an export is what was shown, in a file", "[osc]") {
    DirectorRig rig;
    render(rig, "render", 1);
    render(rig, "render", Error{Errc::io, "disk full"});
    const auto one = asked(rig, {"/progress/export", {"2"}});
    CHECK(outcome_of(one, "/progress/export") == "/reply");
    const auto shown = asked(rig, {"/progress/show", {"2"}});
    CHECK(test::get(rig.state() / "exports" / "operation-2.json") == arg(shown.back(), 6) + "\n");
    const auto all = asked(rig, {"/progress/export", {"all"}});
    CHECK(arg(*answer_to(all, "/progress/export"), 4) == "2");
    const std::string lines = test::get(arg(*answer_to(all, "/progress/export"), 5));
    CHECK(std::ranges::count(lines, '\n') == 2);
}

TEST_CASE("progress: a cancel acts when all of its bundle did, and not else", "[osc]") {
    DirectorRig rig;
    auto scope = rig.progress.begin("render", "demo");
    rig.say_together({{"/job/cancel", {"1"}}, {"/seq/bpm", {"fast"}}});
    CHECK_FALSE(scope.stop().stop_requested());
    CHECK(outcome_of(rig.say({"/job/cancel", {"1"}}), "/job/cancel") == "/reply");
    CHECK(scope.stop().stop_requested());
    scope.end(Outcome{Error{Errc::cancelled, "stopped"}});
    CHECK(rig.progress.find("1")->error->what == "cancelled by this machine");
}

TEST_CASE("progress: looking at a hint cancels nothing", "[osc]") {
    DirectorRig rig;
    auto scope = rig.progress.begin("render", "demo");
    const auto told = rig.say({"/job/cancel", {"2"}});
    REQUIRE(told.size() == 1);
    CHECK(arg(told[0], 5) == "/job/cancel 1");
    CHECK_FALSE(scope.stop().stop_requested());
}

TEST_CASE("progress: an answer under an id has the id, however late it comes", "[osc]") {
    DirectorRig rig;
    render(rig, "render", 1);
    const auto told = asked(rig, {"/req", {"mine", "/progress/history"}});
    REQUIRE(told.size() == 1);
    CHECK(arg(told[0], 2) == "mine");
}

TEST_CASE("progress: the news have the newest, and fit a message however much goes on", "[osc]") {
    DirectorRig rig;
    std::vector<ProgressScope> many;
    for (int i = 0; i < 60; ++i) {
        many.push_back(rig.progress.begin("render", "a song with a name of some length"));
        many.back().at(1, "a message that is as long as many a message is");
    }
    const std::string news = progress_news(rig.progress);
    CHECK(news.size() < 4096);
    const auto json = patterns::parse_json(news);
    REQUIRE(json);
    CHECK(ids(at(*json, "active")).starts_with("60 59 58 "));
    many.back().part("output", "wav24").phase("writing", 0.5);
    many.pop_back();
    const auto after = patterns::parse_json(progress_news(rig.progress));
    CHECK(ids(at(*after, "active")).starts_with("59 "));
}

TEST_CASE("progress: a topic that tells at most ten times a second", "[osc]") {
    DirectorRig rig;
    CHECK(kTopics[topic("/progress").index].period_ms == 100);
    CHECK(tell::progress(rig.context).empty()); // nothing ever was
    { auto scope = rig.progress.begin("render", "demo"); }
    const auto told = tell::progress(rig.context);
    REQUIRE(told.size() == 1);
    const auto json = patterns::parse_json(std::get<std::string>(told[0]));
    CHECK(ids(at(*json, "over")) == "1 "); // its last state is still to be had
}

TEST_CASE("progress: ids and estimates outlive the daemon", "[osc]") {
    test::TempFolder folder;
    std::int64_t ns = 0;
    const ProgressClocks clocks{[] { return std::int64_t{1'700'000'000'000}; }, [&] { return ns; }};
    {
        const auto kept = *KeptProgress::open(folder.path, clocks);
        auto scope = kept->store().begin("render", "demo", 10);
        auto part = scope.part("output", "flac", 4);
        ns += 12'000'000'000;
        part.complete();
        ns += 8'000'000'000;
        scope.complete();
    }
    const auto kept = *KeptProgress::open(folder.path, clocks);
    auto scope = kept->store().begin("render", "demo", 5);
    CHECK(scope.id() == "2");
    CHECK(kept->store().find("2")->left_s == Approx(10)); // 2 s a unit
    const auto part = scope.part("output", "flac", 2);
    CHECK(kept->store().find(part.id())->left_s == Approx(6)); // 3 s a unit
}

TEST_CASE("progress: what was completed of something that failed is known the next time", "[osc]") {
    test::TempFolder folder;
    std::int64_t ns = 0;
    const ProgressClocks clocks{[] { return std::int64_t{1'700'000'000'000}; }, [&] { return ns; }};
    {
        const auto kept = *KeptProgress::open(folder.path, clocks);
        auto scope = kept->store().begin("render", "demo", 10);
        auto part = scope.part("output", "flac");
        ns += 12'000'000'000;
        part.complete();
        scope.fail({Errc::io, "the disk is full"});
    }
    const auto kept = *KeptProgress::open(folder.path, clocks);
    auto scope = kept->store().begin("render", "demo", 10);
    CHECK(!kept->store().find("2")->left_s);
    const auto part = scope.part("output", "flac");
    CHECK(kept->store().find(part.id())->left_s == Approx(12));
}

} // namespace chronus::osc
