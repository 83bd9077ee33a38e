#pragma once

#include "tests/perf/osc_load_daemon.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace chronus::perf {

/// Options of a daemon that records all it plays, from its first frame on, to `Daemon::take`.
Words recording(const Words &options = {});

/// The left channel of all a daemon has played. Ends the daemon.
///
/// Errors: std::runtime_error - no such file, or the disk was too slow for it.
std::vector<float> played_by(Daemon &daemon, osc::Client &client);

/// The frames on which notes of the ruler set in.
std::vector<std::size_t> onsets_of(std::span<const float> sound);

/// How far two sounds are the same, bit for bit, from the first onset of each.
struct Likeness {
    std::size_t frames = 0; ///< compared
    std::size_t notes = 0;  ///< in them
    bool same = false;
};
Likeness compared(std::span<const float> one, std::span<const float> other);

} // namespace chronus::perf
