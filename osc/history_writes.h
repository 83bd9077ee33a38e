#pragma once

#include "osc/verbs.h"

/// Commands on what was performed that write.
namespace chronus::osc {

Result<Reply> pin_execution(Context &context, Args args);
Result<Reply> export_history(Context &context, Args args);

} // namespace chronus::osc
