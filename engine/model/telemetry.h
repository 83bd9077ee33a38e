#pragma once

#include "engine/model/params.h"
#include "engine/model/shown.h"
#include "engine/model/time.h"

#include <array>
#include <atomic>
#include <cstdint>

namespace chronus {

/// How loud a sound is, in dB and LUFS as dsp/loudness.h tells; -200 is silence.
struct ShownLevels {
    std::atomic<float> momentary_lufs{-200}, short_term_lufs{-200};
    std::atomic<float> rms_db{-200}, peak_db{-200}, true_peak_db{-200};
};

/// What the audio thread shows of itself: values, each whole, stored once a block.
///
/// Thread: written by audio alone but for `watched`, read by anybody.
struct Telemetry {
    std::atomic<Frame> frame{0};           ///< rendered so far
    std::atomic<std::uint64_t> playing{0}; ///< epoch of the scene that sounds
    std::atomic<std::uint64_t> needed{0};  ///< oldest epoch still held; older loans may go
    std::atomic<std::uint32_t> lineage{0}; ///< switches that have taken place or been replaced
    std::atomic<bool> running{false};
    std::atomic<std::uint64_t> step{0};       ///< steps since the start; the one that sounds
    Shown<Position> position;                 ///< of the sequencer, to reckon frames of steps from
    std::atomic<std::uint64_t> outdated{0};   ///< messages dropped: their music was switched away
    std::atomic<std::uint64_t> unreported{0}; ///< reports that found the mailbox full
    std::atomic<std::uint64_t> heals{0};
    std::atomic<std::uint32_t> sounding{0};         ///< voices above -80 dBFS
    std::atomic<float> peak_left{0}, peak_right{0}; ///< falling 20 dB a second
    std::array<std::atomic<float>, kMaxVoices> voice_peaks{};
    std::array<std::atomic<float>, 8> bands{};  ///< 63 Hz .. 8 kHz
    ShownLevels master;                         ///< anew every 100 ms, as the rest
    std::atomic<float> integrated_lufs{-200};   ///< since the sequencer started
    std::atomic<float> limiter_gain{1};         ///< the least it gave in those 100 ms
    std::array<ShownLevels, kMaxVoices> voices; ///< silence while nobody watches
    std::atomic<std::uint32_t> voice_steps{0};  ///< of 100 ms that they have been watched for
    std::atomic<bool> watched{false};           ///< by control: whether anybody does
    /// Uid of the track whose note a voice played last; 0: a hand's, or none so far.
    std::array<std::atomic<std::uint32_t>, kMaxVoices> voice_tracks{};
};

} // namespace chronus
