#pragma once

#include "patterns/store/slot_writer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace chronus::patterns {

struct SaveSlot {
    int slot = 0;
    std::string bytes;
};
struct RemoveSlot {
    int slot = 0;
};
/// Any other file of the state folder, such as a setlist: replaced whole, without a backup.
struct WriteFile {
    std::string path;
    std::string bytes;
};

/// Removes such a file.
struct RemoveFile {
    std::string path;
};

/// Something for the disk thread to do, as a value: it owns all it needs.
struct Job {
    std::variant<SaveSlot, RemoveSlot, WriteFile, RemoveFile> work;
    std::int64_t now_ms = 0; ///< Unix time at which it was asked for
};

/// The slot a job changes, or 0.
int slot_of(const Job &job);
/// The other file it changes, or "".
std::string_view path_of(const Job &job);

/// Does jobs, one after the other.
///
/// Thread: disk.
class JobRunner {
public:
    JobRunner(Disk &disk, InspectSlot inspect, std::uint32_t process_id)
        : disk_(disk), names_(process_id), slots_(disk, inspect, process_id) {}

    /// Makes the folders and removes what unfinished writes left. Call before the first job.
    Result<std::size_t> start();

    /// Errors: those of SlotWriter and `replace_file`. Never throws.
    Result<Saved> run(const Job &job) noexcept;

private:
    Result<Saved> write(const WriteFile &file);
    Result<Saved> remove(const RemoveFile &file);

    Disk &disk_;
    TempNames names_;
    SlotWriter slots_;
};

} // namespace chronus::patterns
