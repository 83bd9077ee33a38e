#pragma once

#include "engine/host/progress.h"
#include "patterns/history/gc.h"
#include "patterns/history/retain.h"

namespace chronus::osc {

/// `patterns::gc` as an operation, where there is anything to drop; it can be cancelled.
///
/// Thread: the history's. Errors: as `patterns::gc`.
Result<patterns::GcReport> collect(patterns::Database &db, ProgressStore &progress,
                                   patterns::GcPolicy policy);
/// `patterns::retain` likewise.
Result<patterns::Retained> collect_executions(patterns::Database &db, ProgressStore &progress,
                                              patterns::RetentionPolicy policy);

} // namespace chronus::osc
