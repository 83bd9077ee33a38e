#pragma once

#include "engine/host/progress.h"
#include "patterns/history/gc.h"

namespace chronus::osc {

/// `patterns::gc` as an operation, where there is anything to drop; it can be cancelled.
///
/// Thread: the history's. Errors: as `patterns::gc`.
Result<patterns::GcReport> collect(patterns::Database &db, ProgressStore &progress,
                                   patterns::GcPolicy policy);

} // namespace chronus::osc
