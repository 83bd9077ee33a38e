#pragma once

#include "engine/model/scene.h"
#include "engine/result.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

inline constexpr float kLowestNote = 8.0f, kHighestNote = 20000.0f; // Hz

/// Reads a note: "60" up to 127 is a MIDI number, "440" above is Hz, "41.2" with a point is Hz, and
/// "C#4", "bb2", "E-1" a name, whose octave is 4 unless given; C4 is 60.
///
/// Units:  Hz, tempered with A4 = 440.
/// Errors: bad_type - not a note. out_of_range - outside 8..20000 Hz. The hint is a note.
Result<float> parse_note(std::string_view text);

/// Reads notes separated by commas or blanks; empty pieces count for nothing, so "" is none. "r" is
/// a rest for its hit, and "C4+E4+G4" a chord of up to 4 notes.
///
/// Errors: of the first piece that is not a note; out_of_range - more than 256 notes, or a chord of
///         more than 4. The hint is the list without them.
Result<std::vector<Note>> parse_notes(std::string_view text);

/// A name for a tempered pitch, else Hz with a point; parse_note() gives the same float back.
std::string print_note(float hz);

/// Notes separated by commas, those of a chord by '+'.
std::string print_notes(std::span<const Note> notes);

/// Gives a track these notes, from the first on.
void put_notes(Track &track, std::span<const Note> notes);

} // namespace chronus::patterns
