#pragma once

#include "engine/host/audio_device.h"

#include <cstdint>
#include <vector>

namespace chronus::test {

/// A device turned by hand: it calls for a block when the test says so, at the moment the test
/// says it is.
class HandDevice final : public AudioDevice {
public:
    explicit HandDevice(std::uint32_t block) : left_(block), right_(block) {
        info_.name = "hand";
        info_.block_frames = block;
    }
    ~HandDevice() override { stop(); }

    const DeviceInfo &info() const override { return info_; }
    const DeviceMeter &meter() const override { return meter_; }
    bool alive() const override { return true; }
    void start(const Rendering &rendering) override {
        rendering_ = rendering;
        gate_.open(rendering);
    }
    void stop() noexcept override { gate_.close(); }

    /// What it was last started with.
    const Rendering &rendering() const { return rendering_; }
    /// What is heard is in `heard` until the next turn.
    void turn(std::int64_t due_ns) { gate_.render({left_, right_}, due_ns); }
    StereoBlock heard() { return {left_, right_}; }

private:
    DeviceInfo info_;
    DeviceMeter meter_;
    Rendering rendering_;
    RenderGate gate_{meter_, info_.sample_rate};
    std::vector<float> left_, right_;
};

} // namespace chronus::test
