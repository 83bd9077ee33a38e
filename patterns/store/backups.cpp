#include "patterns/store/backups.h"

#include <algorithm>

namespace chronus::patterns {
namespace {

constexpr int kStampTries = 100; // names somebody else may have put in our way

bool is_readable(Disk &disk, InspectSlot inspect, int slot, std::int64_t time_ms) {
    const auto bytes = disk.read(stamped_path(kBackupFolder, slot, time_ms), kMaxSlotBytes);
    return bytes && inspect(*bytes);
}

} // namespace

Result<std::vector<std::int64_t>> stamps_of(Disk &disk, std::string_view folder, int slot) {
    std::vector<std::int64_t> times;
    const auto names = disk.list(folder);
    if (!names && names.error().code == Errc::not_found) return times;
    if (!names) return names.error();
    for (const std::string &name : *names)
        if (const auto stamped = parse_stamped_name(name); stamped && stamped->slot == slot)
            times.push_back(stamped->time_ms);
    std::ranges::sort(times);
    return times;
}

Result<std::int64_t> newest_readable(Disk &disk, InspectSlot inspect, int slot) {
    const auto times = stamps_of(disk, kBackupFolder, slot);
    if (!times) return times.error();
    const auto found = std::find_if(times->rbegin(), times->rend(), [&](std::int64_t time_ms) {
        return is_readable(disk, inspect, slot, time_ms);
    });
    if (found == times->rend()) return Error{Errc::not_found, "no backup can be read"};
    return *found;
}

Result<Backups::Generations *> Backups::of(int slot) {
    if (const auto it = known_.find(slot); it != known_.end()) return &it->second;
    const auto times = stamps_of(disk_, kBackupFolder, slot);
    if (!times) return times.error();
    Generations &known = known_[slot];
    for (const std::int64_t time_ms : *times)
        known.push_back({time_ms, is_readable(disk_, inspect_, slot, time_ms)});
    return &known;
}

bool Backups::is_newest(int slot, const Generations &known, std::string_view bytes) {
    if (known.empty()) return false;
    const auto path = stamped_path(kBackupFolder, slot, known.back().time_ms);
    const auto newest = disk_.read(path, kMaxSlotBytes);
    return newest && *newest == bytes;
}

Outcome Backups::place(int slot, std::string_view bytes, Origin origin, const std::string &path) {
    if (origin == Origin::ours_and_synced) {
        const auto linked = disk_.link(slot_path(slot), path);
        if (linked || linked.error().code == Errc::conflict) return linked;
    }
    if (disk_.info(path)) return Error{Errc::conflict, path + ": is there already"};
    return replace_file(disk_, names_, path, bytes);
}

Result<std::int64_t> Backups::add(int slot, std::string_view bytes, Origin origin,
                                  std::int64_t from_ms) {
    for (std::int64_t time_ms = from_ms;; ++time_ms) {
        const auto path = stamped_path(kBackupFolder, slot, time_ms);
        Outcome kept = place(slot, bytes, origin, path);
        const bool taken = !kept && kept.error().code == Errc::conflict;
        if (taken && time_ms < from_ms + kStampTries) continue;
        if (kept) kept = disk_.sync_folder(kBackupFolder);
        if (kept) return time_ms;
        // A copy that may not outlive a loss of power must not look like one that does.
        if (!taken) (void)disk_.unlink(path);
        return kept.error();
    }
}

Result<Kept> Backups::keep(int slot, std::string_view bytes, Origin origin, std::int64_t now_ms) {
    const auto found = of(slot);
    if (!found) return found.error();
    Generations &known = **found;
    const std::int64_t last_ms = known.empty() ? 0 : known.back().time_ms;
    if (is_newest(slot, known, bytes)) {
        // Left by a save that failed; whether it is safe nobody knows, so it is written again.
        std::string path = stamped_path(kBackupFolder, slot, last_ms);
        if (const auto kept = replace_file(disk_, names_, path, bytes); !kept) return kept.error();
        return Kept{std::move(path), false};
    }
    const auto added = add(slot, bytes, origin, std::max(now_ms, last_ms + 1));
    if (!added) {
        known_.erase(slot); // the disk may have kept what it refused to take back
        return added.error();
    }
    known.push_back({*added, true});
    return Kept{stamped_path(kBackupFolder, slot, *added), true};
}

void Backups::rotate(int slot, std::int64_t now_ms) {
    const auto found = of(slot);
    if (!found) return;
    const auto time_ms = to_drop(**found, now_ms);
    if (!time_ms) return;
    const auto removed = disk_.unlink(stamped_path(kBackupFolder, slot, *time_ms));
    if (!removed && removed.error().code != Errc::not_found) return;
    std::erase_if(**found, [&](const Generation &g) { return g.time_ms == *time_ms; });
}

} // namespace chronus::patterns
