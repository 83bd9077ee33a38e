#include "patterns/show/studio.h"
#include "tests/crash/temp_folder.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace chronus::test {
namespace {

using namespace patterns;
namespace fs = std::filesystem;

Source source(const Scene &scene, int slot = 0) {
    return {KeptPattern{Document{.scene = scene}}, slot};
}

Scene beat(float bpm, float level = 0.8f) {
    Scene s = scene({track("kick", 1, "X...X..."), track("bass", 2, "..x...x.", {110})}, bpm);
    s.params.set(param("master/level"), level);
    return s;
}

Song song(std::string name, const Scene &scene, std::uint32_t bars = 1) {
    return {.name = std::move(name), .source = source(scene), .parts = {{.bars = bars}}};
}

/// Four songs; the second is another through what is overridden, the third has two parts.
Setlist friday() {
    Setlist set{.name = "friday", .base = source(beat(120))};
    set.songs = {song("intro", beat(120)), song("loud", beat(120)), song("two-parts", beat(125)),
                 Song{.name = "plain", .parts = {{.bars = 1}}}};
    set.songs[1].overrides["voice1/freq"] = 80.0;
    set.songs[2].parts.push_back({.source = source(beat(130)), .bars = 1, .repeat = 2});
    return set;
}

/// A studio in a folder of its own.
struct Desk {
    TempFolder folder;
    ProgressStore store{{[] { return std::int64_t{0}; }, monotonic}};
    Studio studio{store, folder.path};

    static std::int64_t monotonic() {
        return std::chrono::steady_clock::now().time_since_epoch().count();
    }

    Result<StudioReport> wait_for(const Result<std::string> &job) {
        REQUIRE(job);
        while (!is_over(store.find(*job)->status))
            std::this_thread::sleep_for(std::chrono::milliseconds{2});
        return studio.report(*job);
    }
    std::string process(const Setlist &set, std::vector<Output> outputs, Share share = {}) {
        const auto report = wait_for(studio.process(order(set, std::move(outputs)), share));
        REQUIRE(report);
        return report->summary;
    }
    static SetOrder order(const Setlist &set, std::vector<Output> outputs = {Output::wav16}) {
        return {.set = std::make_shared<const Setlist>(set),
                .wishes = {.outputs = std::move(outputs)}};
    }
    std::map<std::string, SongState> processed() {
        std::map<std::string, SongState> out;
        for (ProcessedSong &each : studio.take_processed()) out[each.song] = std::move(each.state);
        return out;
    }
};

/// Every file of a folder, by its name.
std::map<std::string, std::string> bytes_in(const fs::path &folder) {
    std::map<std::string, std::string> out;
    for (const auto &entry : fs::directory_iterator{folder})
        out[entry.path().filename().string()] = get(entry.path());
    return out;
}

} // namespace

TEST_CASE("sets: every song leaves its outputs, a manifest, and what is kept with it", "[show]") {
    Desk desk;
    CHECK(desk.process(friday(), {Output::wav16, Output::midi}) == "4 made, 0 unchanged, 0 failed");
    const auto files = bytes_in(desk.folder.path / "friday");
    CHECK(files.size() == 12);
    const auto states = desk.processed();
    REQUIRE(states.size() == 4);
    for (const auto &[name, state] : states) {
        INFO(name);
        CHECK(files.contains(name + ".json"));
        CHECK(state.error.empty());
        CHECK(state.inputs.size() == 64);
        CHECK(state.outputs.at(name + ".16.wav").bytes == files.at(name + ".16.wav").size());
        CHECK(state.metrics.at("lufs") < 0);
        REQUIRE(state.scene);
    }
    CHECK(states.at("two-parts").scene->scene.params.get(param("seq/bpm")) == 130);
    CHECK(states.at("loud").scene->scene.params.get(param("voice1/freq")) == 80);
    CHECK(states.at("intro").hash == states.at("plain").hash);
    CHECK(desk.processed().empty());
}

TEST_CASE("sets: what is there already is left alone, and only that", "[show]") {
    Desk desk;
    Setlist set = friday();
    desk.process(set, {Output::wav16});
    const auto first = desk.processed();
    const fs::path folder = desk.folder.path / "friday";
    const auto before = bytes_in(folder);
    CHECK(desk.process(set, {Output::wav16}) == "0 made, 4 unchanged, 0 failed");
    CHECK(desk.processed() == first);
    CHECK(desk.process(set, {Output::wav16, Output::midi}) == "4 made, 0 unchanged, 0 failed");
    desk.process(set, {Output::wav16});
    set.songs[0].overrides["seq/swing"] = 0.2;
    CHECK(desk.process(set, {Output::wav16}) == "1 made, 3 unchanged, 0 failed");
    set.songs[0].overrides.clear();
    fs::remove(folder / "loud.16.wav");
    put(folder / "plain.16.wav", "cut short");
    put(folder / "two-parts.json", "{\"inputs\":");
    CHECK(desk.process(set, {Output::wav16}) == "4 made, 0 unchanged, 0 failed");
    auto after = bytes_in(folder);
    for (const auto &[name, bytes] : before) CHECK((after[name] == bytes));
}

TEST_CASE("sets: a song that fails is told of, and the others go on", "[show]") {
    Desk desk;
    Setlist set = friday();
    set.base = {};
    set.songs[1].overrides["master/level"] = 0.0;
    set.songs[2].overrides["no/such"] = 1.0;
    const auto job = desk.studio.process(Desk::order(set));
    const auto report = desk.wait_for(job);
    REQUIRE(report);
    CHECK(report->summary == "1 made, 0 unchanged, 3 failed");
    const auto states = desk.processed();
    CHECK(states.at("intro").error.empty());
    CHECK_THAT(states.at("loud").error, Catch::Contains("nothing is heard"));
    CHECK_THAT(states.at("two-parts").error, Catch::Contains("no parameter"));
    CHECK_THAT(states.at("plain").error, Catch::Contains("nothing to play"));
    const auto level = desk.store.find(*job);
    REQUIRE(level);
    CHECK(level->status == ProgressStatus::completed);
    CHECK(level->parts[0].status == ProgressStatus::completed);
    for (std::size_t i : {1, 2, 3}) CHECK(level->parts[i].status == ProgressStatus::failed);
    CHECK(desk.process(set, {Output::wav16}) == "0 made, 1 unchanged, 3 failed");
}

TEST_CASE("sets: shares made apart are together what one makes alone", "[show]") {
    const std::vector<Output> outputs{Output::flac, Output::stems, Output::plot};
    Desk whole;
    whole.process(friday(), outputs);
    const auto expected = bytes_in(whole.folder.path / "friday");
    for (const std::size_t of : {2u, 3u, 7u}) {
        std::map<std::string, std::string> merged;
        for (std::size_t at = 0; at < of; ++at) {
            Desk apart;
            apart.process(friday(), outputs, {at, of});
            for (auto &[name, bytes] : bytes_in(apart.folder.path / "friday"))
                CHECK(merged.emplace(name, std::move(bytes)).second);
        }
        CHECK((merged == expected));
    }
}

TEST_CASE("sets: a share is one of several", "[show]") {
    CHECK(parse_share("2/3")->at == 1);
    CHECK(parse_share("2/3")->of == 3);
    for (const char *wrong :
         {"", "1", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2", "1/ 2", "1.5/2"})
        CHECK(parse_share(parse_share(wrong).error().hint));
}

TEST_CASE("sets: a disk that is full in the middle of a song fails that one alone", "[show]") {
    Desk desk;
    Setlist set = friday();
    set.songs[2].parts[0].bars = 8; // some 5 MB as they are played
    {
        std::signal(SIGXFSZ, SIG_IGN);
        rlimit before{};
        ::getrlimit(RLIMIT_FSIZE, &before);
        const rlimit limit{3'000'000, before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        CHECK(desk.process(set, {Output::wav16}) == "3 made, 0 unchanged, 1 failed");
        ::setrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, SIG_DFL);
    }
    CHECK_THAT(desk.processed().at("two-parts").error, Catch::Contains("too large"));
    CHECK(bytes_in(desk.folder.path / "friday").size() == 6);
    CHECK(desk.process(set, {Output::wav16}) == "1 made, 3 unchanged, 0 failed");
}

TEST_CASE("sets: one job at a time on a set; cancelled it keeps what was whole", "[show]") {
    Desk desk;
    Setlist set = friday();
    for (Song &each : set.songs) each.parts = {{.bars = 1024, .repeat = 64}};
    const auto job = desk.studio.process(Desk::order(set));
    REQUIRE(job);
    const auto other = desk.studio.process(Desk::order(set));
    REQUIRE_FALSE(other);
    CHECK(other.error().code == Errc::busy);
    CHECK(desk.store.cancel(*job, "the test"));
    const auto report = desk.wait_for(job);
    REQUIRE_FALSE(report);
    CHECK(report.error().code == Errc::cancelled);
    const auto told = desk.store.find(*job);
    for (const ProgressLevel &level : told->parts) CHECK(level.status == ProgressStatus::cancelled);
    const fs::path folder = desk.folder.path / "friday";
    CHECK((!fs::exists(folder) || bytes_in(folder).empty()));
    CHECK(desk.processed().empty());
    CHECK(desk.process(friday(), {Output::wav16}) == "4 made, 0 unchanged, 0 failed");
}

TEST_CASE("preflight: a set in order has nothing to mend, and is drawn", "[show]") {
    Desk desk;
    const auto report = desk.wait_for(desk.studio.preflight(Desk::order(friday()), {}));
    REQUIRE(report);
    CHECK_THAT(report->summary, Catch::StartsWith("4 songs, 0:"));
    CHECK_THAT(report->summary, Catch::EndsWith("nothing to mend"));
    const auto picture = get(desk.folder.path / "friday.preflight.svg");
    CHECK_THAT(picture, Catch::StartsWith("<svg") && Catch::Contains("two-parts"));
    CHECK(bytes_in(desk.folder.path).size() == 1);
}

TEST_CASE("preflight: says what is wrong, and of which song", "[show]") {
    Desk desk;
    Setlist set = friday();
    set.songs.resize(3);
    set.base = {};
    set.songs[0].source.slot = 7;
    set.songs[1] = song("soft", beat(120, 0.2f));
    set.songs[2] = song("fast", beat(150, 0.2f));
    set.songs.push_back(Song{.name = "none"});
    Scene gap = beat(90, 0.2f);
    gap.tracks[0].steps[0].hit = Hit::normal;
    for (Track &track : gap.playing()) track.mute = true;
    set.songs.push_back(song("mute", gap));
    Scene rare = scene({track("a", 1, "X...............")}, 30); // a bar of 8 s
    rare.params.set(param("voice1/adsr/release"), 0.01f);
    set.songs.push_back(song("rare", rare, 2));
    const auto report =
        desk.wait_for(desk.studio.preflight(Desk::order(set), {{7, "is empty by now"}}));
    REQUIRE(report);
    for (const char *what : {"slot 7, of which it has a copy, is empty by now",
                             "LU softer than intro", "from 120 to 150 BPM after soft",
                             "nothing to play", "nothing is heard", "s of silence in it"})
        CHECK_THAT(report->json, Catch::Contains(what));
}

} // namespace chronus::test
