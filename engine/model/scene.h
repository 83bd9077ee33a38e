#pragma once

#include "engine/model/param_values.h"
#include "engine/model/step.h"
#include "engine/model/text.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

namespace chronus {

inline constexpr std::size_t kMaxTracks = 64;
inline constexpr std::size_t kMaxNotes = 256;

inline constexpr std::size_t kMaxChord = 4;

/// What a hit plays: a pitch, a rest, or a chord's next pitch, which sounds with the one before.
struct Note {
    float hz = 0; ///< 0: a rest
    bool with_last = false;
    friend constexpr bool operator==(const Note &, const Note &) = default;
};

/// One row of the sequencer: steps and notes for one voice. What is not set here is the voice's
/// own.
struct Track {
    FixedText<64> name;
    std::uint32_t uid = 0; ///< which track this is across edits; a replaced track is a new one
    std::uint32_t notes_uid = 0; ///< which list of notes; another starts anew. 0: not yet numbered
    std::uint8_t voice = 1;      ///< 1..64; silent when the engine has fewer
    std::uint16_t length = 0;    ///< 1..256 steps
    std::array<Step, kMaxSteps> steps{};
    LockSets locks;
    std::uint16_t note_count = 0; ///< 0: every hit plays base_freq
    std::uint16_t note_start = 0; ///< index of the note the first hit plays; a chord is one
    std::array<Note, kMaxNotes> note_list{};
    float base_freq = 440.0f;
    float accent_boost =
        1500.0f;       ///< Hz; an accent opens the filter by half of it, a hit by a tenth
    float gate = 0.5f; ///< length of a note as a fraction of a step
    std::optional<float> amp, filter_freq, reverb_send, delay_send, pan;
    bool mute = false, solo = false;
    StepLength div;             ///< swing is for tracks of one sixteenth a step
    std::uint16_t chance = 100; ///< percent, of every hit, besides its own
    std::uint16_t seed = 0;     ///< other draws for the same scene and name

    PatternView pattern() const noexcept { return {{steps.data(), length}, &locks}; }
    std::span<const Note> notes() const noexcept { return {note_list.data(), note_count}; }
    friend constexpr bool operator==(const Track &, const Track &) = default;
};

/// Everything that sounds, as one value. The audio thread reads a const one; nobody edits it.
struct Scene {
    ParamValues params;
    std::uint64_t seed = 1; ///< of every chance in it
    std::uint16_t track_count = 0;
    std::array<Track, kMaxTracks> tracks{};

    std::span<const Track> playing() const noexcept { return {tracks.data(), track_count}; }
    std::span<Track> playing() noexcept { return {tracks.data(), track_count}; }
    friend constexpr bool operator==(const Scene &, const Scene &) = default;
};
static_assert(std::is_trivially_copyable_v<Scene>);

} // namespace chronus
