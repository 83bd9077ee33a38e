#pragma once

#include "patterns/store/atomic_file.h"
#include "patterns/store/backups.h"

#include <bitset>
#include <optional>
#include <variant>

namespace chronus::patterns {

/// What a save, a delete or a written file did.
struct Saved {
    enum class How {
        made,      ///< there was nothing before
        replaced,  ///< a new generation; the one before is `backup`, or `set_aside` when damaged
        unchanged, ///< the same content was there already
        removed,
    };
    How how = How::made;
    std::string backup = {};    ///< where the bytes that were replaced are kept
    std::string set_aside = {}; ///< where damaged bytes that were replaced are kept
};

/// Writes slots. Only this class changes files in the slot, backup and damaged folders.
///
/// Thread: disk. It must be the only one on its state folder, which `StateDir` sees to.
/// Errors: an answer other than an error means that what it says outlives a loss of power. After
///         an error the slot holds its old or its new bytes, whole.
class SlotWriter {
public:
    SlotWriter(Disk &disk, InspectSlot inspect, std::uint32_t process_id);
    SlotWriter(const SlotWriter &) = delete;
    SlotWriter &operator=(const SlotWriter &) = delete;

    /// Makes the folders and removes what unfinished saves of earlier runs left; returns how many
    /// of those there were. Call before the first save.
    Result<std::size_t> start();

    /// Keeps `bytes` in a slot and what was there as a backup. Content equal to what is there makes
    /// no generation.
    /// Units:  `now_ms` is Unix time and names the backup.
    /// Errors: out_of_range; corrupt - `bytes` do not read back; too_big; too_new - a later chronus
    ///         wrote what is there, and it is not overwritten; io.
    Result<Saved> save(int slot, std::string_view bytes, std::int64_t now_ms);

    /// Empties a slot and keeps what was there as a backup.
    /// Errors: out_of_range, not_found, too_new, io.
    Result<Saved> remove(int slot, std::int64_t now_ms);

private:
    struct Nothing {};
    struct Sound {
        std::string bytes;
        SlotSummary summary;
    };
    struct Damaged {
        std::optional<std::string> bytes; ///< none when they could not be read
        FileKind kind = FileKind::regular;
    };
    using Current = std::variant<Nothing, Sound, Damaged>;
    struct Replaced {
        Saved saved;
        bool rotate = false; ///< a copy was added, so one may go
    };

    Outcome prepare();
    Result<Saved> try_save(int slot, std::string_view bytes, std::int64_t now_ms);
    Result<Current> look(int slot);
    Result<Current> look_unreadable(int slot, const Error &why);
    Result<Replaced> keep_old(int slot, const Current &old, std::int64_t now_ms);
    Result<std::string> set_aside(int slot, const Damaged &old, std::int64_t now_ms);
    Result<std::string> place_for(int slot, const Damaged &old, std::int64_t now_ms);
    Outcome place_aside(int slot, const Damaged &old, const std::string &path);
    Outcome commit(int slot, StagedFile &staged);
    Outcome erase(int slot);

    Disk &disk_;
    InspectSlot inspect_;
    TempNames names_;
    Backups backups_;
    bool prepared_ = false;             ///< the folders are there and known to be safe
    std::bitset<kLastSlot + 1> synced_; ///< slots whose file this run wrote, acknowledged and knows
};

} // namespace chronus::patterns
