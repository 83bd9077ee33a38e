#include "engine/host/null_device.h"
#include "engine/host/open_device.h"
#include "engine/host/privileges.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <random>
#include <thread>
#include <vector>

using namespace chronus;
using namespace std::chrono_literals;

namespace {

/// Counts what it is asked for.
struct Counter {
    std::atomic<std::uint64_t> frames{0};
    void render(StereoBlock out) noexcept { frames += out.frames(); }
};

struct Ones {
    void render(StereoBlock out) noexcept {
        std::ranges::fill(out.left, 1.0f);
        std::ranges::fill(out.right, 1.0f);
    }
};

double cpu_seconds() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

} // namespace

TEST_CASE("null device: renders in real time, for next to nothing", "[host]") {
    Counter engine;
    NullDevice device;
    REQUIRE(device.info().sample_rate == 48000);
    REQUIRE(device.info().block_frames == 256);

    const double cpu = cpu_seconds();
    const std::int64_t begin = monotonic_ns();
    device.start({render_call_of(engine)});
    std::this_thread::sleep_for(2s);
    device.stop();
    const double seconds = static_cast<double>(monotonic_ns() - begin) * 1e-9;
    const double used = cpu_seconds() - cpu;
    const std::uint64_t frames = engine.frames;

    CHECK(static_cast<double>(frames) == Approx(48000 * seconds).epsilon(0.02));
    CHECK(device.meter().callbacks - frames / 256 <= 1); // a last one may have been silent
    CHECK(used < 0.1 * seconds); // measured 0.5 %; sanitizers and busy machines cost more

    std::this_thread::sleep_for(50ms);
    CHECK(engine.frames == frames);
}

TEST_CASE("null device: its clock tells what is rendered, within a block and 11 ms", "[host]") {
    Counter engine;
    HostClock clock(48000);
    NullDevice device;
    device.start({.call = render_call_of(engine), .clock = &clock});
    std::mt19937 random{5};
    std::vector<std::int64_t> ahead; // frames rendered before their time has come
    while (ahead.size() < 400) {
        std::this_thread::sleep_for(std::chrono::microseconds(500 + random() % 5000));
        const auto fit = clock.fit();
        const std::uint64_t rendered = engine.frames;
        const std::int64_t now = monotonic_ns();
        if (fit) ahead.push_back(static_cast<std::int64_t>(rendered - fit->frame_at(now)));
    }
    device.stop();
    std::ranges::sort(ahead);
    CHECK(ahead.back() <= 256);        // never before the block was due
    CHECK(ahead[100] > -528 - 10);     // 11 ms after it but for a late waking
    CHECK(ahead[20] > -528 - 240);     // of 5 ms
    CHECK(clock.fit()->jitter_ns < 2); // due times have none
    CHECK(clock.fit()->ns_per_frame == Approx(1e9 / 48000).epsilon(1e-9));
}

TEST_CASE("null device: wakes for three blocks of 5.3 ms at once", "[host]") {
    struct Wakings {
        std::int64_t last = 0;
        std::atomic<int> count{0};
        void render(StereoBlock) noexcept {
            const std::int64_t now = monotonic_ns();
            if (now - last > 1'000'000) ++count;
            last = now;
        }
    } engine;
    NullDevice device;
    const std::int64_t begin = monotonic_ns();
    device.start({.call = render_call_of(engine)});
    std::this_thread::sleep_for(1s);
    device.stop();
    const double seconds = static_cast<double>(monotonic_ns() - begin) * 1e-9;
    CHECK(engine.count < 90 * seconds); // 63; one for each block were 188
}

TEST_CASE("null device: starting and stopping leaves one renderer at a time", "[host]") {
    struct Alone {
        std::atomic<int> inside{0}, most{0};
        void render(StereoBlock) noexcept {
            most = std::max(most.load(), ++inside);
            --inside;
        }
    } engine;
    NullDevice one, other;
    for (int i = 0; i < 50; ++i) {
        for (NullDevice *device : {&one, &other}) {
            device->start({render_call_of(engine)});
            std::this_thread::sleep_for(1ms);
            device->stop();
        }
    }
    CHECK(engine.most == 1);
}

TEST_CASE("null device: what another device missed is made up for at once", "[host]") {
    Counter engine;
    NullDevice device;
    device.start({render_call_of(engine), 0, monotonic_ns() - 1'500'000'000});
    std::this_thread::sleep_for(500ms);
    device.stop();
    CHECK(static_cast<double>(engine.frames) == Approx(2.0 * 48000).epsilon(0.05));
    CHECK(device.meter().xruns == 0);
}

TEST_CASE("pace: a day of blocks is due to the nanosecond", "[host]") {
    Pace pace(44100, 4410, 0); // ten a second
    for (int i = 0; i < 864000; ++i) pace.next();
    CHECK(pace.due_ns() == 86400ll * 1'000'000'000);

    Pace odd(48000, 37, 5);
    for (int i = 0; i < 48000; ++i) odd.next();
    CHECK(odd.due_ns() == 37ll * 1'000'000'000 + 5);
}

TEST_CASE("null device: a block that takes 1.5 s is not followed by a burst", "[host]") {
    struct Sleeper {
        std::atomic<std::uint64_t> blocks{0};
        void render(StereoBlock) noexcept {
            if (blocks++ == 10) std::this_thread::sleep_for(1500ms);
        }
    } engine;
    NullDevice device;
    device.start({render_call_of(engine)});
    std::this_thread::sleep_for(1700ms);
    device.stop();
    CHECK(device.meter().xruns == 1);
    CHECK(device.meter().late == 1);
    CHECK(engine.blocks < 60); // about 50: 0.26 s of blocks; with a burst it were 318
}

TEST_CASE("render gate: fades in what comes back, and is silent when closed", "[host]") {
    Ones engine;
    DeviceMeter meter;
    RenderGate gate(meter, 48000);
    std::vector<float> left(8, 9.0f), right(8, 9.0f);
    gate.render({left, right});
    CHECK(left == std::vector<float>(8, 0.0f));

    gate.open({render_call_of(engine), 4});
    gate.render({left, right});
    CHECK(left == std::vector<float>{0.0f, 0.25f, 0.5f, 0.75f, 1, 1, 1, 1});
    CHECK(left == right);
    gate.render({left, right});
    CHECK(left == std::vector<float>(8, 1.0f));
    CHECK(meter.callbacks == 3);
}

TEST_CASE("open device: every refusal says what there is instead", "[host]") {
    const auto kind = parse_device_kind("oss");
    REQUIRE_FALSE(kind);
    CHECK(kind.error().code == Errc::bad_type);
    CHECK(kind.error().what == "device \"oss\": there is no such kind; there are auto, jack, "
                               "pulse, alsa, null");
    CHECK(*parse_device_kind("auto") == DeviceKind::automatic);

    const auto rate = open_device(DeviceKind::null, {4000, 0});
    REQUIRE_FALSE(rate);
    CHECK(rate.error().code == Errc::out_of_range);

    ::setenv("JACK_DEFAULT_SERVER", "chronus-none", 1);
    const auto jack = open_device(DeviceKind::jack, {});
    ::unsetenv("JACK_DEFAULT_SERVER");
    REQUIRE_FALSE(jack);
    CHECK(jack.error().code == Errc::unsupported);
    CHECK(jack.error().what == "device jack: no JACK server \"chronus-none\" runs; start it, or "
                               "play without a sound card on \"null\"");
    CHECK(jack.error().hint == "--device null");
}

TEST_CASE("privileges: what is granted is read back, a refusal has its reason", "[host]") {
    std::thread([] {
        const Grant grant = raise_priority();
        CHECK(grant.granted == (realtime_priority() > 0));
        INFO(grant.words);
        CHECK(grant.words.find("priority") != std::string::npos);
    }).join();
    CHECK(realtime_priority() == 0);
    CHECK(priority_words(60) == "real-time priority 60");
}
