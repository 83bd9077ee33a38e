#include "tests/perf/osc_load_sound.h"

#include "engine/host/sound_file.h"
#include "tests/support/rig.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace chronus::perf {

Words recording(const Words &options) {
    Words out{"--record", "TAKE"};
    out.insert(out.end(), options.begin(), options.end());
    return out;
}

std::vector<float> played_by(Daemon &daemon, osc::Client &client) {
    if (const Health health = health_of(client); health.untaped != 0)
        throw std::runtime_error(fmt::format("the disk missed {} frames", health.untaped));
    if (const int code = daemon.end(); code != 0)
        throw std::runtime_error(fmt::format("chronusd ended with {}: {}", code, daemon.said()));
    const auto sound = read_sound(daemon.take());
    if (!sound) throw std::runtime_error(sound.error().what);
    std::vector<float> left(sound->frames());
    for (std::size_t i = 0; i < left.size(); ++i) left[i] = sound->samples[i * sound->channels];
    return left;
}

std::vector<std::size_t> onsets_of(std::span<const float> sound) {
    return test::onsets(sound, 1e-3f, 500);
}

Likeness compared(std::span<const float> one, std::span<const float> other) {
    const auto a = onsets_of(one), b = onsets_of(other);
    if (a.empty() || b.empty()) return {};
    // The last of a take belongs to its ending.
    const auto notes = std::min(a.size(), b.size()) - 1;
    const std::size_t frames = std::min(a[notes] - a[0], b[notes] - b[0]);
    return {frames, notes,
            frames > 0 && std::memcmp(&one[a[0]], &other[b[0]], frames * sizeof(float)) == 0};
}

} // namespace chronus::perf
