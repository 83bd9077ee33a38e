#pragma once

#include "engine/host/bounce.h"

#include <span>
#include <string>

namespace chronus::patterns {

/// A performance as a standard MIDI file of format 1: tempo, then a track for each name among the
/// parts' tracks, on the channels from 1 on without the tenth. A frequency is the nearest key and
/// a pitch bend of at most half a semitone; an accent has velocity 127, a hit 76, a ghost 44.
///
/// Shapes: the bytes of a file. 960 ticks a quarter note; swing is in the times of the notes.
/// Source: Standard MIDI Files 1.0 (RP-001).
std::string midi_of(std::span<const Part> parts);

} // namespace chronus::patterns
