#include "engine/host/deck.h"
#include "engine/host/device_supervisor.h"
#include "tests/support/hand_device.h"
#include "tests/support/rig.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <iterator>
#include <memory>
#include <thread>
#include <vector>

using namespace chronus;
using namespace chronus::test;

namespace {

constexpr SampleRate kFs{48000};
constexpr std::size_t kBlock = 256;

/// Plays the same sample for ever.
struct Humming {
    float level = 0;
    void render(StereoBlock out) noexcept {
        std::ranges::fill(out.left, level);
        std::ranges::fill(out.right, -level);
    }
};

/// An engine on a device that is turned by hand.
struct Stage {
    Humming engine;
    HandDevice *hand = nullptr;
    DeviceSupervisor supervisor{{made(), {}}, []() -> Result<std::unique_ptr<AudioDevice>> {
                                    return Error{Errc::unsupported, "hand: there is one"};
                                }};
    Alarm alarm;
    Reel reel{kFs, alarm};

    explicit Stage(float level = 0) : engine{level} { supervisor.start(render_call_of(engine)); }

    std::unique_ptr<AudioDevice> made() {
        auto device = std::make_unique<HandDevice>(kBlock);
        hand = device.get();
        return device;
    }
    Deck &deck() { return supervisor.deck(); }
    Stereo turn(int times = 1) {
        Stereo out;
        for (; times > 0; --times) {
            hand->turn(monotonic_ns());
            const StereoBlock heard = hand->heard();
            out.left.insert(out.left.end(), heard.left.begin(), heard.left.end());
            out.right.insert(out.right.end(), heard.right.begin(), heard.right.end());
        }
        return out;
    }
    void write(std::size_t frames, float level) {
        std::vector<float> sound(frames, level);
        reel.write({sound, sound});
    }
};

float value_at(std::uint64_t frame) { return static_cast<float>(frame % 1000 + 1) / 2000.0f; }

float steepest(const std::vector<float> &x) {
    float out = 0;
    for (std::size_t i = 1; i < x.size(); ++i) out = std::max(out, std::abs(x[i] - x[i - 1]));
    return out;
}

} // namespace

TEST_CASE("deck: what is on a reel is heard over the engine, frame for frame, and then over",
          "[host]") {
    Stage stage(0.25f);
    std::vector<float> left(1000), right(1000);
    for (std::size_t i = 0; i < 1000; ++i) left[i] = value_at(i), right[i] = -value_at(2 * i);
    stage.reel.write({left, right});
    stage.reel.end();
    CHECK(stage.turn().left == std::vector<float>(kBlock, 0.25f));
    REQUIRE(stage.deck().put_on(stage.reel));
    const Stereo heard = stage.turn(5);
    for (std::size_t i = 0; i < heard.frames(); ++i) {
        REQUIRE(heard.left[i] == 0.25f + (i < 1000 ? left[i] : 0.0f));
        REQUIRE(heard.right[i] == -0.25f + (i < 1000 ? right[i] : 0.0f));
    }
    CHECK(stage.reel.over());
    CHECK(stage.reel.heard() == 1000);
    CHECK(stage.reel.missed() == 0);
    stage.deck().take_off();
    CHECK(stage.turn().left == std::vector<float>(kBlock, 0.25f));
}

TEST_CASE("deck: one reel at a time", "[host]") {
    Stage stage;
    Reel other{kFs, stage.alarm};
    CHECK(stage.deck().put_on(stage.reel));
    CHECK_FALSE(stage.deck().put_on(other));
    stage.deck().take_off();
    CHECK(stage.deck().put_on(other));
    stage.deck().take_off();
}

TEST_CASE("deck: what does not come in time is silence, and counted", "[host]") {
    Stage stage;
    REQUIRE(stage.deck().put_on(stage.reel));
    stage.write(100, 0.5f);
    const Stereo heard = stage.turn();
    CHECK(heard.left[99] == 0.5f);
    CHECK(heard.left[100] == 0);
    CHECK(stage.reel.missed() == 156);
    stage.write(kBlock, 0.5f);
    CHECK(stage.turn().left == std::vector<float>(kBlock, 0.5f));
    stage.reel.end();
    (void)stage.turn(2);
    CHECK(stage.reel.missed() == 156);
    CHECK(stage.reel.over());
    stage.deck().take_off();
}

TEST_CASE("deck: stopped or panicked, a reel fades within 5 ms, without a click", "[host]") {
    for (const bool panic : {false, true}) {
        Stage stage;
        stage.write(24000, 1);
        REQUIRE(stage.deck().put_on(stage.reel));
        Stereo heard = stage.turn(2);
        CHECK(heard.left.back() == 1);
        panic ? stage.alarm.raise(7) : stage.reel.stop();
        heard = stage.turn(3);
        CHECK(heard.left[240] == 0);
        CHECK(steepest(heard.left) < 0.0043f);
        CHECK(stage.reel.over());
        CHECK(stage.reel.silenced() == panic);
        stage.deck().take_off();
    }
}

TEST_CASE("deck: two that are loud together stay within what a device takes", "[host]") {
    Stage stage(0.9f);
    stage.write(kBlock, 0.9f);
    REQUIRE(stage.deck().put_on(stage.reel));
    const Stereo heard = stage.turn();
    CHECK(heard.left == std::vector<float>(kBlock, 1));
    CHECK(heard.right == std::vector<float>(kBlock, 0));
    stage.deck().take_off();
}

TEST_CASE("deck: reels come and go while it plays, and each is heard whole", "[host]") {
    Deck deck;
    Alarm alarm;
    std::atomic<bool> quit{false};
    std::vector<float> heard;
    std::thread audio([&] {
        constexpr std::array<std::size_t, 5> kBlocks{256, 64, 37, 480, 1};
        std::array<float, 480> left{}, right{};
        for (std::size_t n = 0; !quit; ++n) {
            const StereoBlock out = StereoBlock{left, right}.sub(0, kBlocks[n % kBlocks.size()]);
            std::ranges::fill(out.left, 0.0f);
            std::ranges::fill(out.right, 0.0f);
            deck.add_to(out);
            std::ranges::copy_if(out.left, std::back_inserter(heard),
                                 [](float x) { return x != 0; });
            std::this_thread::yield();
        }
    });
    std::uint64_t written = 0;
    for (int times = 0; times < 20; ++times) {
        Reel reel{kFs, alarm};
        REQUIRE(deck.put_on(reel));
        std::vector<float> sound(500);
        for (int blocks = 0; blocks < 100; ++blocks) {
            while (reel.room() < sound.size()) std::this_thread::yield();
            for (float &x : sound) x = value_at(written++);
            reel.write({sound, sound});
        }
        reel.end();
        while (!reel.over()) std::this_thread::yield();
        CHECK(reel.heard() == 50'000);
        deck.take_off();
    }
    quit = true;
    audio.join();
    REQUIRE(heard.size() == written);
    for (std::size_t i = 0; i < heard.size(); ++i) REQUIRE(heard[i] == value_at(i));
}
