#include "engine/host/host_clock.h"
#include "engine/host/render_gate.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

using namespace chronus;

namespace {

constexpr std::uint32_t kRate = 48000;
constexpr std::size_t kBlock = 256;
constexpr double kFrameNs = 1e9 / kRate;
constexpr std::int64_t kStart = 3'000'000'000'000; // an hour after the computer

/// A sound card that calls for its blocks by a clock of its own.
struct Card {
    double parts_per_million = 0; ///< the true length of its second
    double wandering = 0;         ///< ppm a second

    /// The truth: when its frame f begins.
    double ns_of(double f) const {
        const double t = f * kFrameNs * (1 + parts_per_million * 1e-6);
        return t + t * t * wandering * 1e-15 / 2;
    }
};

struct Errors {
    double mean = 0, deviation = 0, worst = 0; ///< microseconds
};

/// Plays for so long; `late(n)` is how late block n is called for. How far the line is from the
/// truth, at random moments of the block that follows each call from `from_s` on.
template <class Late>
Errors play(HostClock &clock, Card card, double from_s, double until_s, Late late) {
    std::mt19937 random{7};
    std::uniform_real_distribution<double> within{0, kBlock};
    double sum = 0, squares = 0, worst = 0, count = 0;
    const auto blocks = static_cast<std::size_t>(until_s * kRate / kBlock);
    for (std::size_t n = 0; n < blocks; ++n) {
        const auto frame = static_cast<double>(n * kBlock);
        const double called = card.ns_of(frame) + late(n) * 1e3;
        clock.block(kStart + std::llround(called), kBlock);
        if (frame / kRate < from_s) continue;
        const double at = std::floor(frame + within(random));
        const auto fit = clock.fit();
        const double error =
            static_cast<double>(fit->ns_at(static_cast<Frame>(at)) - kStart) - card.ns_of(at);
        sum += error * 1e-3;
        squares += error * error * 1e-6;
        worst = std::max(worst, std::abs(error) * 1e-3);
        ++count;
    }
    const double mean = sum / count;
    return {mean, std::sqrt(squares / count - mean * mean), worst};
}

struct Uniform {
    double most_us;
    std::mt19937 random{1};
    double operator()(std::size_t) {
        return std::uniform_real_distribution<double>{-most_us, most_us}(random);
    }
};

/// Late by a little, and once in a hundred blocks so late that the next ones wait for their turn.
struct Stalls {
    std::mt19937 random{2};
    double waits = 0;
    double operator()(std::size_t) {
        waits = std::max(0.0, waits - kBlock * kFrameNs * 1e-3 + 50); // a block takes 50 us
        if (random() % 100 == 0) waits += 8000;
        return waits + std::exponential_distribution<double>{1 / 20.0}(random);
    }
};

} // namespace

TEST_CASE("host clock: white jitter comes out 16 times smaller, whatever the card's rate",
          "[host]") {
    const double off = GENERATE(-200.0, 0.0, 200.0);
    HostClock clock(kRate);
    const Errors errors = play(clock, {off}, 10, 600, Uniform{500});
    const double jitter = 500 / std::sqrt(3.0);
    CHECK(errors.deviation < jitter / 16);
    CHECK(std::abs(errors.mean) < jitter / 100);
    CHECK(errors.worst < 5 * jitter / 16);
    CHECK(clock.fit()->jitter_ns == Approx(jitter * 1e3).epsilon(0.2));
    CHECK(clock.fit()->ns_per_frame == Approx(kFrameNs * (1 + off * 1e-6)).epsilon(30e-6));
}

TEST_CASE("host clock: the line is good from the first second on", "[host]") {
    HostClock clock(kRate);
    const Errors errors = play(clock, {200}, 1, 4, Uniform{500});
    CHECK(errors.worst < 150); // a straight line through 187 such calls ends within 42, 1 in 3 not
}

TEST_CASE("host clock: stalls and bursts of a sound server move the line by little", "[host]") {
    HostClock clock(kRate);
    const Errors stalled = play(clock, {100}, 10, 600, Stalls{});
    CHECK(stalled.deviation < 70); // of calls with one of 840
    CHECK(stalled.worst < 500);    // of calls up to 8 ms late, and more

    // Four blocks at once, then a pause: all but the first of them early.
    HostClock other(kRate);
    const double block_us = kBlock * kFrameNs * 1e-3;
    const auto early = [&](std::size_t n) { return -block_us * static_cast<double>(n % 4); };
    const Errors bursts = play(other, {-100}, 10, 60, early);
    CHECK(bursts.mean == Approx(-1.5 * block_us).margin(20)); // the middle of the four
    CHECK(bursts.deviation < 30);
}

TEST_CASE("host clock: a card that wanders by 1 ppm a second is followed within 3 us", "[host]") {
    HostClock clock(kRate);
    const Errors errors = play(clock, {0, 1}, 10, 200, [](std::size_t) { return 0.0; });
    CHECK(errors.worst < 3);
}

TEST_CASE("host clock: a block moves the line by 0.5 % of its jitter, and never backwards",
          "[host]") {
    HostClock clock(kRate);
    Uniform jitter{500};
    play(clock, {50}, 0, 10, jitter);
    const Card card{50};
    Frame last = 0;
    for (std::size_t n = 1875; n < 20000; ++n) {
        const double late = jitter(n);
        const auto now =
            kStart + std::llround(card.ns_of(static_cast<double>(n * kBlock)) + late * 1e3);
        const ClockFit before = *clock.fit();
        clock.block(now, kBlock);
        const ClockFit after = *clock.fit();
        const std::int64_t expected = before.ns_at(after.frame);
        REQUIRE(std::abs(static_cast<double>(after.ns - expected)) <=
                0.005 * std::abs(static_cast<double>(now - expected)) + 1);
        REQUIRE(after.frame_at(now) >= last);
        last = after.frame_at(now);
        REQUIRE(after.frame_at(after.ns_at(last)) == last);
    }
}

TEST_CASE("host clock: blocks of every length, and of changing lengths, make one line", "[host]") {
    const std::size_t block = GENERATE(16u, 64u, 1000u, 8192u, 0u);
    HostClock clock(kRate);
    std::mt19937 random{3};
    Uniform jitter{300};
    double frame = 0;
    while (frame < 120.0 * kRate) {
        const std::size_t frames = block != 0 ? block : 1 + random() % 2000;
        clock.block(kStart + std::llround(frame * kFrameNs + jitter(0) * 1e3), frames);
        frame += static_cast<double>(frames);
    }
    const double truth = frame * kFrameNs;
    const auto fit = clock.fit();
    CHECK(static_cast<double>(fit->ns_at(static_cast<Frame>(frame)) - kStart) ==
          Approx(truth).margin(200e3)); // 8192: 32 of 173 us are the theory's
}

TEST_CASE("host clock: after a gap a new line starts, and the rate is kept", "[host]") {
    HostClock clock(kRate);
    const Card card{150};
    play(clock, card, 0, 30, [](std::size_t) { return 0.0; });
    const ClockFit before = *clock.fit();
    const Frame next = before.frame + kBlock;
    SECTION("the sound system told of it") {
        clock.restart();
        clock.block(before.ns_at(next) + 7'000'000, kBlock);
        CHECK(clock.fit()->ns == before.ns_at(next) + 7'000'000);
    }
    SECTION("a block came 5 blocks late") {
        clock.block(before.ns_at(next + 5 * kBlock), kBlock);
        CHECK(clock.fit()->ns == before.ns_at(next + 5 * kBlock));
    }
    SECTION("a block came 3 blocks late, which is jitter") {
        clock.block(before.ns_at(next + 3 * kBlock), kBlock);
        CHECK(clock.fit()->ns == Approx(before.ns_at(next)).margin(100'000));
        return;
    }
    CHECK(clock.fit()->frame == next);
    CHECK(clock.fit()->ns_per_frame == before.ns_per_frame);
}

TEST_CASE("host clock: without a device there is no line, and frames go on counting", "[host]") {
    HostClock clock(kRate);
    CHECK_FALSE(clock.fit());
    CHECK(clock.due_ns() == 0);
    clock.block(kStart, kBlock);
    REQUIRE(clock.fit());
    CHECK(clock.fit()->frame == 0);
    CHECK(clock.fit()->ns == kStart);
    CHECK(clock.fit()->frame_at(kStart - 1'000'000'000) == 0);
    CHECK(clock.fit()->frame_at(kStart + 1'000'000'000) == 48000);
    clock.stop();
    CHECK_FALSE(clock.fit());
    CHECK(clock.due_ns() == kStart + 5'333'333);
    clock.block(kStart + 1'000'000'000, kBlock);
    CHECK(clock.fit()->frame == kBlock);
    CHECK(clock.fit()->ns == kStart + 1'000'000'000);
}

TEST_CASE("host clock: no jitter drives the rate further than 1 % off", "[host]") {
    HostClock clock(kRate);
    Uniform wild{80'000};
    for (std::size_t n = 0; n < 2000; ++n) {
        clock.block(
            kStart + static_cast<std::int64_t>(n) * 85'333'333 + std::llround(wild(n) * 1e3), 4096);
        REQUIRE(clock.fit()->ns_per_frame == Approx(kFrameNs).epsilon(0.0101));
    }
}

TEST_CASE("host clock: a reader gets a whole fit, however fast blocks come", "[host]") {
    HostClock clock(1'000'000); // a frame is a microsecond
    std::atomic<bool> done{false};
    std::thread audio([&] {
        for (std::int64_t n = 0; n < 200'000; ++n) clock.block(kStart + n * 64'000, 64);
        done = true;
    });
    std::uint64_t torn = 0, backwards = 0;
    Frame last = 0;
    while (!done) {
        const auto fit = clock.fit();
        if (!fit) continue;
        if (fit->ns != kStart + static_cast<std::int64_t>(fit->frame) * 1000) ++torn;
        if (fit->frame < last) ++backwards;
        last = fit->frame;
    }
    audio.join();
    CHECK(torn == 0);
    CHECK(backwards == 0);
    CHECK(clock.fit()->frame == 199'999 * 64);
}

TEST_CASE("render gate: tells the clock of every block it renders, and of gaps", "[host]") {
    struct Silence {
        void render(StereoBlock) noexcept {}
    } engine;
    HostClock clock(kRate);
    DeviceMeter meter;
    RenderGate gate(meter, kRate);
    std::vector<float> left(kBlock), right(kBlock);
    const StereoBlock out{left, right};
    gate.render(out, kStart);
    CHECK_FALSE(clock.fit()); // closed
    gate.open({.call = render_call_of(engine), .clock = &clock});
    gate.render(out, kStart);
    gate.render(out, kStart + 6'000'000);
    CHECK(clock.fit()->frame == kBlock);
    CHECK(clock.fit()->ns < kStart + 6'000'000); // half way between what was due and what came
    ++meter.xruns;
    gate.render(out, kStart + 15'000'000);
    CHECK(clock.fit()->ns == kStart + 15'000'000);
    CHECK(clock.fit()->frame == 2 * kBlock);
}
