#pragma once

#include "engine/host/open_device.h"
#include "engine/host/sound_file.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace chronus {

/// What the command line asks of the daemon.
struct Options {
    DeviceKind device = DeviceKind::automatic;
    DeviceRequest request{};
    int voices = 8;
    std::uint32_t seed = 1;
    std::string bind = "127.0.0.1";
    std::uint16_t port = 5005;
    std::uint16_t viz_port = 5006; ///< 0: no /viz messages
    double latency_ms = -1;        ///< from a message's arrival to its act; below 0 one block
    std::filesystem::path state;
    std::filesystem::path record;              ///< empty: nothing is recorded
    std::optional<SampleFormat> record_format; ///< empty: what the file's ending suggests
};

/// Reads the command line; prints help, the version or what is wrong with it, and then ends.
Options parse_options(int argc, char **argv);

} // namespace chronus
