#pragma once

#include "engine/model/step.h"
#include "engine/result.h"

#include <string>
#include <string_view>

namespace chronus::patterns {

/// Reads how many sixteenths a step lasts: "2", "1/2", "3/4", "0.75"; a fraction of whole numbers
/// up to 64 in lowest terms.
///
/// Errors: bad_type - neither. out_of_range - not in 1/8..16. The hint is a length.
Result<StepLength> parse_step_length(std::string_view text);

/// "2" or "3/4".
std::string print_step_length(StepLength length);

} // namespace chronus::patterns
