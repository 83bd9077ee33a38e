#include "osc/collecting.h"
#include "patterns/text/codec.h"
#include "patterns/text/hash.h"
#include "patterns/text/json_gate.h"
#include "tests/osc/history_rig.h"
#include "tests/support/unpacked.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <string>

using namespace chronus;
using namespace chronus::test;
using Catch::Contains;
using patterns::ItemType;
using patterns::Json;

namespace {

/// As a test wants to read it.
Json parsed(const std::string &text) {
    const auto json = patterns::parse_json(text);
    INFO(text);
    REQUIRE(json);
    return *json;
}
const Json &member(const Json &json, std::string_view key) {
    static const Json kNone;
    const auto *object = json.as<patterns::JsonObject>();
    const Json *found = object != nullptr ? patterns::find(*object, key) : nullptr;
    return found != nullptr ? *found : kNone;
}
const patterns::JsonArray &list_in(const Json &json) {
    REQUIRE(json.as<patterns::JsonArray>() != nullptr);
    return *json.as<patterns::JsonArray>();
}
std::string text(const Json &json) { return patterns::to_text(json, patterns::JsonStyle::compact); }
std::string each(const patterns::JsonArray &list, std::string_view key) {
    std::string out;
    for (const Json &one : list) out += text(member(one, key)) + " ";
    return out;
}
std::string ids(HistoryRig &rig, std::vector<osc::Value> words) {
    return each(list_in(parsed(rig.document({"/history/list", std::move(words)}))), "id");
}
std::string types(HistoryRig &rig, std::vector<osc::Value> words) {
    return each(list_in(member(parsed(rig.document({"/history/show", std::move(words)})), "items")),
                "type");
}

/// Has it exported; what came of that.
std::string exported(HistoryRig &rig, std::vector<osc::Value> words) {
    const auto told = rig.ask({"/history/export", std::move(words)});
    REQUIRE(outcome_of(told, "/history/export") == "/reply");
    const auto report = rig.report(arg(*answer_to(told, "/history/export"), 4));
    INFO(arg(report.at(0), 2));
    REQUIRE(outcome_of(report, "/render/report") == "/reply");
    std::string document;
    for (const osc::Message &part : report) document += arg(part, 6);
    return document;
}

} // namespace

TEST_CASE("history: what was performed is listed, the last first, and chosen by words", "[osc]") {
    HistoryRig rig;
    perform(rig);
    CHECK(ids(rig, {}) == "3 2 1 ");
    CHECK(ids(rig, {"limit=2"}) == "3 2 ");
    CHECK(ids(rig, {"before=3", "limit=1"}) == "2 ");
    CHECK(ids(rig, {"slot=3"}) == "1 ");
    CHECK(ids(rig, {"set=friday"}) == "2 ");
    CHECK(ids(rig, {"song=intro", "status=stopped"}) == "2 ");
    CHECK(ids(rig, {"name=beat"}) == "1 ");
    CHECK(ids(rig, {"type=output_audio"}) == "1 ");
    CHECK(ids(rig, {"status=running"}) == "3 ");
    CHECK(ids(rig, {"kind=render"}).empty());
    CHECK(ids(rig, {"until=20000d"}).empty());
    const auto all = list_in(parsed(rig.document({"/history/list"})));
    CHECK(text(member(all[2], "start")) == R"("2023-11-14T22:13:21.000Z")");
    CHECK(text(member(all[2], "seconds")) == "60");
    CHECK(text(member(all[2], "status")) == R"("complete")");
}

TEST_CASE("history: the three views of a performance", "[osc]") {
    HistoryRig rig;
    perform(rig);
    CHECK(types(rig, {1, "performer"}) == R"("output_audio" "output_image" )");
    CHECK(types(rig, {1}) == R"("applied" "output_audio" "output_image" )");
    CHECK(types(rig, {1, "researcher"}) ==
          R"("user_input_osc" "translation_result" "applied" "output_audio" "output_image" )"
          R"("start" "complete" )");
    const Json shown = parsed(rig.document({"/history/show", {1, "researcher", 3}}));
    CHECK(text(member(shown, "next")) == "3");
    CHECK(text(member(member(shown, "execution"), "name")) == R"("beat")");
    const auto items = list_in(member(shown, "items"));
    CHECK(text(member(items[0], "author")) == R"("this machine")");
    CHECK(text(member(items[1], "content")) == R"({"pattern":"X..."})");
    CHECK(types(rig, {1, "researcher", 100, 5}) == R"("start" "complete" )");
}

TEST_CASE("history: every item is found once, page after page", "[osc]") {
    HistoryRig rig;
    perform(rig);
    std::string seen, before;
    for (int pages = 0; pages < 20; ++pages) {
        std::vector<osc::Value> words{"limit=2"};
        if (!before.empty()) words.push_back("before=" + before);
        const Json found = parsed(rig.document({"/history/find", words}));
        seen += each(list_in(member(found, "items")), "seq");
        const auto *more = member(found, "before").as<std::string>();
        if (more == nullptr) break;
        before = *more;
    }
    CHECK(seen == "2 1 3 2 1 7 6 5 4 3 2 1 ");
    const auto found = [&](std::vector<osc::Value> words) {
        return each(list_in(member(parsed(rig.document({"/history/find", words})), "items")),
                    "execution");
    };
    CHECK(found({"text=kick"}) == "1 ");
    CHECK(found({"author=ann"}) == "2 ");
    CHECK(found({"type=output_audio", "slot=3"}) == "1 ");
    CHECK(found({"execution=2", "type=user_input_cli"}) == "2 ");
    CHECK(found({"text=nothing like it"}).empty());
}

TEST_CASE("history: how many outputs something gave is counted", "[osc]") {
    HistoryRig rig;
    perform(rig);
    const Json all = parsed(rig.document({"/history/stats"}));
    CHECK(text(member(all, "outputs")) == "2");
    CHECK(text(member(all, "executions")) == "3");
    CHECK(text(member(all, "by_slot")) == R"([{"name":"3","outputs":2}])");
    CHECK(text(member(member(all, "types"), "output_image")) == "1");
    CHECK(text(member(parsed(rig.document({"/history/stats", {"song=intro"}})), "outputs")) == "0");
    CHECK(text(member(parsed(rig.document({"/history/stats", {"slot=3"}})), "outputs")) == "2");
    const auto told = rig.ask({"/history/stats", {"execution=1"}});
    CHECK(arg(*answer_to(told, "/history/stats"), 1) == "2 outputs and 7 items of 1 execution");
}

TEST_CASE("history: a pin is put and taken away", "[osc]") {
    HistoryRig rig;
    perform(rig);
    const auto pinned = [&] {
        return each(list_in(parsed(rig.document({"/history/list"}))), "pinned");
    };
    rig.ask({"/history/pin", {2}});
    CHECK(pinned() == "false true false ");
    rig.ask({"/history/pin", {2, 0}});
    CHECK(pinned() == "false false false ");
    rig.say_together({{"/history/pin", {1}}, {"/pattern/load", {77}}});
    CHECK(pinned() == "false false false ");
}

TEST_CASE("history: an export holds all, each with its hash, and says what is missing", "[osc]") {
    HistoryRig rig;
    perform(rig);
    const Json report = parsed(exported(rig, {1, "friday"}));
    const auto file = rig.state() / "exports" / "friday.zip";
    CHECK(text(member(report, "path")) == "\"" + file.string() + "\"");
    const auto files = unpacked(file);
    const Json manifest = parsed(files.at("manifest.json"));
    CHECK(text(member(manifest, "format")) == "1");
    std::size_t told = 0;
    for (const Json &one : list_in(member(manifest, "files"))) {
        const std::string &bytes = files.at(*member(one, "path").as<std::string>());
        CHECK(*member(one, "sha256").as<std::string>() == patterns::sha256_hex(bytes));
        CHECK(text(member(one, "bytes")) == std::to_string(bytes.size()));
        ++told;
    }
    CHECK(told + 1 == files.size());
    CHECK(files.at("audio/renders/beat.wav") == "RIFF, more or less");
    CHECK(each(list_in(member(manifest, "missing")), "path") == "\"renders/beat.svg\" ");
    CHECK(std::ranges::count(files.at("items.jsonl"), '\n') == 7);
    std::size_t scenes = 0;
    for (const auto &[path, bytes] : files) {
        if (!path.starts_with("scenes/")) continue;
        CHECK(path == "scenes/" + patterns::sha256_hex(bytes) + ".json");
        CHECK(patterns::decode(bytes)); // as the file of a slot
        ++scenes;
    }
    CHECK(scenes == 2);
    exported(rig, {2, "later"});
    const auto later = unpacked(rig.state() / "exports" / "later.zip");
    const Json told_later = parsed(later.at("manifest.json"));
    const auto *begins = member(member(told_later, "begins_with"), "2").as<std::string>();
    REQUIRE(begins != nullptr);
    CHECK_THAT(later.at("scenes/" + *begins + ".json"), Contains("second"));
}

TEST_CASE("history: exports of the same are the same bytes", "[osc]") {
    HistoryRig rig;
    perform(rig);
    exported(rig, {"until=0s", "a"});
    rig.now_ns += 90'000'000'000;
    rig.ask({"/history/pin", {1}});
    exported(rig, {"status=complete", "status=stopped", "b"});
    exported(rig, {"limit=3", "c"});
    const auto folder = rig.state() / "exports";
    CHECK(get(folder / "a.zip") == get(folder / "c.zip"));
    CHECK(get(folder / "a.zip") != get(folder / "b.zip"));
}

TEST_CASE("history: an export that fails or is cancelled leaves nothing", "[osc]") {
    HistoryRig rig;
    perform(rig);
    put(rig.state() / "exports", "in the way");
    const auto begun = rig.ask({"/history/export", {1}});
    const auto report = rig.report(arg(*answer_to(begun, "/history/export"), 4));
    CHECK(outcome_of(report, "/render/report") == "CREATE_FAILED");
    std::filesystem::remove(rig.state() / "exports");
    put(rig.state() / "renders" / "beat.wav", std::string(1 << 22, 'x'));
    const auto told = rig.ask({"/history/export", {1}});
    const std::string job = arg(*answer_to(told, "/history/export"), 4);
    const bool stopped = static_cast<bool>(rig.progress.cancel(job, "the test"));
    const auto over = rig.report(job);
    CHECK((outcome_of(over, "/render/report") == "CANCELLED" || !stopped));
    std::size_t left = 0;
    if (std::filesystem::exists(rig.state() / "exports"))
        for (const auto &entry : std::filesystem::directory_iterator{rig.state() / "exports"})
            left += entry.path().extension() == ".zip" ? 0 : 1;
    CHECK(left == 0);
}

TEST_CASE("history: files outside of the state folder are never taken along", "[osc]") {
    HistoryRig rig;
    perform(rig);
    const auto outside = rig.state() / ".." / "chronus-secret.wav";
    put(outside, "secret");
    std::filesystem::create_symlink(outside, rig.state() / "renders" / "link.wav");
    auto output = item(ItemType::output_audio, "");
    for (const char *file : {"../chronus-secret.wav", "renders/link.wav", "/etc/passwd", "renders",
                             "renders/../lock"}) {
        output.file = file;
        rig.journal.put(output);
    }
    rig.keep();
    const Json report = parsed(exported(rig, {3}));
    std::filesystem::remove(outside);
    CHECK(text(member(report, "missing")) == "5");
    CHECK(text(member(report, "outputs")) == "0");
    for (const auto &[path, bytes] : unpacked(rig.state() / "exports" / "execution-3.zip"))
        CHECK_THAT(bytes, !Contains("secret\n") && !Contains("root:"));
}

TEST_CASE("history: old sessions are dropped as an operation, and what is pinned stays", "[osc]") {
    HistoryRig rig;
    perform(rig);
    rig.journal.put(patterns::SessionBegin{.version = "0.1.0", .time_ms = 1'700'000'300'000});
    rig.keep();
    const auto collect = [&] {
        return rig.context.history.wait_for([&](patterns::Database &db) {
            return osc::collect_executions(db, rig.progress,
                                           {.now_ms = 1'800'000'000'000, .keep_newest = 0});
        });
    };
    rig.ask({"/history/pin", {2}});
    REQUIRE(collect());
    CHECK(ids(rig, {}) == "3 2 1 ");
    CHECK(rig.progress.recent().empty());
    rig.ask({"/history/pin", {2, 0}});
    REQUIRE(collect());
    CHECK(ids(rig, {}).empty());
    REQUIRE(rig.progress.recent().size() == 1);
    CHECK(rig.progress.recent()[0].message == "3 executions dropped");
}

TEST_CASE("history: a long answer comes in parts, and ends where it is too long", "[osc]") {
    HistoryRig rig;
    perform(rig);
    const std::string content(4000, 'x');
    for (int n = 0; n < 400; ++n) {
        if (!rig.journal.put(item(ItemType::user_input_osc, content))) FAIL(n);
        if (n % 100 == 99) rig.keep();
    }
    const auto told = rig.ask({"/history/show", {3, "researcher", 1000}});
    CHECK(told.size() > 20);
    const Json shown = parsed(rig.document({"/history/show", {3, "researcher", 1000}}));
    const auto &items = list_in(member(shown, "items"));
    CHECK(items.size() < 30);
    CHECK(text(member(shown, "next")) == std::to_string(items.size()));
}
