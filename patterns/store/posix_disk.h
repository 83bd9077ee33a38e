#pragma once

#include "patterns/store/disk.h"
#include "patterns/store/unique_fd.h"

#include <filesystem>

namespace chronus::patterns {

/// The real disk, seen through one folder it cannot leave: each part of a path is opened below the
/// last without following links, files are made 0600 and folders 0700, and nothing but plain files
/// is read.
///
/// Thread: any.
class PosixDisk final : public Disk {
public:
    /// Errors: not_found, io - no such folder, or it may not be entered.
    static Result<PosixDisk> open(const std::filesystem::path &folder);
    explicit PosixDisk(UniqueFd folder) : root_(std::move(folder)) {}

    /// A plain file, for who reads it piece by piece. Errors: not_found, io.
    Result<UniqueFd> open_file(std::string_view path) const;

    Result<std::string> read(std::string_view path, std::size_t limit) override;
    Result<Handle> create(std::string_view path) override;
    Result<std::size_t> write(Handle file, std::string_view bytes) override;
    Outcome sync(Handle file) override;
    Outcome close(Handle file) override;
    Outcome rename(std::string_view from, std::string_view to) override;
    Outcome link(std::string_view from, std::string_view to) override;
    Outcome unlink(std::string_view path) override;
    Outcome make_folder(std::string_view path) override;
    Outcome sync_folder(std::string_view path) override;
    Result<FileInfo> info(std::string_view path) override;
    Result<std::vector<std::string>> list(std::string_view path) override;

private:
    UniqueFd root_;
};

} // namespace chronus::patterns
