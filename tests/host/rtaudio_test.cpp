#include "engine/host/device_supervisor.h"
#include "tests/support/jack_capture.h"
#include "tests/support/jack_server.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <cmath>
#include <csignal>
#include <numbers>
#include <thread>

using namespace chronus;
using namespace chronus::test;
using namespace std::chrono_literals;

namespace {

/// An engine whose every sample is known from its place.
struct Sine {
    std::atomic<std::uint64_t> frame{0};
    void render(StereoBlock out) noexcept {
        std::uint64_t n = frame;
        for (std::size_t i = 0; i < out.frames(); ++i, ++n) {
            const double turn = static_cast<double>(n % 1200) * 440.0 / 48000.0; // 11 whole turns
            out.left[i] = static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * turn));
            out.right[i] = -out.left[i];
        }
        frame = n;
    }
};

template <class F>
bool within_seconds(int seconds, F done) {
    for (int i = 0; i < seconds * 100 && !done(); ++i) std::this_thread::sleep_for(10ms);
    return done();
}

} // namespace

TEST_CASE("jack: what the engine renders comes out sample for sample", "[host][jack]") {
    if (!JackServer::installed()) return;
    JackServer server;
    REQUIRE(server.start());
    Sine engine;
    auto supervisor = DeviceSupervisor::open(DeviceKind::jack, {0, 100});
    REQUIRE(supervisor);
    const DeviceInfo &info = (*supervisor)->info();
    CHECK(info.name == "system");
    CHECK(info.sample_rate == 48000);
    CHECK(info.block_frames == 256); // the server's, not the 100 asked for
    (*supervisor)->start(render_call_of(engine));

    JackCapture capture(3 * 48000);
    REQUIRE(capture.connect("chronus"));
    REQUIRE(capture.wait(10s));
    CHECK(worst_break(capture.channel(0), 440, 48000) < 1e-6);
    CHECK(worst_break(capture.channel(1), 440, 48000) < 1e-6);

    const DeviceStatus status = (*supervisor)->status();
    CHECK(status.state == DeviceState::running);
    CHECK(status.load > 0);
    CHECK(status.load < 1);
    CHECK(status.lost == 0);
    const std::string why = status.priority > 0 ? "real-time priority" : "JACK gives";
    CHECK(status.priority_words.find(why) != std::string::npos);
}

TEST_CASE("jack: a server killed and started again, and time goes on between", "[host][jack]") {
    if (!JackServer::installed()) return;
    JackServer server;
    REQUIRE(server.start());
    Sine engine;
    auto opened = DeviceSupervisor::open(DeviceKind::jack, {});
    REQUIRE(opened);
    DeviceSupervisor &supervisor = **opened;
    supervisor.start(render_call_of(engine));
    std::this_thread::sleep_for(300ms);
    const auto state_is = [&](DeviceState state) {
        return [&supervisor, state] { return supervisor.status().state == state; };
    };

    for (const int signal : {SIGKILL, SIGTERM}) {
        const std::uint64_t frames = engine.frame;
        const std::int64_t begin = monotonic_ns();
        server.kill(signal);
        REQUIRE(within_seconds(2, state_is(DeviceState::lost)));
        std::this_thread::sleep_for(500ms);
        const double played = static_cast<double>(engine.frame - frames) / 48000;
        const double seconds = static_cast<double>(monotonic_ns() - begin) * 1e-9;
        CHECK(played == Approx(seconds).margin(0.05));

        REQUIRE(server.start());
        REQUIRE(within_seconds(6, state_is(DeviceState::running)));
        JackCapture capture(24000);
        REQUIRE(capture.connect("chronus"));
        REQUIRE(capture.wait(5s));
        const auto after_the_fade = capture.channel(0).subspan(4800);
        CHECK(worst_break(after_the_fade, 440, 48000) < 1e-6);
    }
    CHECK(supervisor.status().lost == 2);
    supervisor.stop();
}

TEST_CASE("jack: a server at another rate than demanded is a refusal", "[host][jack]") {
    if (!JackServer::installed()) return;
    JackServer server({44100, 256});
    REQUIRE(server.start());
    const auto opened = open_device(DeviceKind::jack, {48000, 0});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == Errc::unsupported);
    CHECK(opened.error().what == "device jack: runs at 44100 Hz, not at the 48000 asked for");
    CHECK(opened.error().hint == "--sample-rate 44100");

    const auto any = open_device(DeviceKind::automatic, {48000, 0});
    REQUIRE(any);
    CHECK(any->device->info().sample_rate == 48000);
    CHECK(open_device(DeviceKind::automatic, {})->device->info().sample_rate == 44100);
}
