#pragma once

#include "engine/host/audio_device.h"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace chronus {

/// When the blocks of a stream are due, counted so that a year of them drifts by nothing.
class Pace {
public:
    Pace(std::uint32_t sample_rate, std::uint32_t block_frames, std::int64_t first_due_ns)
        : rate_(sample_rate), block_(block_frames), second_ns_(first_due_ns) {}

    std::int64_t due_ns() const noexcept;
    void next() noexcept;
    /// Lets go of what was missed: the next block is due now.
    void realign(std::int64_t now_ns) noexcept;

private:
    std::uint32_t rate_, block_;
    std::int64_t second_ns_; // where the current second began
    std::uint64_t frames_ = 0;
};

/// No sound card: a thread that renders in real time, by deadlines, and throws the sound away.
///
/// As nobody hears how soon a block is rendered, it is in no hurry: it wakes 11 ms after a block is
/// due and renders all that are due by then, for waking costs more than an idle engine does. Its
/// clock is told of the moments they were due: those are exact, its thread's waking is not.
///
/// Its heartbeat beats between `start` and `stop` only, as it has no thread when it is not needed.
class NullDevice final : public AudioDevice {
public:
    static constexpr std::uint32_t kSampleRate = 48000, kBlock = 256, kMostBlock = 8192;

    explicit NullDevice(DeviceRequest request = {});
    ~NullDevice() override { stop(); }

    const DeviceInfo &info() const override { return info_; }
    const DeviceMeter &meter() const override { return meter_; }
    bool alive() const override { return true; }
    void start(const Rendering &rendering) override;
    void stop() noexcept override;

private:
    void run(std::int64_t due_ns);

    DeviceInfo info_;
    DeviceMeter meter_;
    RenderGate gate_;
    std::vector<float> left_, right_;
    std::atomic<bool> quit_{false};
    std::thread thread_;
};

} // namespace chronus
