#pragma once

#include "osc/context.h"
#include "osc/verbs.h"

#include <optional>
#include <string>
#include <string_view>

/// Sounds for a voice in one word: `/mod/voiceN/preset NAME`.
namespace chronus::osc {

/// The voice, from 1, whose preset a path below `/mod/` means; nothing for other paths.
std::optional<int> voice_of_preset(const Context &context, std::string_view path);

/// Whether a message gives a voice, or several, another sound: one step of `/undo`.
bool sets_preset(const Message &message);

/// Gives the voice the sound, or leaves it wholly as it was.
///
/// Errors: not_found - no such preset; the hint names the nearest. corrupt, too_new, too_big, io -
///         of its file.
Result<Reply> use_preset(Context &context, int voice, Args args);

/// The preset that a voice sounds like just now; "none" when it is like none.
std::string preset_in_use(Context &context, int voice);

} // namespace chronus::osc
