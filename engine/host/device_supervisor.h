#pragma once

#include "engine/host/deck.h"
#include "engine/host/null_device.h"
#include "engine/host/open_device.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace chronus {

enum class DeviceState : std::uint8_t {
    running,    ///< the device opened at the start plays
    lost,       ///< it does not; time goes on without sound while it is looked for
    wrong_rate, ///< it is back at a rate the engine was not made for; as lost
};

/// "running", "lost" or "wrong_rate".
std::string_view word_of(DeviceState state);

/// What /status shows. Counts are over all devices since the start.
struct DeviceStatus {
    DeviceInfo device; ///< the one meant to play, also while it is lost
    DeviceState state = DeviceState::running;
    std::uint64_t lost = 0; ///< how often
    std::uint64_t blocks = 0, xruns = 0, late = 0;
    BlockTimes times;              ///< of them
    float load = 0, load_peak = 0; ///< share of the time there is for a block
    int priority = 0;              ///< real-time priority of the audio thread; 0: none
    std::string priority_words;    ///< the same for people, with the reason if there is none
    std::string note;              ///< what stands between the player and the sound, or nothing
};

/// Whether blocks still come. Thread: one.
class Heartbeat {
public:
    using Clock = std::chrono::steady_clock;

    /// How long the count has stood still at `now`.
    Clock::duration still(std::uint64_t callbacks, Clock::time_point now);

private:
    std::uint64_t last_ = 0;
    Clock::time_point since_{};
};

/// How patient the supervisor is; tests are hastier.
struct DevicePatience {
    std::chrono::milliseconds poll{100};
    std::chrono::milliseconds quiet{1000};     ///< without blocks: lost; at least 4 blocks' time
    std::chrono::milliseconds quiet_jack{300}; ///< JACK's cycle is steady, so three polls tell
    std::chrono::milliseconds first_retry{250}, last_retry{4000};
    std::chrono::milliseconds close{2000}; ///< then a device that does not close is left behind
    std::chrono::milliseconds fade_in{50};
};

/// Keeps the engine played: by its device, or, while that is lost, by a null device that carries
/// the musical time on from the block the lost one owed.
///
/// One device renders at a time: whoever plays is stopped, and `AudioDevice::stop` is back only
/// when nothing is rendered there any more, before the next one is started.
///
/// Thread: control. The watching, closing and reopening is done on a thread of its own.
class DeviceSupervisor {
public:
    using Opener = std::function<Result<std::unique_ptr<AudioDevice>>()>;

    /// Watches over `opened`; `reopen` is asked for another like it when it is lost.
    DeviceSupervisor(OpenedDevice opened, Opener reopen, DevicePatience patience = {});
    /// Opens as `open_device` does; what is lost is reopened as the kind it turned out to be.
    static Result<std::unique_ptr<DeviceSupervisor>> open(DeviceKind kind, DeviceRequest request);
    ~DeviceSupervisor();

    /// The rate to make the engine for.
    const DeviceInfo &info() const { return meant_; }

    /// Starts playing. Once.
    void start(RenderCall call);
    /// Nothing renders when this is back, nor ever again.
    void stop();

    /// What is on it is heard beside the engine, whatever device plays.
    Deck &deck() { return heard_.deck; }

    /// The engine's frames against the computer's time, over all devices. Thread: any.
    const HostClock &clock() const { return clock_; }

    DeviceStatus status() const;

private:
    /// The engine, and over it what else is to be heard.
    struct Heard {
        RenderCall engine{};
        Deck deck;
        void render(StereoBlock out) noexcept {
            engine(out);
            deck.add_to(out);
        }
    };

    void watch();
    bool pause(std::chrono::milliseconds time);
    bool device_lives();
    void lose();
    void look_for_it();
    bool take_back(std::unique_ptr<AudioDevice> device);
    void close(std::unique_ptr<AudioDevice> device);
    void note(DeviceState state, std::string words);
    const DeviceMeter &playing_meter() const;

    const DeviceInfo meant_;
    const Opener reopen_;
    const DevicePatience patience_;
    Heard heard_;
    const RenderCall call_ = render_call_of(heard_);
    HostClock clock_;
    Heartbeat heartbeat_; // of the device, by the watching thread
    std::chrono::milliseconds next_retry_{0};

    mutable std::mutex lock_; // over all below; never held across a sound system call
    std::condition_variable wake_;
    bool quit_ = false;
    std::unique_ptr<AudioDevice> device_; // empty while lost
    NullDevice stand_in_;
    DeviceStatus status_; // counts of devices that are gone; the words
    std::thread watcher_;
};

} // namespace chronus
