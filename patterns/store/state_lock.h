#pragma once

#include "patterns/store/posix_disk.h"

#include <memory>

namespace chronus::patterns {

/// The one owner's hold on a state folder. It ends with the process, however that ends.
///
/// Thread: any one at a time. A child process started without exec would share the hold.
class StateDir {
public:
    /// Makes the folder and those in it, 0700, and takes the lock.
    /// Errors: busy - another daemon has it; the sentence names its process and the folder.
    ///         io - it cannot be made, entered or written; or others may write to it, and then
    ///         the hint is the command that mends it.
    static Result<StateDir> open(const std::filesystem::path &path);

    /// The folder as a disk; as long-lived as this.
    Disk &disk() const { return *disk_; }
    const std::filesystem::path &path() const { return path_; }

private:
    StateDir(std::filesystem::path path, std::unique_ptr<PosixDisk> disk, UniqueFd lock)
        : path_(std::move(path)), disk_(std::move(disk)), lock_(std::move(lock)) {}

    std::filesystem::path path_;
    std::unique_ptr<PosixDisk> disk_;
    UniqueFd lock_;
};

} // namespace chronus::patterns
