#include "engine/host/device_supervisor.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

using namespace chronus;
using namespace std::chrono_literals;

namespace {

/// What the fake sound system does, told from outside.
struct World {
    std::atomic<bool> present{true};  ///< opening succeeds
    std::atomic<bool> stalled{false}; ///< open, running, and asking for nothing
    std::atomic<bool> gone{false};    ///< says itself that it is closed
    std::atomic<bool> hangs{false};   ///< closing takes for ever
    std::atomic<std::uint32_t> rate{48000};
    std::atomic<int> opened{0}, closed{0};
};

class FakeDevice final : public AudioDevice {
public:
    explicit FakeDevice(World &world)
        : world_(world), info_{DeviceKind::alsa, "fake", world.rate, 48, 96},
          gate_(meter_, info_.sample_rate), thread_([this] { run(); }) {
        ++world_.opened;
    }
    ~FakeDevice() override {
        while (world_.hangs) std::this_thread::sleep_for(1ms);
        quit_ = true;
        thread_.join();
        ++world_.closed;
    }
    const DeviceInfo &info() const override { return info_; }
    const DeviceMeter &meter() const override { return meter_; }
    bool alive() const override { return !world_.gone; }
    void start(const Rendering &rendering) override { gate_.open(rendering); }
    void stop() noexcept override { gate_.close(); }

private:
    void run() {
        std::vector<float> left(48), right(48);
        while (!quit_) {
            std::this_thread::sleep_for(1ms);
            if (!world_.stalled && !world_.gone) gate_.render({left, right});
        }
    }

    World &world_;
    DeviceInfo info_;
    DeviceMeter meter_;
    RenderGate gate_;
    std::atomic<bool> quit_{false};
    std::thread thread_;
};

/// Notices being rendered by two threads at once.
struct Engine {
    std::atomic<int> inside{0};
    std::atomic<bool> shared{false};
    std::atomic<std::uint64_t> frames{0};
    std::uint64_t plain = 0; // TSan watches it: two renderers without an order would race here
    void render(StereoBlock out) noexcept {
        if (++inside != 1) shared = true;
        plain += out.frames();
        frames += out.frames();
        --inside;
    }
};

constexpr DevicePatience kHasty{2ms, 60ms, 60ms, 2ms, 8ms, 100ms, 1ms};

struct Stage {
    World world;
    Engine engine;
    DeviceSupervisor supervisor{{std::make_unique<FakeDevice>(world), {}},
                                [this]() -> Result<std::unique_ptr<AudioDevice>> {
                                    if (!world.present)
                                        return Error{Errc::unsupported, "fake: unplugged"};
                                    return std::unique_ptr<AudioDevice>(
                                        std::make_unique<FakeDevice>(world));
                                },
                                kHasty};
    Stage() { supervisor.start(render_call_of(engine)); }

    bool reaches(DeviceState state) {
        return waits([&] { return supervisor.status().state == state; });
    }
    bool plays_on() {
        const std::uint64_t before = engine.frames;
        return waits([&] { return engine.frames > before + 480; });
    }
    template <class F>
    bool waits(F done) {
        for (int i = 0; i < 5000 && !done(); ++i) std::this_thread::sleep_for(1ms);
        return done();
    }
};

} // namespace

TEST_CASE("supervisor: the times of blocks are those of all devices", "[host]") {
    Stage stage;
    REQUIRE(stage.plays_on());
    stage.world.present = false;
    stage.world.gone = true;
    REQUIRE(stage.reaches(DeviceState::lost));
    REQUIRE(stage.plays_on());
    stage.supervisor.stop();
    const DeviceStatus status = stage.supervisor.status();
    std::uint64_t blocks = 0;
    for (const std::uint64_t count : status.times.counts) blocks += count;
    CHECK(blocks == status.blocks);
    CHECK(blocks > 0);
    CHECK(status.times.longest > 0);
}

TEST_CASE("supervisor: a hundred losses of every sort, one renderer at a time", "[host]") {
    Stage stage;
    for (int i = 0; i < 100; ++i) {
        stage.world.present = i % 3 != 0;
        if (i % 5 == 0)
            stage.world.stalled = true;
        else
            stage.world.gone = true;
        REQUIRE(stage.reaches(DeviceState::lost));
        REQUIRE(stage.plays_on());
        stage.world.stalled = stage.world.gone = false;
        stage.world.present = true;
        REQUIRE(stage.reaches(DeviceState::running));
        REQUIRE(stage.plays_on());
    }
    CHECK(stage.supervisor.status().lost >= 100);
    CHECK(stage.supervisor.status().note.empty());
    stage.supervisor.stop();
    CHECK_FALSE(stage.supervisor.clock().fit());
    CHECK_FALSE(stage.engine.shared);
    CHECK(stage.engine.plain == stage.engine.frames);
    CHECK(stage.world.opened == stage.world.closed);
}

TEST_CASE("supervisor: its clock counts the engine's frames, whatever device plays", "[host]") {
    Stage stage;
    for (int i = 0; i < 20; ++i) {
        stage.world.gone = i % 2 == 0;
        REQUIRE(stage.reaches(i % 2 == 0 ? DeviceState::lost : DeviceState::running));
        REQUIRE(stage.plays_on());
        std::uint64_t before = 0;
        std::optional<ClockFit> fit;
        REQUIRE(stage.waits([&] { // a busy machine may lose a device in passing
            before = stage.engine.frames;
            fit = stage.supervisor.clock().fit();
            return fit.has_value();
        }));
        const std::uint64_t after = stage.engine.frames;
        CHECK(fit->frame + NullDevice::kBlock >= before); // of the block under way, or the last
        CHECK(fit->frame <= after);
    }
}

TEST_CASE("supervisor: musical time goes on while the device is lost", "[host]") {
    Stage stage;
    std::this_thread::sleep_for(50ms);
    const std::uint64_t frames = stage.engine.frames;
    const std::int64_t begin = monotonic_ns();
    stage.world.present = false;
    stage.world.stalled = true; // noticed after 60 ms, which the null device makes up for
    REQUIRE(stage.reaches(DeviceState::lost));
    std::this_thread::sleep_for(1s);
    const std::uint64_t played = stage.engine.frames - frames;
    const double seconds = static_cast<double>(monotonic_ns() - begin) * 1e-9;
    CHECK(static_cast<double>(played) == Approx(48000 * seconds).margin(2000)); // 40 ms of 1.06 s
    CHECK(stage.supervisor.status().note.find("fake: unplugged") != std::string::npos);
}

TEST_CASE("supervisor: a device that is back at another rate waits outside", "[host]") {
    Stage stage;
    stage.world.rate = 44100;
    stage.world.gone = true;
    REQUIRE(stage.reaches(DeviceState::lost));
    stage.world.gone = false;
    REQUIRE(stage.reaches(DeviceState::wrong_rate));
    CHECK(stage.plays_on());
    CHECK(stage.supervisor.status().note ==
          "device alsa is back at 44100 Hz, but the music is made at 48000; set the device back, "
          "or start again with its rate");
    stage.world.rate = 48000;
    CHECK(stage.reaches(DeviceState::running));
}

TEST_CASE("supervisor: a device that hangs when closed is left behind, and time goes on",
          "[host]") {
    const auto stage = std::make_unique<Stage>();
    stage->world.hangs = true;
    stage->world.gone = true;
    REQUIRE(stage->reaches(DeviceState::lost));
    CHECK(stage->plays_on());
    stage->world.gone = false;
    CHECK(stage->reaches(DeviceState::running));
    CHECK_FALSE(stage->engine.shared);
    stage->world.hangs = false; // let it go before its world does
    CHECK(stage->waits([&] { return stage->world.closed >= 1; }));
}

TEST_CASE("heartbeat: measures how long a count stands still", "[host]") {
    Heartbeat heartbeat;
    const auto t0 = Heartbeat::Clock::now();
    CHECK(heartbeat.still(1, t0) == 0s);
    CHECK(heartbeat.still(1, t0 + 300ms) == 300ms);
    CHECK(heartbeat.still(2, t0 + 400ms) == 0ms);
    CHECK(heartbeat.still(2, t0 + 900ms) == 500ms);
}
