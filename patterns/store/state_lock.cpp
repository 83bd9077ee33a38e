#include "patterns/store/state_lock.h"

#include "patterns/store/atomic_file.h"
#include "patterns/store/os_error.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <system_error>
#include <thread>

namespace chronus::patterns {
namespace {

constexpr const char *kLockName = "lock";
constexpr std::array<std::string_view, 7> kFolders{
    "patterns", "patterns/slots", "patterns/backups", "patterns/damaged",
    "setlists", "recordings",     "renders"};

/// Makes a folder and all above it, each for its owner alone.
Outcome make_path(const std::filesystem::path &folder) {
    std::error_code unknown;
    if (folder.empty() || std::filesystem::is_directory(folder, unknown)) return Done{};
    if (auto above = make_path(folder.parent_path()); !above) return above;
    if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return Done{};
    return Error{Errc::io, os_error(errno, folder.native(), "make this state folder").what};
}

Result<UniqueFd> open_root(const std::filesystem::path &folder) {
    if (const auto made = make_path(folder); !made) return made.error();
    UniqueFd root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) return Error{Errc::io, os_error(errno, folder.native(), "use as state folder").what};
    return root;
}

/// Whoever else may write there could plant or remove anything.
Outcome check_private(const UniqueFd &root, const std::filesystem::path &folder) {
    struct stat s {};
    if (::fstat(root.get(), &s) != 0) return os_error(errno, folder.native(), "look at");
    if (s.st_uid != ::geteuid())
        return Error{Errc::io, fmt::format("{}: belongs to another user", folder.native())};
    if ((s.st_mode & 022) != 0)
        return Error{Errc::io, fmt::format("{}: others may write to it", folder.native()),
                     fmt::format("chmod go-w '{}'", folder.native())};
    return Done{};
}

/// The process that wrote its number last, or 0.
pid_t read_pid(int lock) {
    std::array<char, 32> text{};
    const auto got = ::pread(lock, text.data(), text.size(), 0);
    pid_t pid = 0;
    if (got > 0) std::from_chars(text.data(), text.data() + got, pid);
    return pid;
}

/// The owner may hold the lock and not yet have written its number over that of a dead one.
pid_t owner_of(int lock) {
    for (int tries = 0; tries < 50; ++tries) {
        const pid_t pid = read_pid(lock);
        if (pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM)) return pid;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return 0;
}

Error held_by_another(int lock, const std::filesystem::path &folder) {
    const pid_t pid = owner_of(lock);
    const std::string who = pid > 0 ? fmt::format("process {}", pid) : "another process";
    return {Errc::busy, fmt::format("{}: already in use by chronusd, {}", folder.native(), who)};
}

/// For people. A full disk may refuse it; the lock holds all the same.
void write_pid(int lock) {
    const std::string text = fmt::format("{}\n", ::getpid());
    if (::ftruncate(lock, 0) == 0) (void)!::pwrite(lock, text.data(), text.size(), 0);
}

/// `flock` and not `fcntl`, whose lock ends when anybody in the process closes the file.
Result<UniqueFd> take_lock(const UniqueFd &root, const std::filesystem::path &folder) {
    UniqueFd lock(::openat(root.get(), kLockName,
                           O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
    if (!lock) return Error{Errc::io, os_error(errno, folder.native(), "make its lock").what};
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return held_by_another(lock.get(), folder);
        return os_error(errno, folder.native(), "lock");
    }
    write_pid(lock.get());
    return lock;
}

} // namespace

Result<StateDir> StateDir::open(const std::filesystem::path &folder) {
    auto root = open_root(folder);
    if (!root) return root.error();
    if (const auto ours = check_private(*root, folder); !ours) return ours.error();
    auto lock = take_lock(*root, folder);
    if (!lock) return lock.error();
    auto disk = std::make_unique<PosixDisk>(std::move(*root));
    for (const std::string_view name : kFolders)
        if (const auto made = ensure_folder(*disk, name); !made)
            return Error{Errc::io, fmt::format("{}/{}", folder.native(), made.error().what)};
    return StateDir(folder, std::move(disk), std::move(*lock));
}

} // namespace chronus::patterns
