#pragma once

#include "engine/host/audio_device.h"
#include "engine/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace chronus {

/// "auto", "jack", "pulse", "alsa" or "null".
std::string_view word_of(DeviceKind kind);

/// Errors: bad_type - no such kind; the sentence lists them.
Result<DeviceKind> parse_device_kind(std::string_view word);

struct OpenedDevice {
    std::unique_ptr<AudioDevice> device; ///< open and silent; never null
    std::string note;                    ///< one line on why it is not a sound card, or nothing
};

/// Opens the device asked for. `automatic` takes the first of JACK, PulseAudio and ALSA that is
/// there and plays, else the null device, which keeps time and says so in `note`. A sound server
/// that does not run is never started, and nothing here takes longer than 3 s a kind.
///
/// Thread: control.
/// Errors: unsupported - a kind demanded by name is not there, or does not run at a rate demanded
///         by number. out_of_range - a rate not in 8000..192000 or a block not in 16..8192.
Result<OpenedDevice> open_device(DeviceKind kind, const DeviceRequest &request);

/// The same for one real kind, taking whatever rate it has now.
///
/// Errors: unsupported - it is not there.
Result<std::unique_ptr<AudioDevice>> open_card(DeviceKind kind, const DeviceRequest &request);

} // namespace chronus
