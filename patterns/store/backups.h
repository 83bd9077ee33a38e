#pragma once

#include "patterns/store/atomic_file.h"
#include "patterns/store/retention.h"
#include "patterns/store/slot_files.h"

#include <map>

namespace chronus::patterns {

/// The times of a slot's copies in the backup or damaged folder, ascending. A folder that is not
/// there has none.
///
/// Errors: io.
Result<std::vector<std::int64_t>> stamps_of(Disk &disk, std::string_view folder, int slot);

/// The newest copy of a slot that can be read.
///
/// Errors: not_found - there is none.
Result<std::int64_t> newest_readable(Disk &disk, InspectSlot inspect, int slot);

/// What is known of the file a copy is made of: one synced by us may share its bytes with the copy.
enum class Origin { ours_and_synced, unknown };

/// A copy that stands for the bytes about to be replaced.
struct Kept {
    std::string path;
    bool added = false; ///< false when the newest copy held the same bytes already
};

/// Keeps a slot's file under another name before a save replaces it, and thins old copies.
///
/// Thread: disk. Remembers what it has listed and read, so only the first use of a slot is slow.
class Backups {
public:
    Backups(Disk &disk, TempNames &names, InspectSlot inspect)
        : disk_(disk), names_(names), inspect_(inspect) {}

    /// Keeps the file now in `slot`, which holds `bytes` and reads well, and returns where. A save
    /// that failed after this point may call again: the same bytes are not kept twice.
    /// Units:  `now_ms` is Unix time; a clock that went back never makes a copy look older than
    ///         the one before it.
    /// Errors: io. Nothing then stands in for the copy, so the slot must not be replaced.
    Result<Kept> keep(int slot, std::string_view bytes, Origin origin, std::int64_t now_ms);

    /// Removes at most one copy after one was added. A disk that refuses is asked another time.
    void rotate(int slot, std::int64_t now_ms);

private:
    using Generations = std::vector<Generation>;
    Result<Generations *> of(int slot);
    bool is_newest(int slot, const Generations &known, std::string_view bytes);
    Result<std::int64_t> add(int slot, std::string_view bytes, Origin origin, std::int64_t from_ms);
    Outcome place(int slot, std::string_view bytes, Origin origin, const std::string &path);

    Disk &disk_;
    TempNames &names_;
    InspectSlot inspect_;
    std::map<int, Generations> known_;
};

} // namespace chronus::patterns
