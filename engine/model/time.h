#pragma once

#include <cstdint>

/// Time: frames are counted, musical time is counted finer still, and neither is ever accumulated
/// in floating point.
namespace chronus {

/// Frames since the engine was made; its only clock.
using Frame = std::uint64_t;

inline constexpr std::uint32_t kStepsPerBar = 16;
inline constexpr std::uint32_t kStepsPerBeat = 4;

/// Musical position in phases: each frame adds the tempo in thousandths of a BPM, and a step (a
/// sixteenth) is 15,000 x sample rate of them. So every position is an exact integer whatever the
/// tempo did on the way, and a day of music drifts by nothing.
using Phase = std::uint64_t;

constexpr Phase phases_per_step(std::uint32_t sample_rate) noexcept {
    return Phase{15000} * sample_rate;
}

/// Tempo in thousandths of a beat a minute: what a frame adds to the position.
constexpr Phase phases_per_frame(float bpm) noexcept {
    return static_cast<Phase>(static_cast<double>(bpm) * 1000.0 + 0.5);
}

/// Frames until a position that many phases ahead is reached (0 when it is here or behind).
constexpr Frame frames_until(Phase ahead, Phase per_frame) noexcept {
    return (ahead + per_frame - 1) / per_frame;
}

} // namespace chronus
