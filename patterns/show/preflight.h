#pragma once

#include "engine/host/progress_scope.h"
#include "engine/model/time.h"
#include "engine/result.h"
#include "patterns/show/sound_check.h"
#include "patterns/text/setlist.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// A song as it will be heard.
struct SongFlight {
    std::string name;
    std::string error = {}; ///< why it cannot be played; the rest is then empty
    SoundFacts facts = {};
    double seconds = 0;
    double first_bpm = 0, last_bpm = 0;
    std::vector<double> cues_s = {}; ///< where its parts begin
    double load = 0;                 ///< of one core of this machine while it plays live
};

/// What there is to say of a song, or of the step from the one before it.
struct Finding {
    std::size_t song = 0;
    std::string what;
};

/// Slots that cannot be copied from any more, and why: "is empty".
using LostSlots = std::map<int, std::string>;

/// Plays a song offline, and listens.
///
/// Thread: worker. Errors: cancelled; others are in the result.
Result<SongFlight> fly(const Setlist &set, std::size_t song, ProgressScope &level);

/// Missing patterns and slots, clipping, more than 4 s of silence, level jumps of more than 3 LU,
/// tempo jumps of more than a tenth, more than half of a core.
std::vector<Finding> findings_in(const Setlist &set, std::span<const SongFlight> songs,
                                 const LostSlots &lost);

/// "12 songs, 61:30, nothing to say"
std::string summary_of(std::span<const SongFlight> songs, std::span<const Finding> findings);
/// The report for people, a line a song and a line a finding.
std::string text_of(std::span<const SongFlight> songs, std::span<const Finding> findings);
/// The whole set as a picture: loudness, songs, cues, findings.
std::string plot_of_set(std::string_view name, std::span<const SongFlight> songs,
                        std::span<const Finding> findings);

} // namespace chronus::patterns
