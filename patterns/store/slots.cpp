#include "patterns/store/slots.h"

#include "patterns/store/backups.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace chronus::patterns {
namespace {

Result<std::vector<int>> slots_on(Disk &disk) {
    std::vector<int> slots;
    const auto names = disk.list(kSlotFolder);
    if (!names && names.error().code == Errc::not_found) return slots;
    if (!names) return names.error();
    for (const std::string &name : *names)
        if (const auto slot = parse_slot_name(name)) slots.push_back(*slot);
    return slots;
}

/// For hints, which are left out rather than fail.
std::vector<int> slots_or_none(Disk &disk) {
    auto slots = slots_on(disk);
    return slots ? std::move(*slots) : std::vector<int>{};
}

/// The slot nearest to the one asked for among those that pass; none when none does.
template <class F>
std::optional<int> nearest(int slot, F passes) {
    std::optional<int> best;
    for (int s = kFirstSlot; s <= kLastSlot; ++s)
        if (passes(s) && (!best || std::abs(s - slot) < std::abs(*best - slot))) best = s;
    return best;
}

/// "1-4, 10": the slots that hold something, in few words.
std::string spelled(const std::vector<int> &slots) {
    std::string text;
    for (std::size_t i = 0, end = 0; i < slots.size(); i = end) {
        for (end = i + 1; end < slots.size() && slots[end] == slots[end - 1] + 1;) ++end;
        text += text.empty() ? "" : ", ";
        text += fmt::to_string(slots[i]);
        if (end - i > 1) text += fmt::format("-{}", slots[end - 1]);
    }
    return text;
}

/// Clamped first, so that the distance between far-off numbers cannot overflow.
int in_reach(int slot) { return std::clamp(slot, kFirstSlot, kLastSlot); }

Error out_of_range(int slot, std::string hint) {
    return {Errc::out_of_range, fmt::format("slot {}: not in {}..{}", slot, kFirstSlot, kLastSlot),
            std::move(hint)};
}

std::string load_hint(const std::vector<int> &kept, int slot) {
    const auto near =
        nearest(in_reach(slot), [&](int s) { return std::ranges::binary_search(kept, s); });
    if (near) return fmt::format("/pattern/load {}", *near);
    return fmt::format("/pattern/save {}", in_reach(slot));
}

SlotState state_of(const Error &why) {
    return why.code == Errc::too_new ? SlotState::too_new : SlotState::damaged;
}

} // namespace

std::string save_hint(Disk &disk, int slot) {
    const auto kept = slots_or_none(disk);
    const auto free =
        nearest(in_reach(slot), [&](int s) { return !std::ranges::binary_search(kept, s); });
    return fmt::format("/pattern/save {}", free.value_or(in_reach(slot)));
}

Outcome check_slot_to_save(Disk &disk, int slot) {
    if (is_slot(slot)) return Done{};
    return out_of_range(slot, save_hint(disk, slot));
}

Error Slots::empty(int slot) const {
    const auto kept = slots_or_none(disk_);
    const std::string others =
        kept.empty() ? "no slot holds anything" : "these hold something: " + spelled(kept);
    return {Errc::not_found, fmt::format("slot {}: empty; {}", slot, others),
            load_hint(kept, slot)};
}

Error Slots::damaged(int slot, const Error &why) const {
    const Errc code = why.code == Errc::io ? Errc::io : Errc::corrupt;
    const auto newest = newest_readable(disk_, inspect_, slot);
    if (!newest)
        return {code,
                fmt::format("slot {}: damaged ({}); no backup of it can be read", slot, why.what)};
    return {code,
            fmt::format("slot {}: damaged ({}); its newest good backup is {}", slot, why.what,
                        stamped_path(kBackupFolder, slot, *newest)),
            fmt::format("/pattern/restore {}", slot)};
}

Result<std::string> Slots::load(int slot) const {
    if (!is_slot(slot)) return out_of_range(slot, load_hint(slots_or_none(disk_), slot));
    auto bytes = disk_.read(slot_path(slot), kMaxSlotBytes);
    if (!bytes && bytes.error().code == Errc::not_found) return empty(slot);
    if (!bytes) return damaged(slot, bytes.error());
    const auto summary = inspect_(*bytes);
    if (summary) return bytes;
    if (summary.error().code != Errc::too_new) return damaged(slot, summary.error());
    return Error{Errc::too_new, fmt::format("slot {}: {}", slot, summary.error().what)};
}

SlotEntry Slots::inspect_slot(int slot) const {
    const auto bytes = disk_.read(slot_path(slot), kMaxSlotBytes);
    if (!bytes) return {slot, SlotState::damaged, {}, bytes.error().what};
    auto summary = inspect_(*bytes);
    if (summary) return {slot, SlotState::sound, std::move(*summary), {}};
    return {slot, state_of(summary.error()), {}, summary.error().what};
}

const SlotEntry &Slots::entry_of(int slot, const FileInfo &info) {
    Seen &seen = seen_[slot];
    // What could not be read may only have been refused for now, so it is asked again.
    if (seen.info != info || seen.entry.state == SlotState::damaged || seen.entry.slot == 0)
        seen = {info, inspect_slot(slot)};
    return seen.entry;
}

Result<std::vector<SlotEntry>> Slots::list() {
    const auto slots = slots_on(disk_);
    if (!slots) return slots.error();
    std::vector<SlotEntry> entries;
    for (const int slot : *slots) {
        const auto info = disk_.info(slot_path(slot));
        if (!info) continue; // deleted since the folder was listed
        entries.push_back(entry_of(slot, *info));
    }
    return entries;
}

Result<std::vector<BackupEntry>> Slots::backups(int slot) const {
    if (!is_slot(slot)) return out_of_range(slot, load_hint(slots_or_none(disk_), slot));
    const auto times = stamps_of(disk_, kBackupFolder, slot);
    if (!times) return times.error();
    std::vector<BackupEntry> entries;
    for (auto time_ms = times->rbegin(); time_ms != times->rend(); ++time_ms) {
        const auto bytes = disk_.read(stamped_path(kBackupFolder, slot, *time_ms), kMaxSlotBytes);
        const auto summary = bytes ? inspect_(*bytes) : Result<SlotSummary>(bytes.error());
        if (summary)
            entries.push_back({*time_ms, SlotState::sound, *summary});
        else
            entries.push_back({*time_ms, state_of(summary.error()), {}});
    }
    return entries;
}

Result<std::string> Slots::load_backup(int slot, std::int64_t time_ms) const {
    if (!is_slot(slot)) return out_of_range(slot, load_hint(slots_or_none(disk_), slot));
    const auto newest = newest_readable(disk_, inspect_, slot);
    const auto refused = [&](const Error &why) {
        return Error{why.code, fmt::format("slot {}: {}", slot, why.what),
                     newest ? fmt::format("/pattern/restore {}", slot) : std::string{}};
    };
    if (time_ms == 0 && !newest) return refused(newest.error());
    auto bytes = disk_.read(stamped_path(kBackupFolder, slot, time_ms == 0 ? *newest : time_ms),
                            kMaxSlotBytes);
    if (!bytes) return refused(bytes.error());
    if (const auto summary = inspect_(*bytes); !summary) return refused(summary.error());
    return bytes;
}

std::size_t Slots::set_aside() const {
    const auto names = disk_.list(kDamagedFolder);
    if (!names) return 0;
    return static_cast<std::size_t>(std::ranges::count_if(
        *names, [](const std::string &name) { return parse_stamped_name(name).has_value(); }));
}

} // namespace chronus::patterns
