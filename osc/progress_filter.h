#pragma once

#include "osc/value.h"
#include "patterns/history/operations.h"

#include <cstdint>

namespace chronus::osc {

/// `s:type? i:limit? key=value...` of `/progress/history`, as `coerced` left it: a type or "all",
/// at most so many (100), status=, since= and until= (how long ago: 90m). Units: Unix ms.
///
/// Errors: out_of_range - a limit or a status that there is none of. bad_type - another key, or no
///         length of time. The hint is what was said, put right.
Result<patterns::OperationFilter> operation_filter(Args args, std::int64_t now_ms);

} // namespace chronus::osc
