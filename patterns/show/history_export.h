#pragma once

#include "engine/host/progress_scope.h"
#include "engine/result.h"
#include "patterns/history/history_thread.h"
#include "patterns/show/set_job.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace chronus::patterns {

/// What of the history is taken along, and where to.
struct HistoryOrder {
    std::vector<std::int64_t> executions = {}; ///< ids, those that began first first
    std::filesystem::path state = {};          ///< folder of all that is kept
    std::string name = {};                     ///< of the file in `exports`, without its ending
};

/// Packs executions into a ZIP file: `items.jsonl`, an item a line; `scenes/<sha256>.json`, every
/// pattern that they name; the files of their outputs, as far as they are still there; and
/// `manifest.json`, which tells what there is, its hashes, and what is missing. The same executions
/// make the same bytes. What is not finished leaves nothing.
///
/// Thread: worker. Errors: io; cancelled; those of the history.
Result<StudioReport> export_history(const HistoryOrder &order, HistoryThread &history,
                                    ProgressScope &level);

} // namespace chronus::patterns
