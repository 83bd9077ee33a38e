#pragma once

#include "engine/host/session.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

namespace chronus::test {

/// Sound as it comes out: two channels of one length.
struct Stereo {
    std::vector<float> left, right;

    std::size_t frames() const { return left.size(); }
    /// Loudest sample of both channels from frame `begin` on.
    float peak(std::size_t begin = 0) const {
        float most = 0;
        for (const auto *channel : {&left, &right})
            for (const float x : std::span{*channel}.subspan(begin))
                most = std::max(most, std::abs(x));
        return most;
    }
    friend bool operator==(const Stereo &, const Stereo &) = default;
};

/// An engine with its session and no device: `render` is the audio thread.
class Rig {
public:
    explicit Rig(const Scene &scene = {}, SessionConfig config = {})
        : memory_(2 * 65536), tape_(memory_),
          session(config, tape_, std::make_unique<Scene>(scene)) {}

    Stereo render(std::size_t frames, std::size_t block = 256) {
        Stereo out{std::vector<float>(frames), std::vector<float>(frames)};
        for (std::size_t at = 0; at < frames; at += block) {
            const std::size_t count = std::min(block, frames - at);
            session.engine().render(
                {std::span{out.left}.subspan(at, count), std::span{out.right}.subspan(at, count)});
        }
        return out;
    }
    Tape &tape() { return tape_; }

private:
    std::vector<float> memory_;
    Tape tape_;

public:
    Session session;
};

/// The first frame of each sound: where the level passes `threshold` after `quiet` silent frames.
inline std::vector<std::size_t> onsets(std::span<const float> x, float threshold = 1e-3f,
                                       std::size_t quiet = 1000) {
    std::vector<std::size_t> out;
    std::size_t silent = quiet;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (std::abs(x[i]) <= threshold) {
            ++silent;
            continue;
        }
        if (silent >= quiet) out.push_back(i);
        silent = 0;
    }
    return out;
}

} // namespace chronus::test
