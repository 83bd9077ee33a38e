#pragma once

#include "dsp/rt.h"
#include "engine/model/scene.h"

#include <cstdint>

/// A track's notes as hits take them: a chord is one, and known by the index of its first.
namespace chronus::rt {

/// The chord that the note at an index is part of; the index may be beyond the list.
inline std::uint16_t chord_at(const Track &track, std::uint16_t index) CHRONUS_RT {
    index = static_cast<std::uint16_t>(index % track.note_count);
    while (index > 0 && track.note_list[index].with_last) --index;
    return index;
}

/// Whether a hit that takes the note at an index is to be silent.
inline bool rests(const Track &track, std::uint16_t index) CHRONUS_RT {
    return track.note_count > 0 && track.note_list[chord_at(track, index)].hz == 0;
}

inline std::uint16_t chord_after(const Track &track, std::uint16_t chord) CHRONUS_RT {
    do ++chord;
    while (chord < track.note_count && track.note_list[chord].with_last);
    return chord < track.note_count ? chord : std::uint16_t{0};
}

/// The chord `n` further on than the one at `from`.
inline std::uint16_t chord_further(const Track &track, std::uint16_t from,
                                   std::uint64_t n) CHRONUS_RT {
    if (track.note_count == 0) return 0;
    std::uint64_t chords = 0;
    for (std::uint16_t i = 0; i < track.note_count; ++i)
        if (i == 0 || !track.note_list[i].with_last) ++chords;
    std::uint16_t at = chord_at(track, from);
    for (n %= chords; n > 0; --n) at = chord_after(track, at);
    return at;
}

/// Hits among the first `steps` steps of a track that plays over and over.
inline std::uint64_t hits_before(const Track &track, std::uint64_t steps) CHRONUS_RT {
    std::uint64_t all = 0, rest = 0;
    for (std::uint16_t i = 0; i < track.length; ++i) {
        if (!strikes(track.steps[i].hit)) continue;
        ++all;
        if (i < steps % track.length) ++rest;
    }
    return steps / track.length * all + rest;
}

} // namespace chronus::rt
