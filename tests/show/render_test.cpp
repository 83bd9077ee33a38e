#include "patterns/show/render.h"

#include "engine/host/progress.h"
#include "engine/host/sound_file.h"
#include "tests/crash/temp_folder.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace chronus::test {
namespace {

using namespace patterns;
namespace fs = std::filesystem;

Part part(const Scene &scene, std::uint32_t bars) {
    return {std::make_shared<const Scene>(scene), bars};
}

Scene two_tracks() {
    Scene s = scene({track("kick", 1, "X...X..."), track("bass/1", 2, "..x...x.", {110})});
    s.params.set(param("acid1/source"), 0);
    return s;
}

RenderOrder order(const fs::path &folder, std::vector<Output> outputs) {
    return {.parts = {part(two_tracks(), 1)},
            .outputs = std::move(outputs),
            .folder = folder,
            .name = "take"};
}

std::vector<std::string> files_in(const fs::path &folder) {
    std::vector<std::string> out;
    for (const auto &entry : fs::directory_iterator{folder})
        out.push_back(entry.path().filename().string());
    std::ranges::sort(out);
    return out;
}

/// A store on a clock of its own.
struct Watched {
    ProgressStore store{{[] { return std::int64_t{0}; }, [this] { return now_ns += 1'000'000; }}};
    std::int64_t now_ns = 0;
};

Result<RenderReport> rendered(const RenderOrder &order, ProgressStore &store) {
    auto level = store.begin("render", order.name);
    return level.run([&] { return render(order, level); });
}
Result<RenderReport> rendered(const RenderOrder &order) {
    Watched watched;
    return rendered(order, watched.store);
}

/// Cancels an operation once so much has been told of it, and says how long it then took to end.
class Canceller {
public:
    Canceller(ProgressStore &store, std::uint64_t version)
        : store_(store), thread_([this, version] {
              while (store_.version() < version && !over_) std::this_thread::yield();
              asked_ = std::chrono::steady_clock::now();
              (void)store_.cancel("1", "the test");
          }) {}
    std::chrono::duration<double> wait() {
        const auto over = std::chrono::steady_clock::now();
        over_ = true;
        thread_.join();
        return over - asked_;
    }

private:
    ProgressStore &store_;
    std::atomic<bool> over_ = false;
    std::chrono::steady_clock::time_point asked_;
    std::thread thread_;
};

const std::vector<Output> kAll{Output::wav16, Output::wav24, Output::wav32f, Output::flac,
                               Output::ogg,   Output::stems, Output::midi,   Output::plot};

} // namespace

TEST_CASE("render: every output leaves the files it names, and no other", "[show]") {
    const TempFolder folder;
    const auto report = rendered(order(folder.path, kAll));
    REQUIRE(report);
    std::vector<std::string> named;
    for (const MadeOutput &made : report->outputs) {
        CHECK_FALSE(made.blocked);
        for (const MadeFile &file : made.files) {
            named.push_back(file.name);
            CHECK(file.bytes == fs::file_size(folder.path / file.name));
            CHECK(file.sha256.size() == 64);
        }
    }
    std::ranges::sort(named);
    CHECK(files_in(folder.path) == named);
    CHECK(named == std::vector<std::string>{"take.01-kick.wav", "take.02-bass_1.wav", "take.16.wav",
                                            "take.24.wav", "take.flac", "take.mid", "take.ogg",
                                            "take.svg", "take.wav"});
}

TEST_CASE("render: equal orders make equal files", "[show]") {
    const TempFolder one, other;
    REQUIRE(rendered(order(one.path, kAll)));
    auto again = order(other.path, kAll);
    again.config.kernels = rt::Kernels::plain; // a machine without AVX2
    REQUIRE(rendered(again));
    for (const std::string &name : files_in(one.path))
        CHECK((get(one.path / name) == get(other.path / name)));
}

TEST_CASE("render: all sound files hold the performance, each as exactly as it can", "[show]") {
    const TempFolder folder;
    const auto report =
        rendered(order(folder.path, {Output::wav32f, Output::wav24, Output::wav16, Output::flac}));
    REQUIRE(report);
    const auto exact = read_sound(folder.path / "take.wav");
    REQUIRE(exact);
    CHECK(exact->frames() == report->frames);
    for (const auto &[name, step] :
         {std::pair{"take.24.wav", 0x1p-23f}, {"take.flac", 0x1p-23f}, {"take.16.wav", 0x1p-15f}}) {
        const auto sound = read_sound(folder.path / name);
        REQUIRE(sound);
        REQUIRE(sound->samples.size() == exact->samples.size());
        float most = 0;
        for (std::size_t i = 0; i < exact->samples.size(); ++i)
            most = std::max(most, std::abs(sound->samples[i] - exact->samples[i]));
        CHECK(most <= 0.5001f * step);
    }
}

TEST_CASE("render: dry stems below the limiter add up to the mix", "[show]") {
    const TempFolder folder;
    auto quiet = order(folder.path, {Output::wav32f, Output::stems});
    Scene scene = two_tracks();
    scene.params.set(param("master/level"), 0.25f);
    quiet.parts = {part(scene, 1)};
    REQUIRE(rendered(quiet));
    const auto mix = read_sound(folder.path / "take.wav");
    const auto kick = read_sound(folder.path / "take.01-kick.wav");
    const auto bass = read_sound(folder.path / "take.02-bass_1.wav");
    REQUIRE((mix && kick && bass));
    float most = 0;
    for (std::size_t i = 0; i < std::min(kick->samples.size(), bass->samples.size()); ++i)
        most = std::max(most, std::abs(kick->samples[i] + bass->samples[i] - mix->samples[i]));
    CHECK(most < 1e-4f);
    CHECK(std::ranges::max(mix->samples) > 0.02f);
}

TEST_CASE("render: a track that is not heard gets no stem, and is told of", "[show]") {
    const TempFolder folder;
    auto muted = order(folder.path, {Output::stems});
    Scene scene = two_tracks();
    scene.tracks[1].mute = true;
    muted.parts = {part(scene, 1)};
    const auto report = rendered(muted);
    REQUIRE(report);
    CHECK(files_in(folder.path) == std::vector<std::string>{"take.01-kick.wav"});
    REQUIRE(report->outputs[0].blocked);
    CHECK_THAT(report->outputs[0].blocked->what,
               Catch::StartsWith("track bass/1: nothing is heard"));
}

TEST_CASE("render: an output that is not worth keeping is blocked, and the others go on",
          "[show]") {
    const TempFolder folder;
    auto silent = order(folder.path, {Output::wav24, Output::midi, Output::plot});
    Scene scene = two_tracks();
    scene.params.set(param("master/level"), 0);
    silent.parts = {part(scene, 1)};
    const auto report = rendered(silent);
    REQUIRE(report);
    CHECK(files_in(folder.path) == std::vector<std::string>{"take.mid"});
    CHECK(report->outputs[0].blocked);
    CHECK_FALSE(report->outputs[1].blocked);
    CHECK(report->outputs[2].blocked);
    CHECK_THAT(to_json(*report, {"7", folder.path}),
               Catch::Contains("\"blocked\":\"nothing is heard"));
}

TEST_CASE("render: cancelled at any moment it leaves whole files or none, and is over soon",
          "[show]") {
    const TempFolder reference;
    Watched whole;
    REQUIRE(rendered(order(reference.path, kAll), whole.store));
    std::vector<double> took_s;
    constexpr std::uint64_t kMoments = 40;
    for (std::uint64_t moment = 1; moment <= kMoments; ++moment) {
        const TempFolder folder;
        Watched watched;
        Canceller canceller{watched.store, whole.store.version() * moment / (kMoments + 1)};
        const auto report = rendered(order(folder.path, kAll), watched.store);
        const auto took = canceller.wait();
        for (const std::string &name : files_in(folder.path))
            CHECK((get(folder.path / name) == get(reference.path / name)));
        if (report) continue; // its last output was being put in place
        CHECK(report.error().code == Errc::cancelled);
        CHECK(watched.store.find("1")->status == ProgressStatus::cancelled);
        took_s.push_back(took.count());
    }
    REQUIRE(took_s.size() > kMoments / 2);
    std::ranges::sort(took_s);
    CHECK(took_s[took_s.size() / 2] < 0.1); // of the others, some waited for a core
}

TEST_CASE("render: tells of each part, the check, each output and its encoder", "[show]") {
    const TempFolder folder;
    auto parts = order(folder.path, {Output::wav24, Output::stems, Output::plot});
    Scene faster = two_tracks();
    faster.params.set(param("seq/bpm"), 180);
    const auto shared = part(two_tracks(), 1);
    parts.parts = {shared, shared, part(faster, 1)};
    Watched watched;
    const auto report = rendered(parts, watched.store);
    REQUIRE(report);
    const auto level = watched.store.find("1");
    REQUIRE(level);
    CHECK(level->status == ProgressStatus::completed);
    std::vector<std::string> told;
    for (const ProgressLevel &each : level->parts) {
        CHECK(each.status == ProgressStatus::completed);
        CHECK(each.fraction == 1);
        told.push_back(each.type + " " + each.name);
    }
    CHECK(told == std::vector<std::string>{"part part 1", "part part 2", "check sound",
                                           "output wav24", "output stems", "output plot"});
    CHECK(level->parts[0].total == 2 * 96000);
    CHECK(level->parts[1].total == 64000);
    CHECK(level->parts[3].parts.at(0).name == "take.24.wav");
    CHECK(level->parts[4].outputs.at(1).name == "take.02-bass_1.wav");
    const auto metric = [&](std::string_view name) {
        const auto found = std::ranges::find(level->metrics, name, &ProgressMetric::name);
        return found == level->metrics.end() ? -1e9 : found->value;
    };
    CHECK(metric("real_time_factor") > 1);
    CHECK(metric("rss_mb") > 1);
    CHECK(metric("lufs") == Approx(report->outputs[0].facts.lufs));
}

TEST_CASE("render: a file that is there is replaced whole, and what cannot be is refused",
          "[show]") {
    const TempFolder folder;
    put(folder.path / "take.wav", "something else");
    REQUIRE(rendered(order(folder.path, {Output::wav32f})));
    CHECK(read_sound(folder.path / "take.wav"));
    const auto nowhere = rendered(order(folder.path / "missing", {Output::wav32f}));
    REQUIRE_FALSE(nowhere);
    CHECK_THAT(nowhere.error().what, Catch::Contains("missing"));
    auto nothing = order(folder.path, {});
    CHECK(rendered(nothing).error().code == Errc::out_of_range);
    nothing = order(folder.path, {Output::plot});
    nothing.parts[0].bars = 0;
    CHECK(rendered(nothing).error().code == Errc::out_of_range);
}

} // namespace chronus::test
