#pragma once

#include "patterns/store/disk.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace chronus::patterns {

/// Names for files that are not finished: ".slot_001.json.<process>-<n>.tmp". Two processes never
/// make the same one, and a name an earlier run left behind is stepped over.
class TempNames {
public:
    explicit TempNames(std::uint32_t process_id) : process_id_(process_id) {}
    /// In the folder of `path`, because only there can it be renamed into place.
    std::string next(std::string_view path);

private:
    std::uint32_t process_id_;
    std::uint64_t count_ = 0;
};

/// True for a name `TempNames` may have made, in this run or an earlier one.
bool is_temp_name(std::string_view name);

/// New content for a file, safe on the disk under a temporary name but not yet in its place. Unless
/// committed, it takes itself away.
///
/// Thread: disk.
class StagedFile {
public:
    /// Writes, syncs and reads back. A file whose sync was refused is not tried again: the bytes go
    /// once more to a new file, and after that the refusal stands.
    /// Errors: io - as the disk said. Nothing is left behind unless the disk refuses that too.
    static Result<StagedFile> write(Disk &disk, TempNames &names, std::string_view path,
                                    std::string_view bytes);

    /// One that somebody else wrote and synced, under a name of TempNames in the same folder.
    static StagedFile adopt(Disk &disk, std::string temp, std::string path) {
        return {disk, std::move(temp), std::move(path)};
    }

    StagedFile(StagedFile &&other) noexcept;
    StagedFile &operator=(StagedFile &&) = delete;
    ~StagedFile();

    /// Puts it in its place and makes that outlive a loss of power.
    /// Errors: io. The place then holds the old or the new bytes, whole; save again to be sure.
    Outcome commit();

private:
    StagedFile(Disk &disk, std::string temp, std::string path);
    Disk *disk_;
    std::string temp_; ///< empty once it is no longer ours to remove
    std::string path_;
};

/// Replaces the whole of a file, or leaves it as it was.
///
/// Thread: disk. Two file syncs and one rename.
/// Errors: as StagedFile.
Outcome replace_file(Disk &disk, TempNames &names, std::string_view path, std::string_view bytes);

/// Removes what unfinished writes of earlier runs left in a folder and returns how many. Only the
/// one owner of the state folder may call it, and before its first write.
std::size_t sweep_temps(Disk &disk, std::string_view folder);

/// Makes a folder that outlives a loss of power; one that is there already is synced all the same,
/// because nobody knows whether its maker came that far.
Outcome ensure_folder(Disk &disk, std::string_view path);

} // namespace chronus::patterns
