#include "tests/support/model_disk.h"

#include "patterns/store/os_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

namespace chronus::test {

using patterns::folder_of;
using patterns::os_error;

void ModelDisk::fail_at(std::size_t k, int error_number, Times times) {
    heal();
    fail_at_ = calls_ + k;
    error_number_ = error_number;
    times_ = times;
}

void ModelDisk::lose_power_at(std::size_t k) { fail_at(k, EIO, Times::for_ever); }

void ModelDisk::heal() {
    fail_at_ = 0;
    struck_ = false;
}

std::optional<Error> ModelDisk::strike(std::string_view call, std::string_view path) {
    ++calls_;
    log_.push_back(fmt::format("{} {}", call, path));
    const bool hit =
        fail_at_ != 0 && (times_ == Times::once ? calls_ == fail_at_ : calls_ >= fail_at_);
    if (!hit) return std::nullopt;
    struck_ = true;
    return os_error(error_number_, path, call);
}

bool ModelDisk::has_folder(std::string_view path) const {
    return path.empty() || std::ranges::count(folders_, path) > 0;
}

void ModelDisk::apply(Names &names, const Change &change) {
    for (const auto &[name, inode] : change.names)
        if (inode)
            names.insert_or_assign(name, *inode);
        else
            names.erase(name);
}

void ModelDisk::change(std::vector<std::pair<std::string, std::optional<Inode>>> names) {
    const Change change{std::move(names)};
    apply(seen_, change);
    unsynced_[std::string(folder_of(change.names.front().first))].push_back(change);
}

void ModelDisk::plant(std::string_view path, std::string bytes) {
    files_.push_back({bytes, bytes});
    seen_.insert_or_assign(std::string(path), files_.size() - 1);
    kept_.insert_or_assign(std::string(path), files_.size() - 1);
}

void ModelDisk::crash() {
    for (File &file : files_) file = {file.kept, file.kept};
    seen_ = kept_;
    folders_ = kept_folders_;
    unsynced_.clear();
    handles_.clear();
    heal();
}

void ModelDisk::crash(std::mt19937_64 &chance) {
    const auto toss = [&] { return (chance() & 1U) != 0; };
    for (File &file : files_) {
        file.seen.resize(std::max(file.seen.size(), file.kept.size()));
        std::string torn = file.kept;
        if (!file.lied && toss()) torn.resize(file.seen.size());
        for (std::size_t at = 0; !file.lied && at < torn.size(); at += 512)
            if (toss())
                torn.replace(at, 512,
                             file.seen.substr(at, std::min<std::size_t>(512, torn.size() - at)));
        file.kept = torn;
    }
    for (const auto &[folder, changes] : unsynced_)
        for (const Change &c : changes)
            if (toss()) apply(kept_, c);
    crash();
}

Result<std::string> ModelDisk::read(std::string_view path, std::size_t limit) {
    if (auto hit = strike("read", path)) return *hit;
    const auto found = seen_.find(path);
    if (found == seen_.end()) return os_error(ENOENT, path, "open");
    const std::string &bytes = files_[found->second].seen;
    if (bytes.size() > limit) return os_error(EFBIG, path, "read");
    return bytes;
}

Result<patterns::Disk::Handle> ModelDisk::create(std::string_view path) {
    if (auto hit = strike("create", path)) return *hit;
    if (!has_folder(folder_of(path))) return os_error(ENOENT, path, "create");
    if (seen_.contains(path)) return os_error(EEXIST, path, "create");
    files_.emplace_back();
    change({{std::string(path), files_.size() - 1}});
    handles_.push_back(files_.size() - 1);
    return static_cast<Handle>(handles_.size() - 1);
}

Result<std::size_t> ModelDisk::write(Handle file, std::string_view bytes) {
    if (auto hit = strike("write", fmt::format("#{}", file))) return *hit;
    const auto taken = bytes.substr(0, most_per_write_);
    files_[*handles_.at(static_cast<std::size_t>(file))].seen += taken;
    return taken.size();
}

Outcome ModelDisk::sync(Handle file) {
    File &f = files_[*handles_.at(static_cast<std::size_t>(file))];
    if (auto hit = strike("sync", fmt::format("#{}", file))) {
        f.lied = true;
        return *hit;
    }
    if (!f.lied) f.kept = f.seen;
    return Done{};
}

Outcome ModelDisk::close(Handle file) {
    handles_.at(static_cast<std::size_t>(file)).reset();
    if (auto hit = strike("close", fmt::format("#{}", file))) return *hit;
    return Done{};
}

Outcome ModelDisk::rename(std::string_view from, std::string_view to) {
    if (auto hit = strike("rename", fmt::format("{} {}", from, to))) return *hit;
    const auto found = seen_.find(from);
    if (found == seen_.end()) return os_error(ENOENT, from, "rename");
    const Inode inode = found->second;
    const auto target = seen_.find(to);
    if (target != seen_.end() && target->second == inode) return Done{}; // as POSIX has it
    change({{std::string(from), std::nullopt}, {std::string(to), inode}});
    return Done{};
}

Outcome ModelDisk::link(std::string_view from, std::string_view to) {
    if (auto hit = strike("link", fmt::format("{} {}", from, to))) return *hit;
    if (!links_) return os_error(EPERM, to, "link");
    const auto found = seen_.find(from);
    if (found == seen_.end() || !has_folder(folder_of(to))) return os_error(ENOENT, to, "link");
    if (seen_.contains(to)) return os_error(EEXIST, to, "link");
    change({{std::string(to), found->second}});
    return Done{};
}

Outcome ModelDisk::unlink(std::string_view path) {
    if (auto hit = strike("unlink", path)) return *hit;
    if (!seen_.contains(path)) return os_error(ENOENT, path, "remove");
    change({{std::string(path), std::nullopt}});
    return Done{};
}

Outcome ModelDisk::make_folder(std::string_view path) {
    if (auto hit = strike("make_folder", path)) return *hit;
    if (has_folder(path)) return os_error(EEXIST, path, "make folder");
    if (!has_folder(folder_of(path))) return os_error(ENOENT, path, "make folder");
    folders_.emplace_back(path);
    return Done{};
}

Outcome ModelDisk::sync_folder(std::string_view path) {
    const auto waiting = unsynced_.find(path);
    const auto changes = waiting == unsynced_.end() ? std::vector<Change>{} : waiting->second;
    if (waiting != unsynced_.end()) unsynced_.erase(waiting);
    if (auto hit = strike("sync_folder", path)) return *hit;
    if (!has_folder(path)) return os_error(ENOENT, path, "sync");
    for (const Change &c : changes) apply(kept_, c);
    for (const std::string &folder : folders_)
        if (folder_of(folder) == path && std::ranges::count(kept_folders_, folder) == 0)
            kept_folders_.push_back(folder);
    return Done{};
}

Result<patterns::FileInfo> ModelDisk::info(std::string_view path) {
    if (auto hit = strike("info", path)) return *hit;
    if (has_folder(path)) return patterns::FileInfo{patterns::FileKind::folder};
    const auto found = seen_.find(path);
    if (found == seen_.end()) return os_error(ENOENT, path, "look at");
    return patterns::FileInfo{patterns::FileKind::regular, files_[found->second].seen.size(),
                              found->second, 0};
}

Result<std::vector<std::string>> ModelDisk::list(std::string_view path) {
    if (auto hit = strike("list", path)) return *hit;
    if (!has_folder(path)) return os_error(ENOENT, path, "list");
    std::vector<std::string> names;
    for (const auto &[name, inode] : seen_)
        if (folder_of(name) == path) names.emplace_back(patterns::name_of(name));
    for (const std::string &folder : folders_)
        if (folder_of(folder) == path) names.emplace_back(patterns::name_of(folder));
    std::ranges::sort(names);
    return names;
}

} // namespace chronus::test
