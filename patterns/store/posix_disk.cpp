#include "patterns/store/posix_disk.h"

#include "patterns/store/os_error.h"

#include <fmt/format.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>

namespace chronus::patterns {
namespace {

constexpr int kBelow = O_NOFOLLOW | O_CLOEXEC;

/// Calls until no signal interrupts.
template <class F>
auto uninterrupted(F call) {
    auto answer = call();
    while (answer < 0 && errno == EINTR) answer = call();
    return answer;
}

bool part_is_safe(std::string_view part) {
    return !part.empty() && part != "." && part != ".." && part.size() <= 255 &&
           part.find('\0') == std::string_view::npos;
}

Error outside(std::string_view path) {
    return {Errc::io, fmt::format("\"{}\": not a path inside the state folder", path)};
}

/// Where a path leads: an open folder and a name in it.
struct Place {
    UniqueFd folder;
    std::string name;
};

Result<UniqueFd> step_into(int folder, const std::string &part, std::string_view path) {
    UniqueFd next(::openat(folder, part.c_str(), O_PATH | O_DIRECTORY | kBelow));
    if (!next) return os_error(errno, path, "enter its folder");
    return next;
}

/// Walks to the folder that holds the last part of `path`.
Result<Place> locate(int root, std::string_view path) {
    Result<UniqueFd> at = step_into(root, ".", path);
    std::string_view rest = path;
    for (auto slash = rest.find('/'); at && slash != rest.npos; slash = rest.find('/')) {
        if (!part_is_safe(rest.substr(0, slash))) return outside(path);
        at = step_into(at->get(), std::string(rest.substr(0, slash)), path);
        rest.remove_prefix(slash + 1);
    }
    if (!at) return at.error();
    if (!part_is_safe(rest)) return outside(path);
    return Place{std::move(*at), std::string(rest)};
}

Result<UniqueFd> open_at(int root, std::string_view path, int flags) {
    const auto place = locate(root, path);
    if (!place) return place.error();
    UniqueFd fd(uninterrupted(
        [&] { return ::openat(place->folder.get(), place->name.c_str(), flags | kBelow, 0600); }));
    if (!fd) return os_error(errno, path, (flags & O_CREAT) != 0 ? "create" : "open");
    return fd;
}

Result<UniqueFd> open_folder(int root, std::string_view path) {
    if (!path.empty()) return open_at(root, path, O_RDONLY | O_DIRECTORY);
    UniqueFd fd(::openat(root, ".", O_RDONLY | O_DIRECTORY | kBelow));
    if (!fd) return os_error(errno, path, "open");
    return fd;
}

FileKind kind_of(mode_t mode) {
    if (S_ISREG(mode)) return FileKind::regular;
    return S_ISDIR(mode) ? FileKind::folder : FileKind::other;
}

FileInfo to_info(const struct stat &s) {
    return {kind_of(s.st_mode), static_cast<std::uint64_t>(s.st_size), s.st_ino,
            s.st_mtim.tv_sec * 1'000'000'000 + s.st_mtim.tv_nsec};
}

/// What is wrong with reading this file, if anything.
std::optional<Error> refusal(int fd, std::string_view path, std::size_t limit) {
    struct stat s {};
    if (::fstat(fd, &s) != 0) return os_error(errno, path, "read");
    if (!S_ISREG(s.st_mode)) return Error{Errc::io, fmt::format("{}: not a plain file", path)};
    if (static_cast<std::uint64_t>(s.st_size) > limit)
        return Error{Errc::too_big, fmt::format("{}: {} bytes, over {}", path, s.st_size, limit)};
    return std::nullopt;
}

/// Without O_NONBLOCK a planted pipe would hold the thread until somebody writes to it.
Result<UniqueFd> open_plain(int root, std::string_view path, std::size_t limit) {
    auto fd = open_at(root, path, O_RDONLY | O_NONBLOCK);
    if (!fd) return fd;
    if (auto refused = refusal(fd->get(), path, limit)) return std::move(*refused);
    return fd;
}

/// Reads to the end, but never more than a little over `limit`: the file may be growing.
Result<std::string> read_all(int fd, std::string_view path, std::size_t limit) {
    std::string bytes;
    for (std::string part(64 * 1024, '\0'); bytes.size() <= limit;) {
        const auto got = uninterrupted([&] { return ::read(fd, part.data(), part.size()); });
        if (got < 0) return os_error(errno, path, "read");
        if (got == 0) return bytes;
        bytes.append(part, 0, static_cast<std::size_t>(got));
    }
    return Error{Errc::too_big, fmt::format("{}: over {} bytes", path, limit)};
}

Outcome outcome(int answer, std::string_view path, std::string_view action) {
    if (answer != 0) return os_error(errno, path, action);
    return Done{};
}

} // namespace

Result<PosixDisk> PosixDisk::open(const std::filesystem::path &folder) {
    UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return os_error(errno, folder.native(), "open");
    return PosixDisk(std::move(fd));
}

Result<UniqueFd> PosixDisk::open_file(std::string_view path) const {
    return open_plain(root_.get(), path, std::numeric_limits<std::size_t>::max());
}

Result<std::string> PosixDisk::read(std::string_view path, std::size_t limit) {
    const auto fd = open_plain(root_.get(), path, limit);
    if (!fd) return fd.error();
    return read_all(fd->get(), path, limit);
}

Result<Disk::Handle> PosixDisk::create(std::string_view path) {
    auto fd = open_at(root_.get(), path, O_WRONLY | O_CREAT | O_EXCL);
    if (!fd) return fd.error();
    return fd->release();
}

Result<std::size_t> PosixDisk::write(Handle file, std::string_view bytes) {
    const auto put = uninterrupted([&] { return ::write(file, bytes.data(), bytes.size()); });
    if (put < 0) return os_error(errno, "new file", "write");
    return static_cast<std::size_t>(put);
}

Outcome PosixDisk::sync(Handle file) { return outcome(::fsync(file), "new file", "sync"); }

Outcome PosixDisk::close(Handle file) {
    // Linux has closed the descriptor even when a signal interrupts; a second call would be wrong.
    const int answer = ::close(file);
    return outcome(answer != 0 && errno == EINTR ? 0 : answer, "new file", "close");
}

Outcome PosixDisk::rename(std::string_view from, std::string_view to) {
    const auto source = locate(root_.get(), from);
    if (!source) return source.error();
    const auto target = locate(root_.get(), to);
    if (!target) return target.error();
    return outcome(::renameat(source->folder.get(), source->name.c_str(), target->folder.get(),
                              target->name.c_str()),
                   to, "move into place");
}

Outcome PosixDisk::link(std::string_view from, std::string_view to) {
    const auto source = locate(root_.get(), from);
    if (!source) return source.error();
    const auto target = locate(root_.get(), to);
    if (!target) return target.error();
    return outcome(::linkat(source->folder.get(), source->name.c_str(), target->folder.get(),
                            target->name.c_str(), 0),
                   to, "link");
}

Outcome PosixDisk::unlink(std::string_view path) {
    const auto place = locate(root_.get(), path);
    if (!place) return place.error();
    return outcome(::unlinkat(place->folder.get(), place->name.c_str(), 0), path, "remove");
}

Outcome PosixDisk::make_folder(std::string_view path) {
    const auto place = locate(root_.get(), path);
    if (!place) return place.error();
    return outcome(::mkdirat(place->folder.get(), place->name.c_str(), 0700), path, "make folder");
}

Outcome PosixDisk::sync_folder(std::string_view path) {
    const auto fd = open_folder(root_.get(), path);
    if (!fd) return fd.error();
    return outcome(::fsync(fd->get()), path, "sync");
}

Result<FileInfo> PosixDisk::info(std::string_view path) {
    const auto place = locate(root_.get(), path);
    if (!place) return place.error();
    struct stat s {};
    if (::fstatat(place->folder.get(), place->name.c_str(), &s, AT_SYMLINK_NOFOLLOW) != 0)
        return os_error(errno, path, "look at");
    return to_info(s);
}

Result<std::vector<std::string>> PosixDisk::list(std::string_view path) {
    auto fd = open_folder(root_.get(), path);
    if (!fd) return fd.error();
    const std::unique_ptr<DIR, int (*)(DIR *)> folder(::fdopendir(fd->get()), ::closedir);
    if (!folder) return os_error(errno, path, "list");
    fd->release();
    std::vector<std::string> names;
    errno = 0;
    while (const dirent *entry = ::readdir(folder.get()))
        if (part_is_safe(entry->d_name)) names.emplace_back(entry->d_name);
    if (errno != 0) return os_error(errno, path, "list");
    std::ranges::sort(names);
    return names;
}

} // namespace chronus::patterns
