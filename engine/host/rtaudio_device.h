#pragma once

#include "engine/host/audio_device.h"
#include "engine/result.h"

#include <memory>

namespace chronus {

/// Opens a real sound system through RtAudio: JACK's "system" client, PulseAudio's default sink or
/// ALSA's default card, two channels. At JACK's own rate; elsewhere at the rate asked for if the
/// device has it, else its preferred one: read `info()`.
///
/// Its home is a module of its own (chronus_rtaudio.so): RtAudio brings in the client libraries of
/// three sound systems, which cost 2 ms of start and 2.7 MiB that nobody without a sound card owes.
///
/// Thread: control. May take long or hang with the sound system: see patience.h.
/// Errors: unsupported - the system has no such device, or it refused.
Result<std::unique_ptr<AudioDevice>> open_rtaudio(DeviceKind kind, const DeviceRequest &request);

/// The same through the module, which is looked for beside the program and then in
/// ../lib/chronus, loaded at the first call and kept.
///
/// Errors: unsupported - also when the module is missing or does not load.
Result<std::unique_ptr<AudioDevice>> open_by_module(DeviceKind kind, const DeviceRequest &request);

/// The module's one door.
inline constexpr char kRtAudioDoor[] = "chronus_open_rtaudio_1";
using RtAudioDoor = void (*)(DeviceKind kind, const DeviceRequest &request,
                             Result<std::unique_ptr<AudioDevice>> &out);

} // namespace chronus
