#include "engine/host/deck.h"
#include "patterns/history/executions.h"
#include "patterns/history/performance.h"
#include "patterns/show/replay_live.h"
#include "tests/support/director_rig.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

using namespace chronus;
using namespace chronus::test;
using namespace std::chrono_literals;

namespace {

constexpr Frame kBar = 96000; // at 120 bpm
constexpr std::size_t kFade = 240;

/// Two bars and a half of a daemon, and what rang on.
struct Stage {
    DirectorRig rig;
    std::shared_ptr<const patterns::Performance> performance;
    Deck deck;
    Alarm alarm;
    Stereo heard; ///< of the deck

    Stage() {
        rig.say({"/seq/add", {"kick", "voice1", "X...x..."}});
        rig.say({"/mod/reverb1/mix", {0.4f}});
        rig.run(40);
        rig.say({"/seq/start"});
        rig.run(300);
        rig.say({"/mod/voice1/amp", {0.6f}});
        rig.run(600);
        rig.say({"/seq/stop"});
        rig.run(2000);
        std::optional<Result<patterns::Performance>> found;
        REQUIRE(rig.context.history.ask(
            [](patterns::Database &db) -> Result<patterns::Performance> {
                const auto all = patterns::executions(db, {});
                if (!all) return all.error();
                return patterns::performance(db, all->front().id, CHRONUS_VERSION);
            },
            [&](const Result<patterns::Performance> &told) { found = told; }));
        rig.wait_for_history();
        REQUIRE(found);
        REQUIRE(*found);
        performance = std::make_shared<const patterns::Performance>(**found);
        REQUIRE(performance->flaws.empty());
    }

    /// Plays it with a device that is a little faster than time; `each` is called a block.
    Result<patterns::Listened> play(std::uint32_t bar, const std::function<void()> &each = {}) {
        ProgressScope level = rig.progress.begin("replay", "test");
        id = level.id();
        const patterns::ReplayOrder order{.performance = performance,
                                          .from_bar = bar,
                                          .live =
                                              patterns::LiveWay{&deck, &alarm, SampleRate{48000}}};
        std::optional<Result<patterns::Listened>> out;
        std::atomic<bool> over{false};
        std::thread worker([&] {
            out = patterns::play_live(order, level);
            over = true;
        });
        std::array<float, 256> left{}, right{};
        while (!over) {
            left.fill(0);
            right.fill(0);
            deck.add_to({left, right});
            heard.left.insert(heard.left.end(), left.begin(), left.end());
            heard.right.insert(heard.right.end(), right.begin(), right.end());
            if (each) each();
            std::this_thread::sleep_for(4ms);
        }
        worker.join();
        level.end(*out);
        return *out;
    }
    std::string id;

    /// What was heard then, from a frame on.
    Stereo original(Frame begin, std::size_t frames) const {
        const auto part = [&](const std::vector<float> &x) {
            const auto at = x.begin() + static_cast<std::ptrdiff_t>(begin);
            return std::vector<float>(at, at + static_cast<std::ptrdiff_t>(frames));
        };
        return {part(rig.listener.heard.left), part(rig.listener.heard.right)};
    }
    /// Where all of it is in what was heard, which begins with a block; at the end if nowhere.
    std::size_t found(const Stereo &wanted) const {
        for (std::size_t at = kFade; at + wanted.frames() <= heard.frames(); at += 256)
            if (std::equal(wanted.left.begin(), wanted.left.end(),
                           heard.left.begin() + static_cast<std::ptrdiff_t>(at)) &&
                std::equal(wanted.right.begin(), wanted.right.end(),
                           heard.right.begin() + static_cast<std::ptrdiff_t>(at)))
                return at;
        return heard.frames();
    }
};

float steepest(const std::vector<float> &x, std::size_t begin, std::size_t end) {
    float out = 0;
    for (std::size_t i = begin + 1; i < end; ++i) out = std::max(out, std::abs(x[i] - x[i - 1]));
    return out;
}

} // namespace

TEST_CASE("live replay: from a bar on it is what it was, to the sample, and rings out", "[osc]") {
    for (const std::uint32_t bar : {1u, 2u}) {
        INFO("bar " << bar);
        Stage stage;
        const auto listened = stage.play(bar);
        INFO((listened ? "" : listened.error().what));
        REQUIRE(listened);
        CHECK(listened->missed == 0);
        CHECK(listened->seconds.size() >= stage.performance->seconds.size());
        const Frame begin = stage.performance->execution.start_frame + (bar - 1) * kBar +
                            stage.rig.session.engine().latency();
        const std::size_t frames = listened->frames - 2 * kFade;
        CHECK(frames > 150'000 - (bar - 1) * kBar);
        const std::size_t at = stage.found(stage.original(begin, frames));
        REQUIRE(at < stage.heard.frames());
        const Stereo before = stage.original(begin - kFade, kFade);
        CHECK(stage.heard.left[at - kFade] == 0);
        CHECK(stage.heard.left[at - 1] == Approx(before.left.back()).margin(0.01));
        CHECK(steepest(stage.heard.left, at - kFade, at) <=
              steepest(before.left, 0, kFade) + 1.0f / kFade);
        CHECK(std::abs(stage.heard.left[at + frames + kFade - 1]) == 0);
    }
}

TEST_CASE("live replay: the progress goes on as it is heard", "[osc]") {
    Stage stage;
    double last = 0;
    std::size_t steps = 0;
    const auto listened = stage.play(2, [&] {
        const auto level = stage.rig.progress.find(stage.id);
        if (!level || level->parts.size() < 2) return;
        const ProgressLevel &playing = level->parts[1];
        CHECK(playing.current >= last);
        CHECK(playing.current <= static_cast<double>(stage.heard.frames()));
        if (playing.current > last) ++steps;
        last = playing.current;
    });
    REQUIRE(listened);
    CHECK(steps > 20);
    CHECK(last > 0);
}

TEST_CASE("live replay: cancelled or silenced it fades, and says why", "[osc]") {
    for (const bool panic : {false, true}) {
        Stage stage;
        std::optional<std::size_t> ended;
        const auto listened = stage.play(1, [&] {
            if (ended || stage.heard.frames() < 40'000) return;
            if (stage.heard.peak(stage.heard.frames() - 256) == 0) return;
            ended = stage.heard.frames();
            if (panic)
                stage.alarm.raise(1);
            else
                REQUIRE(stage.rig.progress.cancel(stage.id, "test"));
        });
        REQUIRE(ended);
        REQUIRE_FALSE(listened);
        CHECK(listened.error().code == Errc::cancelled);
        CHECK((listened.error().what == "silenced by a panic") == panic);
        CHECK(stage.heard.frames() - *ended < 4800);
        CHECK(stage.heard.left.back() == 0);
        CHECK(steepest(stage.heard.left, *ended - 256, stage.heard.frames()) < 0.1f);
    }
}

TEST_CASE("live replay: a bar that never came is refused", "[osc]") {
    Stage stage;
    const auto listened = stage.play(9);
    REQUIRE_FALSE(listened);
    CHECK(listened.error().code == Errc::out_of_range);
    CHECK(stage.heard.peak() == 0);
}
