#pragma once

#include "engine/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

enum class FileKind { regular, folder, other };

/// What is known of a file without reading it; equal values mean nobody replaced or changed it.
struct FileInfo {
    FileKind kind = FileKind::regular;
    std::uint64_t size = 0;
    std::uint64_t inode = 0;
    std::int64_t changed_ns = 0;
    friend bool operator==(const FileInfo &, const FileInfo &) = default;
};

/// Everything the store ever asks of a file system, so that a test can stand in its place and
/// forget, refuse or lose power at any call.
///
/// Shapes: paths are relative to one state folder, parts joined by '/', none empty, "." or "..";
///         "" is that folder itself. No call follows a symbolic link.
/// Thread: any; calls on different handles do not disturb each other. May wait for the disk.
/// Errors: not_found - nothing there. conflict - something is there already. too_big - over a
///         limit. io - all other refusals, with the system's words. No call is ever interrupted.
class Disk {
public:
    using Handle = int;

    virtual ~Disk() = default;

    /// The whole of a plain file of at most `limit` bytes; anything else there is refused.
    virtual Result<std::string> read(std::string_view path, std::size_t limit) = 0;
    /// A new, empty file that only its owner may read.
    virtual Result<Handle> create(std::string_view path) = 0;
    /// Appends and returns how many bytes were taken, which may be fewer than given.
    virtual Result<std::size_t> write(Handle file, std::string_view bytes) = 0;
    /// Once refused, never ask again of the same file: a second call may succeed with bytes lost.
    virtual Outcome sync(Handle file) = 0;
    /// The handle is gone afterwards, whatever the answer.
    virtual Outcome close(Handle file) = 0;
    virtual Outcome rename(std::string_view from, std::string_view to) = 0;
    /// A second name for the same file; some file systems have none and refuse with io.
    virtual Outcome link(std::string_view from, std::string_view to) = 0;
    virtual Outcome unlink(std::string_view path) = 0;
    virtual Outcome make_folder(std::string_view path) = 0;
    /// Makes the names in a folder, not the bytes of its files, outlive a loss of power.
    virtual Outcome sync_folder(std::string_view path) = 0;
    virtual Result<FileInfo> info(std::string_view path) = 0;
    /// The names in a folder, sorted.
    virtual Result<std::vector<std::string>> list(std::string_view path) = 0;
};

/// The folder part of a path, "" for a file right in the state folder.
constexpr std::string_view folder_of(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

/// The last part of a path.
constexpr std::string_view name_of(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

} // namespace chronus::patterns
