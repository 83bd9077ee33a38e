#include "patterns/store/setlist_writer.h"

#include "patterns/store/setlist_files.h"
#include "patterns/text/setlist_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace chronus::patterns {

namespace {

constexpr std::array kFolders{kSetFolder, kSetBackupFolder};

Error of_set(std::string_view name, const Error &why) {
    return {why.code, fmt::format("set {}: {}", name, why.what), why.hint};
}

/// What is to be saved must read back, and as the same, before a byte of it is written.
Outcome verify(std::string_view bytes) {
    const auto set = decode_setlist(bytes);
    if (!set) return set.error();
    if (encode_setlist(set->set) == bytes) return Done{};
    return Error{Errc::corrupt, "what was to be saved does not read back; nothing was written"};
}

} // namespace

Outcome SetlistWriter::prepare() {
    if (prepared_) return Done{};
    for (const std::string_view folder : kFolders)
        if (auto made = ensure_folder(disk_, folder); !made) return made;
    prepared_ = true;
    return Done{};
}

Result<std::size_t> SetlistWriter::start() {
    if (const auto made = prepare(); !made) return made.error();
    std::size_t swept = 0;
    for (const std::string_view folder : kFolders) swept += sweep_temps(disk_, folder);
    return swept;
}

/// The bytes that are there now, sound or not. A file too large to be a set is in the way until
/// somebody moves it.
Result<std::string> SetlistWriter::look(std::string_view name) {
    auto bytes = disk_.read(set_path(name), kMaxSetlistBytes);
    if (!bytes) return bytes.error();
    const auto set = decode_setlist(*bytes);
    if (!set && set.error().code == Errc::too_new) return set.error();
    return bytes;
}

Result<SetlistWriter::Generations *> SetlistWriter::backups_of(std::string_view name) {
    if (const auto known = known_.find(name); known != known_.end()) return &known->second;
    const auto files = disk_.list(kSetBackupFolder);
    if (!files) return files.error();
    Generations found;
    for (const std::string &file : *files) {
        const auto stamp = parse_set_backup(file);
        if (!stamp || stamp->name != name) continue;
        const auto bytes = disk_.read(set_backup_path(name, stamp->time_ms), kMaxSetlistBytes);
        found.push_back({stamp->time_ms, bytes && decode_setlist(*bytes)});
    }
    std::ranges::sort(found, {}, &Generation::time_ms);
    return &known_.emplace(name, std::move(found)).first->second;
}

/// Keeps what is to be replaced and answers where. A save that failed after that may come again:
/// the same bytes are not kept twice, but written anew, since nobody knows whether they are safe.
Result<std::string> SetlistWriter::keep(std::string_view name, std::string_view bytes,
                                        std::int64_t now_ms) {
    const auto known = backups_of(name);
    if (!known) return known.error();
    Generations &generations = **known;
    bool again = false;
    std::int64_t time_ms = now_ms;
    if (!generations.empty()) {
        const std::int64_t last_ms = generations.back().time_ms;
        const auto last = disk_.read(set_backup_path(name, last_ms), kMaxSetlistBytes);
        again = last && *last == bytes;
        time_ms = again ? last_ms : std::max(now_ms, last_ms + 1);
    }
    std::string path = set_backup_path(name, time_ms);
    if (const auto kept = replace_file(disk_, names_, path, bytes); !kept) {
        known_.erase(known_.find(name)); // the disk may have kept what it refused
        return kept.error();
    }
    if (!again) generations.push_back({time_ms, static_cast<bool>(decode_setlist(bytes))});
    return path;
}

void SetlistWriter::rotate(std::string_view name, std::int64_t now_ms) {
    const auto known = backups_of(name);
    if (!known) return;
    const auto time_ms = to_drop(**known, now_ms);
    if (!time_ms) return;
    const auto removed = disk_.unlink(set_backup_path(name, *time_ms));
    if (!removed && removed.error().code != Errc::not_found) return;
    std::erase_if(**known, [&](const Generation &g) { return g.time_ms == *time_ms; });
}

Result<Saved> SetlistWriter::save(std::string_view name, std::string_view bytes,
                                  std::int64_t now_ms) {
    if (const auto sound = verify(bytes); !sound) return of_set(name, sound.error());
    auto saved = try_save(name, bytes, now_ms);
    if (saved || saved.error().code != Errc::not_found) return saved;
    prepared_ = false; // somebody removed a folder under us
    return try_save(name, bytes, now_ms);
}

Result<Saved> SetlistWriter::try_save(std::string_view name, std::string_view bytes,
                                      std::int64_t now_ms) {
    if (const auto made = prepare(); !made) return of_set(name, made.error());
    const auto old = look(name);
    if (!old && old.error().code != Errc::not_found) return of_set(name, old.error());
    const bool same = old && *old == bytes;
    if (same && synced_.contains(name)) return Saved{Saved::How::unchanged};
    auto staged = StagedFile::write(disk_, names_, set_path(name), bytes);
    if (!staged) return of_set(name, staged.error());
    Saved saved{same ? Saved::How::unchanged : Saved::How::made};
    if (old && !same) {
        auto kept = keep(name, *old, now_ms);
        if (!kept) return of_set(name, kept.error());
        saved = {Saved::How::replaced, *std::move(kept)};
    }
    if (const auto known = synced_.find(name); known != synced_.end()) synced_.erase(known);
    if (const auto placed = staged->commit(); !placed) return of_set(name, placed.error());
    synced_.emplace(name);
    if (!saved.backup.empty()) rotate(name, now_ms);
    return saved;
}

Result<Saved> SetlistWriter::remove(std::string_view name, std::int64_t now_ms) {
    const auto old = look(name);
    if (!old) return of_set(name, old.error());
    if (const auto made = prepare(); !made) return of_set(name, made.error());
    auto kept = keep(name, *old, now_ms);
    if (!kept) return of_set(name, kept.error());
    if (const auto known = synced_.find(name); known != synced_.end()) synced_.erase(known);
    if (const auto gone = disk_.unlink(set_path(name)); !gone) return of_set(name, gone.error());
    if (const auto synced = disk_.sync_folder(kSetFolder); !synced)
        return of_set(name, synced.error());
    rotate(name, now_ms);
    return Saved{Saved::How::removed, *std::move(kept)};
}

} // namespace chronus::patterns
