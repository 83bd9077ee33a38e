#pragma once

#include "patterns/store/setlist_writer.h"
#include "patterns/store/slot_writer.h"
#include "patterns/text/setlist.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace chronus::patterns {

/// Where what is taken along lies.
inline constexpr std::string_view kExportFolder = "exports";

struct SaveSlot {
    int slot = 0;
    std::string bytes;
};
struct RemoveSlot {
    int slot = 0;
};
/// The set is called as its file is.
struct SaveSet {
    std::shared_ptr<const Setlist> set;
};
struct RemoveSet {
    std::string name;
};
/// A copy of a set as a file anywhere. What is there already is only replaced if it is a set.
struct ExportSet {
    std::shared_ptr<const Setlist> set;
    std::filesystem::path file;
};
/// Any other file of the state folder: replaced whole, without a backup.
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
    std::variant<SaveSlot, RemoveSlot, SaveSet, RemoveSet, ExportSet, WriteFile, RemoveFile> work;
    std::int64_t now_ms = 0; ///< Unix time at which it was asked for
};

/// The slot a job changes, or 0.
int slot_of(const Job &job);
/// The set it changes, or "".
std::string_view set_of(const Job &job);
/// The other file it changes, or "".
std::string_view path_of(const Job &job);

/// Does jobs, one after the other.
///
/// Thread: disk.
class JobRunner {
public:
    JobRunner(Disk &disk, InspectSlot inspect, std::uint32_t process_id)
        : disk_(disk), names_(process_id), slots_(disk, inspect, process_id), sets_(disk, names_) {}

    /// Makes the folders and removes what unfinished writes left. Call before the first job.
    Result<std::size_t> start();

    /// Errors: those of the writers and `replace_file`. Never throws.
    Result<Saved> run(const Job &job) noexcept;

private:
    Result<Saved> write(const WriteFile &file);
    Result<Saved> remove(const RemoveFile &file);
    Result<Saved> copy(const ExportSet &order);

    Disk &disk_;
    TempNames names_;
    SlotWriter slots_;
    SetlistWriter sets_;
};

} // namespace chronus::patterns
