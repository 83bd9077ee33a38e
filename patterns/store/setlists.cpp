#include "patterns/store/setlists.h"

#include "patterns/store/setlist_files.h"
#include "patterns/text/setlist_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace chronus::patterns {

Result<KeptSet> Setlists::read(const std::string &path, std::string_view name) const {
    const auto bytes = disk_.read(path, kMaxSetlistBytes);
    if (!bytes) return bytes.error();
    auto loaded = decode_setlist(*bytes);
    if (!loaded) return loaded.error();
    loaded->set.name = name;
    return std::make_shared<const Setlist>(std::move(loaded->set));
}

Result<KeptSet> Setlists::load(std::string_view name) {
    const std::string path = set_path(name);
    const auto info = disk_.info(path);
    if (!info) return info.error();
    if (last_ && last_->name == name && *info == last_info_) return last_;
    auto read_now = read(path, name);
    if (read_now) std::tie(last_, last_info_) = std::pair{*read_now, *info};
    return read_now;
}

const SetEntry &Setlists::entry_of(const std::string &name, const FileInfo &info) {
    Seen &seen = seen_[name];
    if (!seen.entry.name.empty() && seen.info == info) return seen.entry;
    seen = {info, {.name = name}};
    const auto set = read(set_path(name), name);
    if (set) {
        seen.entry.songs = (*set)->songs.size();
    } else {
        seen.entry.state =
            set.error().code == Errc::too_new ? SlotState::too_new : SlotState::damaged;
        seen.entry.problem = set.error().what;
    }
    return seen.entry;
}

Result<std::vector<SetEntry>> Setlists::list() {
    std::vector<SetEntry> entries;
    const auto files = disk_.list(kSetFolder);
    if (!files && files.error().code == Errc::not_found) return entries;
    if (!files) return files.error();
    for (const std::string &file : *files) {
        const std::string name{parse_set_file(file)};
        if (name.empty()) continue;
        if (const auto info = disk_.info(set_path(name))) entries.push_back(entry_of(name, *info));
    }
    return entries;
}

Result<std::vector<std::int64_t>> Setlists::backups(std::string_view name) const {
    std::vector<std::int64_t> times;
    const auto files = disk_.list(kSetBackupFolder);
    if (!files && files.error().code == Errc::not_found) return times;
    if (!files) return files.error();
    for (const std::string &file : *files)
        if (const auto stamp = parse_set_backup(file); stamp && stamp->name == name)
            times.push_back(stamp->time_ms);
    std::ranges::sort(times);
    return times;
}

Result<KeptSet> Setlists::load_backup(std::string_view name, std::int64_t time_ms) const {
    if (time_ms != 0) return read(set_backup_path(name, time_ms), name);
    const auto times = backups(name);
    if (!times) return times.error();
    for (auto time = times->rbegin(); time != times->rend(); ++time)
        if (auto set = read(set_backup_path(name, *time), name)) return set;
    return Error{Errc::not_found, fmt::format("set {}: no backup of it can be read", name)};
}

} // namespace chronus::patterns
