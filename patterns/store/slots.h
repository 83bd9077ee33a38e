#pragma once

#include "patterns/store/disk.h"
#include "patterns/store/slot_files.h"

#include <map>

namespace chronus::patterns {

enum class SlotState { sound, damaged, too_new };

/// What a list of slots shows of one that holds a file.
struct SlotEntry {
    int slot = 0;
    SlotState state = SlotState::sound;
    SlotSummary summary;
    std::string problem; ///< why it cannot be loaded, empty when it can
};

/// What a list of backups shows of one copy.
struct BackupEntry {
    std::int64_t time_ms = 0; ///< when it was replaced
    SlotState state = SlotState::sound;
    SlotSummary summary;
};

/// Refuses a slot nobody can have: "slot 129: not in 1..128".
///
/// Errors: out_of_range; the hint saves to a slot in range, an empty one as long as there is one.
Outcome check_slot_to_save(Disk &disk, int slot);

/// "/pattern/save 12": saves to the free slot nearest to this one, or to the nearest when all hold
/// something.
std::string save_hint(Disk &disk, int slot);

/// Reads what 128 slots and their backups hold. Writes nothing.
///
/// Thread: control. A load is one small read; a list reads only files that changed since the last.
/// Errors: every hint, sent as it is, succeeds.
class Slots {
public:
    Slots(Disk &disk, InspectSlot inspect) : disk_(disk), inspect_(inspect) {}

    /// The bytes of a slot, which `inspect` has found sound.
    /// Errors: out_of_range; not_found - names the slots that hold something; corrupt - names the
    ///         newest backup that can be read; too_new; io.
    Result<std::string> load(int slot) const;

    /// Every slot that holds anything, ascending.
    Result<std::vector<SlotEntry>> list();

    /// A slot's copies, newest first.
    Result<std::vector<BackupEntry>> backups(int slot) const;

    /// The bytes of one copy; time 0 stands for the newest that can be read.
    /// Errors: out_of_range, not_found, corrupt, too_new, io.
    Result<std::string> load_backup(int slot, std::int64_t time_ms) const;

    /// How many damaged files have been set aside, all slots together.
    std::size_t set_aside() const;

private:
    struct Seen {
        FileInfo info;
        SlotEntry entry;
    };
    SlotEntry inspect_slot(int slot) const;
    const SlotEntry &entry_of(int slot, const FileInfo &info);
    Error empty(int slot) const;
    Error damaged(int slot, const Error &why) const;

    Disk &disk_;
    InspectSlot inspect_;
    std::map<int, Seen> seen_;
};

} // namespace chronus::patterns
