#pragma once

#include "patterns/text/json.h"
#include "patterns/text/members.h"

namespace chronus::patterns {

/// Makes a document of ours from one that the original saved (schema "1.0").
///
/// - Every sign of a pattern but X and x was a rest there, blanks included.
/// - A send of 0 is left to the voice: the original could not tell it from one never set.
/// - `note_index` counted on and becomes the note to start with.
/// - LFO depths become 0: LFO 1 was inaudible, LFO 2 never asked for, and now both would be heard.
/// - `voice_id`, `module_id` and `accent_disabled` of modules say nothing and go.
JsonObject from_original(JsonObject document, Reading &reading);

} // namespace chronus::patterns
