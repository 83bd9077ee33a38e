#pragma once

#include "engine/host/progress_scope.h"
#include "engine/result.h"
#include "patterns/show/render_record.h"
#include "patterns/show/set_job.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// A render that was made, as the history has it.
struct MadeBefore {
    Execution execution = {};
    RenderRecord record = {};
    std::map<std::string, std::string> files = {}; ///< by their names in the folder, SHA-256
};

/// `version` is that of the engine there is now.
/// Thread and errors: those of the database; also failed - what it is of is not kept, or another
/// engine made it. unsupported - a performance was played again in it; the hint does that.
Result<MadeBefore> made_before(Database &db, const Execution &execution, std::string_view version);

/// A render to be made again.
struct RerenderOrder {
    MadeBefore before = {};            ///< with the outputs that are wanted now
    std::filesystem::path folder = {}; ///< there already; files are called as they were
    std::string name = {};             ///< of the folder
    std::function<void(const MadeOutput &, std::size_t place)> told = {}; ///< as of a render
};

/// Makes its outputs anew and compares their hashes with what was made before. Its JSON: execution,
/// compared {files, equal}, folder, and the members of a render's report.
/// Thread: worker. Errors: those of `render`.
Result<StudioReport> rerender(const RerenderOrder &order, ProgressScope &level);

} // namespace chronus::patterns
