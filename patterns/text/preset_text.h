#pragma once

#include "engine/model/presets.h"
#include "engine/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// A preset as the text of a file: two blanks a level, the voice's parameters under the keys that
/// slots have for them.
std::string encode_preset(std::string_view name, const VoiceSound &sound);

/// `notes` are for people: one sentence for each thing that had to be bent.
struct LoadedPreset {
    VoiceSound sound;
    std::vector<std::string> notes;
};

/// What `encode_preset` wrote, without notes. A value out of range is clamped and noted, a member
/// that is not known is noted and passed over; what the text says nothing of, the preset leaves
/// alone.
///
/// Thread: any.
/// Errors: corrupt - not JSON, no voice in it, or a value of the wrong kind; names line and path.
///         too_new - a later version wrote it. too_big - over 1 MiB.
Result<LoadedPreset> decode_preset(std::string_view bytes);

} // namespace chronus::patterns
