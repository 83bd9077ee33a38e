#pragma once

#include "patterns/store/unique_fd.h"

#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace chronus::patterns {

/// Has the disk write a file while it grows, never far behind, so that nobody waits long for its
/// end: one who has cancelled, least of all.
class WriteBehind {
public:
    explicit WriteBehind(const std::filesystem::path &file)
        : file_(::open(file.c_str(), O_WRONLY | O_CLOEXEC)) {}

    /// More has been written. What the disk refuses here, the end of the file tells of.
    void grown() {
        const off_t size = ::lseek(file_.get(), 0, SEEK_END);
        if (size - begun_ < kStep) return;
        ::sync_file_range(file_.get(), begun_, size - begun_, SYNC_FILE_RANGE_WRITE);
        ::sync_file_range(file_.get(), waited_, begun_ - waited_, SYNC_FILE_RANGE_WAIT_BEFORE);
        waited_ = begun_;
        begun_ = size;
    }

private:
    static constexpr off_t kStep = 4 << 20;
    UniqueFd file_;
    off_t begun_ = 0, waited_ = 0; // up to where it is being written, and is
};

} // namespace chronus::patterns
