#pragma once

#include "engine/host/render_gate.h"

#include <cstdint>
#include <string>

namespace chronus {

enum class DeviceKind : std::uint8_t { automatic, jack, pulse, alsa, null };

/// What is asked of a device; 0 leaves it to the device.
struct DeviceRequest {
    std::uint32_t sample_rate = 0;
    std::uint32_t block_frames = 0;
};

/// What it turned out to be.
struct DeviceInfo {
    DeviceKind kind = DeviceKind::null;
    std::string name;
    std::uint32_t sample_rate = 48000;
    std::uint32_t block_frames = 256;
    std::uint32_t latency_frames = 0; ///< from our block to the outside, as the system tells
};

/// A sound card, or what stands in for one: it calls for a block whenever one is due. Made open
/// and silent; the destructor closes it, which on a sound system gone wrong may take long.
///
/// Thread: control, one at a time; `meter` and `alive` any.
class AudioDevice {
public:
    AudioDevice() = default;
    AudioDevice(const AudioDevice &) = delete;
    AudioDevice &operator=(const AudioDevice &) = delete;
    virtual ~AudioDevice() = default;

    virtual const DeviceInfo &info() const = 0;
    virtual const DeviceMeter &meter() const = 0;
    /// Open and running as far as the sound system knows. That blocks come is the meter's to show.
    virtual bool alive() const = 0;

    /// From now on the engine plays here. No other device may be playing it.
    virtual void start(const Rendering &rendering) = 0;
    /// Once this is back, nothing is rendered here; soon back whatever state the device is in.
    virtual void stop() noexcept = 0;
};

} // namespace chronus
