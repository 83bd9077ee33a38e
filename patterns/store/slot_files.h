#pragma once

#include "engine/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chronus::patterns {

inline constexpr int kFirstSlot = 1;
inline constexpr int kLastSlot = 128;
inline constexpr std::size_t kMaxSlotBytes = 1024 * 1024;

inline constexpr std::string_view kSlotFolder = "patterns/slots";
inline constexpr std::string_view kBackupFolder = "patterns/backups";
inline constexpr std::string_view kDamagedFolder = "patterns/damaged";

constexpr bool is_slot(int slot) { return slot >= kFirstSlot && slot <= kLastSlot; }

/// "patterns/slots/slot_007.json".
std::string slot_path(int slot);
/// "slot_007_1700000000123.json", in the folder of backups or of damaged files.
std::string stamped_path(std::string_view folder, int slot, std::int64_t time_ms);

/// The slot a name in the slot folder stands for; no other spelling names one.
std::optional<int> parse_slot_name(std::string_view name);

struct Stamped {
    int slot = 0;
    std::int64_t time_ms = 0;
};
/// The slot and time a name in the backup or damaged folder stands for.
std::optional<Stamped> parse_stamped_name(std::string_view name);

/// What a save file says about itself, as much as keeping it needs.
struct SlotSummary {
    std::string name;          ///< what its player called it, may be empty
    std::int64_t saved_ms = 0; ///< Unix time
    std::string content;       ///< equal for equal patterns, whenever they were saved
};

/// Reads a save file wholly and strictly. Pure, and called on both the control and the disk thread.
/// Errors: corrupt - not what we wrote. too_new - a later version wrote it.
using InspectSlot = Result<SlotSummary> (*)(std::string_view bytes);

} // namespace chronus::patterns
