#include "patterns/store/slot_writer.h"

#include "patterns/store/slots.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace chronus::patterns {
namespace {

constexpr std::array kFolders{std::string_view{"patterns"}, kSlotFolder, kBackupFolder,
                              kDamagedFolder};

Error of_slot(int slot, const Error &why) {
    return {why.code, fmt::format("slot {}: {}", slot, why.what), why.hint};
}

Error not_overwritten(Disk &disk, int slot, const Error &why) {
    return {Errc::too_new, fmt::format("slot {}: not overwritten; {}", slot, why.what),
            save_hint(disk, slot)};
}

/// What is to be saved must read back before a byte of it is written.
Result<SlotSummary> sound(InspectSlot inspect, int slot, std::string_view bytes) {
    if (bytes.size() > kMaxSlotBytes)
        return Error{Errc::too_big, fmt::format("slot {}: {} bytes, over {}; nothing was written",
                                                slot, bytes.size(), kMaxSlotBytes)};
    auto summary = inspect(bytes);
    if (summary) return summary;
    return Error{summary.error().code,
                 fmt::format("slot {}: what was to be saved does not read back ({}); nothing was "
                             "written",
                             slot, summary.error().what)};
}

} // namespace

SlotWriter::SlotWriter(Disk &disk, InspectSlot inspect, std::uint32_t process_id)
    : disk_(disk), inspect_(inspect), names_(process_id), backups_(disk_, names_, inspect) {}

Outcome SlotWriter::prepare() {
    for (const std::string_view folder : kFolders)
        if (auto made = ensure_folder(disk_, folder); !made) return made;
    prepared_ = true;
    return Done{};
}

Result<std::size_t> SlotWriter::start() {
    if (const auto made = prepare(); !made) return made.error();
    std::size_t swept = 0;
    for (const std::string_view folder : kFolders) swept += sweep_temps(disk_, folder);
    return swept;
}

Result<SlotWriter::Current> SlotWriter::look(int slot) {
    auto bytes = disk_.read(slot_path(slot), kMaxSlotBytes);
    if (!bytes) return look_unreadable(slot, bytes.error());
    auto summary = inspect_(*bytes);
    if (summary) return Current{Sound{std::move(*bytes), std::move(*summary)}};
    if (summary.error().code == Errc::too_new) return not_overwritten(disk_, slot, summary.error());
    return Current{Damaged{std::move(*bytes), FileKind::regular}};
}

/// A plain file the disk refuses to read may be sound; it is in the way until the disk answers.
Result<SlotWriter::Current> SlotWriter::look_unreadable(int slot, const Error &why) {
    if (why.code == Errc::not_found) return Current{Nothing{}};
    const auto info = disk_.info(slot_path(slot));
    if (!info) return of_slot(slot, info.error());
    if (why.code != Errc::too_big && info->kind == FileKind::regular) return of_slot(slot, why);
    return Current{Damaged{std::nullopt, info->kind}};
}

Outcome SlotWriter::place_aside(int slot, const Damaged &old, const std::string &path) {
    if (old.bytes) return replace_file(disk_, names_, path, *old.bytes);
    if (old.kind == FileKind::regular) return disk_.link(slot_path(slot), path);
    return disk_.rename(slot_path(slot), path);
}

/// Where to set damaged bytes aside: a new place, or the last one when it holds the same already,
/// left by a save that failed.
Result<std::string> SlotWriter::place_for(int slot, const Damaged &old, std::int64_t now_ms) {
    const auto times = stamps_of(disk_, kDamagedFolder, slot);
    if (!times) return times.error();
    const std::int64_t last_ms = times->empty() ? 0 : times->back();
    std::string last = stamped_path(kDamagedFolder, slot, last_ms);
    if (old.bytes && !times->empty()) {
        const auto known = disk_.read(last, kMaxSlotBytes);
        if (known && *known == *old.bytes) return last;
    }
    return stamped_path(kDamagedFolder, slot, std::max(now_ms, last_ms + 1));
}

/// Never thrown away by us.
Result<std::string> SlotWriter::set_aside(int slot, const Damaged &old, std::int64_t now_ms) {
    auto path = place_for(slot, old, now_ms);
    if (!path) return of_slot(slot, path.error());
    Outcome placed = place_aside(slot, old, *path);
    if (placed) placed = disk_.sync_folder(kDamagedFolder);
    if (!placed) return of_slot(slot, placed.error());
    return path;
}

Result<SlotWriter::Replaced> SlotWriter::keep_old(int slot, const Current &old,
                                                  std::int64_t now_ms) {
    if (const auto *file = std::get_if<Sound>(&old)) {
        const bool ours = synced_[static_cast<std::size_t>(slot)];
        auto kept = backups_.keep(slot, file->bytes,
                                  ours ? Origin::ours_and_synced : Origin::unknown, now_ms);
        if (!kept) return of_slot(slot, kept.error());
        return Replaced{{Saved::How::replaced, std::move(kept->path)}, kept->added};
    }
    if (const auto *file = std::get_if<Damaged>(&old)) {
        auto kept = set_aside(slot, *file, now_ms);
        if (!kept) return kept.error();
        return Replaced{{Saved::How::replaced, {}, std::move(*kept)}};
    }
    return Replaced{};
}

Outcome SlotWriter::commit(int slot, StagedFile &staged) {
    synced_.reset(static_cast<std::size_t>(slot));
    if (auto placed = staged.commit(); !placed) return of_slot(slot, placed.error());
    synced_.set(static_cast<std::size_t>(slot));
    return Done{};
}

Result<Saved> SlotWriter::save(int slot, std::string_view bytes, std::int64_t now_ms) {
    if (const auto known = check_slot_to_save(disk_, slot); !known) return known.error();
    auto saved = try_save(slot, bytes, now_ms);
    if (saved || saved.error().code != Errc::not_found) return saved;
    prepared_ = false; // somebody removed a folder under us
    return try_save(slot, bytes, now_ms);
}

Result<Saved> SlotWriter::try_save(int slot, std::string_view bytes, std::int64_t now_ms) {
    const auto summary = sound(inspect_, slot, bytes);
    if (!summary) return summary.error();
    if (!prepared_)
        if (const auto made = prepare(); !made) return of_slot(slot, made.error());
    const auto old = look(slot);
    if (!old) return old.error();

    const auto *file = std::get_if<Sound>(&*old);
    const bool same = file != nullptr && file->summary.content == summary->content;
    if (same && synced_[static_cast<std::size_t>(slot)]) return Saved{Saved::How::unchanged};
    // What another run left is written again as it was: only then is it known to be safe.
    auto staged = StagedFile::write(disk_, names_, slot_path(slot), same ? file->bytes : bytes);
    if (!staged) return of_slot(slot, staged.error());
    const auto kept =
        same ? Result(Replaced{{Saved::How::unchanged}}) : keep_old(slot, *old, now_ms);
    if (!kept) return kept.error();
    if (const auto placed = commit(slot, *staged); !placed) return placed.error();
    if (kept->rotate) backups_.rotate(slot, now_ms);
    return kept->saved;
}

Outcome SlotWriter::erase(int slot) {
    synced_.reset(static_cast<std::size_t>(slot));
    const auto removed = disk_.unlink(slot_path(slot));
    // Setting aside what is no plain file has moved it already.
    if (!removed && removed.error().code != Errc::not_found) return of_slot(slot, removed.error());
    if (auto kept = disk_.sync_folder(kSlotFolder); !kept) return of_slot(slot, kept.error());
    return Done{};
}

Result<Saved> SlotWriter::remove(int slot, std::int64_t now_ms) {
    if (const auto known = check_slot_to_save(disk_, slot); !known)
        return Error{known.error().code, known.error().what, "/pattern/list"};
    const auto old = look(slot);
    if (!old) return old.error();
    if (std::holds_alternative<Nothing>(*old))
        return Error{Errc::not_found, fmt::format("slot {}: empty already", slot), "/pattern/list"};
    if (!prepared_)
        if (const auto made = prepare(); !made) return of_slot(slot, made.error());
    auto kept = keep_old(slot, *old, now_ms);
    if (!kept) return kept.error();
    if (const auto gone = erase(slot); !gone) return gone.error();
    if (kept->rotate) backups_.rotate(slot, now_ms);
    kept->saved.how = Saved::How::removed;
    return kept->saved;
}

} // namespace chronus::patterns
