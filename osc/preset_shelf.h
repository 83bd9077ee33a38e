#pragma once

#include "osc/context.h"
#include "patterns/text/preset_text.h"

#include <string>
#include <string_view>
#include <vector>

/// All presets there are, as they will be when the disk has done what it is asked.
namespace chronus::osc {

/// As it is kept: blanks become '_', so that "closed hat" is closed_hat.
std::string preset_name(std::string_view said);

/// Those that players keep, in alphabetic order.
std::vector<std::string> own_presets(Context &context);

/// Errors: not_found - the hint is the nearest name there is; those of `decode_preset`; io.
Result<patterns::LoadedPreset> preset_named(Context &context, std::string_view said);

/// What the caller of a job on a preset is told.
Result<Reply> preset_saved_reply(const patterns::JobReport &report);

} // namespace chronus::osc
