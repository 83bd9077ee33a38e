#pragma once

#include "patterns/store/atomic_file.h"
#include "patterns/store/retention.h"
#include "patterns/store/slot_writer.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// Writes sets. Only this class changes files in their folder and in that of their backups.
///
/// Whatever fails, and whenever the power goes, a set is the old one or the new one, and what a
/// save replaces is kept: sound or damaged, as a backup. As many backups stay as of a slot.
/// Thread: disk.
class SetlistWriter {
public:
    SetlistWriter(Disk &disk, TempNames &names) : disk_(disk), names_(names) {}

    /// Makes the folders and removes what unfinished writes left; answers how many those were.
    Result<std::size_t> start();

    /// Errors: corrupt - what was to be saved does not read back; too_new - what is there was
    ///         written by a later version; too_big; io. Nothing was replaced.
    Result<Saved> save(std::string_view name, std::string_view bytes, std::int64_t now_ms);

    /// Takes a set away; its backup stays.
    /// Errors: not_found, io; too_new.
    Result<Saved> remove(std::string_view name, std::int64_t now_ms);

private:
    using Generations = std::vector<Generation>;

    Outcome prepare();
    Result<Saved> try_save(std::string_view name, std::string_view bytes, std::int64_t now_ms);
    Result<std::string> look(std::string_view name);
    Result<Generations *> backups_of(std::string_view name);
    Result<std::string> keep(std::string_view name, std::string_view bytes, std::int64_t now_ms);
    void rotate(std::string_view name, std::int64_t now_ms);

    Disk &disk_;
    TempNames &names_;
    bool prepared_ = false;                     ///< the folders are there and known to be safe
    std::set<std::string, std::less<>> synced_; ///< whose file this run wrote and acknowledged
    std::map<std::string, Generations, std::less<>> known_;
};

} // namespace chronus::patterns
