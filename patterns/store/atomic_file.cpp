#include "patterns/store/atomic_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace chronus::patterns {
namespace {

constexpr std::string_view kSuffix = ".tmp";
constexpr int kNameTries = 1000; // names an earlier run with our process number may have left

struct NewFile {
    Disk::Handle handle;
    std::string path;
};

Result<NewFile> create_temp(Disk &disk, TempNames &names, std::string_view path) {
    for (int i = 0;; ++i) {
        std::string temp = names.next(path);
        const auto handle = disk.create(temp);
        if (handle) return NewFile{*handle, std::move(temp)};
        if (handle.error().code != Errc::conflict || i == kNameTries) return handle.error();
    }
}

Outcome write_all(Disk &disk, Disk::Handle file, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto taken = disk.write(file, bytes);
        if (!taken) return taken.error();
        if (*taken == 0) return Error{Errc::io, "the disk took no bytes"};
        bytes.remove_prefix(std::min(*taken, bytes.size()));
    }
    return Done{};
}

/// Writes and syncs; the handle is closed whatever happens, and the first refusal is the answer.
Outcome fill(Disk &disk, Disk::Handle file, std::string_view bytes) {
    Outcome filled = write_all(disk, file, bytes);
    if (filled) filled = disk.sync(file);
    const Outcome closed = disk.close(file);
    return filled ? closed : filled;
}

Outcome reads_back(Disk &disk, const std::string &path, std::string_view bytes) {
    const auto found = disk.read(path, bytes.size());
    if (!found) return found.error();
    if (*found == bytes) return Done{};
    return Error{Errc::io, "the disk gave back other bytes than it was given"};
}

/// One attempt: the path of a finished temporary file, or nothing left behind.
Result<std::string> write_temp(Disk &disk, TempNames &names, std::string_view path,
                               std::string_view bytes) {
    auto file = create_temp(disk, names, path);
    if (!file) return file.error();
    Outcome written = fill(disk, file->handle, bytes);
    if (written) written = reads_back(disk, file->path, bytes);
    if (written) return std::move(file->path);
    (void)disk.unlink(file->path); // should this fail too, the next start sweeps it
    return written.error();
}

Error named(const Error &error, std::string_view path) {
    return {error.code, fmt::format("{} not written: {}", path, error.what), error.hint};
}

} // namespace

std::string TempNames::next(std::string_view path) {
    const std::string_view folder = folder_of(path);
    return fmt::format("{}{}.{}.{}-{}{}", folder, folder.empty() ? "" : "/", name_of(path),
                       process_id_, count_++, kSuffix);
}

bool is_temp_name(std::string_view name) {
    if (!name.starts_with('.') || !name.ends_with(kSuffix)) return false;
    name.remove_suffix(kSuffix.size());
    const auto dot = name.rfind('.');
    const std::string_view numbers = name.substr(dot + 1);
    return dot > 0 && std::ranges::count(numbers, '-') == 1 && !numbers.starts_with('-') &&
           !numbers.ends_with('-') && numbers.find_first_not_of("0123456789-") == numbers.npos;
}

StagedFile::StagedFile(Disk &disk, std::string temp, std::string path)
    : disk_(&disk), temp_(std::move(temp)), path_(std::move(path)) {}

StagedFile::StagedFile(StagedFile &&other) noexcept
    : disk_(other.disk_), temp_(std::exchange(other.temp_, {})), path_(std::move(other.path_)) {}

StagedFile::~StagedFile() {
    if (!temp_.empty()) (void)disk_->unlink(temp_);
}

Result<StagedFile> StagedFile::write(Disk &disk, TempNames &names, std::string_view path,
                                     std::string_view bytes) {
    auto temp = write_temp(disk, names, path, bytes);
    if (!temp) temp = write_temp(disk, names, path, bytes);
    if (!temp) return named(temp.error(), path);
    return StagedFile(disk, std::move(*temp), std::string(path));
}

Outcome StagedFile::commit() {
    if (const auto moved = disk_->rename(temp_, path_); !moved) return named(moved.error(), path_);
    temp_.clear();
    if (const auto kept = disk_->sync_folder(folder_of(path_)); !kept)
        return Error{kept.error().code,
                     fmt::format("{} written, but may not outlive a loss of power: {}", path_,
                                 kept.error().what)};
    return Done{};
}

Outcome replace_file(Disk &disk, TempNames &names, std::string_view path, std::string_view bytes) {
    auto staged = StagedFile::write(disk, names, path, bytes);
    if (!staged) return staged.error();
    return staged->commit();
}

std::size_t sweep_temps(Disk &disk, std::string_view folder) {
    const auto names = disk.list(folder);
    if (!names) return 0;
    return static_cast<std::size_t>(std::ranges::count_if(*names, [&](const std::string &name) {
        if (!is_temp_name(name)) return false;
        return static_cast<bool>(disk.unlink(fmt::format("{}/{}", folder, name)));
    }));
}

Outcome ensure_folder(Disk &disk, std::string_view path) {
    const auto made = disk.make_folder(path);
    if (!made && made.error().code != Errc::conflict) return made;
    const auto found = disk.info(path);
    if (!found) return found.error();
    if (found->kind != FileKind::folder)
        return Error{Errc::io, fmt::format("{}: in the way of a folder, move it", path)};
    return disk.sync_folder(folder_of(path));
}

} // namespace chronus::patterns
