#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

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

/// A fraction of a length, taken in millionths: 0.6 is 0.6 and not its nearest float.
constexpr Phase part_of(Phase length, double fraction) noexcept {
    return static_cast<Phase>(fraction * 1e6 + 0.5) * length / 1000000;
}

/// By how much odd steps are late.
constexpr Phase swing_delay(Phase per_step, float swing) noexcept {
    return part_of(per_step, 0.5 * static_cast<double>(swing));
}

/// Steps are counted this far, 6 years of the fastest music; their lines do not overflow.
inline constexpr std::uint64_t kLastStep = std::uint64_t{1} << 32;

/// Where the line of a step stands, counted from the start.
constexpr Phase line_of(std::uint64_t step, Phase per_step, float swing) noexcept {
    return step * per_step + (step % 2 == 0 ? 0 : swing_delay(per_step, swing));
}

/// Frames until a position that many phases ahead is reached (0 when it is here or behind).
constexpr Frame frames_until(Phase ahead, Phase per_frame) noexcept {
    return (ahead + per_frame - 1) / per_frame;
}

/// Where the sequencer stands: with the first frame not yet computed it has come to `phase`.
struct Position {
    Frame frame = 0;
    Phase phase = 0;
    Phase per_frame = 0; ///< the tempo; 0 while it stands still
    Phase per_step = 0;
    std::uint64_t origin = 0; ///< the step that is step 0 of the patterns
};

/// The frame on which the line of a step falls if tempo and swing stay as they are; nothing when it
/// has passed, or the sequencer stands still.
constexpr std::optional<Frame> frame_of_step(const Position &now, std::uint64_t step,
                                             float swing) noexcept {
    const Phase line = line_of(std::min(step, kLastStep), now.per_step, swing);
    if (now.per_frame == 0 || line < now.phase) return std::nullopt;
    return now.frame + frames_until(line - now.phase, now.per_frame);
}

/// When something is to be done: on a frame, or where the line of a step falls whatever the tempo
/// does until then.
class When {
public:
    /// At once.
    constexpr When() = default;
    static constexpr When frame(Frame frame) noexcept { return When{frame << 1}; }
    /// Steps are sixteenths, counted from the start.
    static constexpr When step(std::uint64_t step) noexcept {
        return When{std::min(step, kLastStep) << 1 | 1};
    }

    constexpr bool is_step() const noexcept { return (word_ & 1) != 0; }
    /// Of the frame or the step.
    constexpr std::uint64_t number() const noexcept { return word_ >> 1; }

    friend constexpr bool operator==(When, When) = default;

private:
    constexpr explicit When(std::uint64_t word) noexcept : word_(word) {}
    std::uint64_t word_ = 0; // the number, and in the lowest bit whether it is a step's
};

} // namespace chronus
