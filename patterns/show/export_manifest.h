#pragma once

#include "patterns/history/executions.h"
#include "patterns/history/export_pages.h"
#include "patterns/store/archive.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace chronus::patterns {

/// What an archive of the history says of itself.
struct Manifest {
    struct Missing {
        std::string path, why;
    };
    std::vector<SessionFacts> sessions;
    std::vector<Execution> executions;
    std::uint64_t items = 0;
    std::size_t patterns = 0, outputs = 0;
    std::map<std::int64_t, std::string> begins_with; ///< hashes of patterns, by executions
    std::map<std::string, std::string> snapshots;    ///< hashes, and those of what they hold
    std::vector<ArchivedFile> files;                 ///< all others in the archive
    std::vector<Missing> missing;
};

/// As JSON for people and programs. Nothing in it depends on when or where it is made.
std::string manifest_text(const Manifest &manifest);

} // namespace chronus::patterns
