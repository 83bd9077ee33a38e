#include "osc/stream_listener.h"

#include "osc/stream_address.h"
#include "osc/system_address.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace chronus::osc {

namespace fs = std::filesystem;
using patterns::UniqueFd;

namespace {

/// Connections the kernel keeps for us until we come round to them.
constexpr int kBacklog = 64;

Error refused(std::string_view name, int fault) {
    return {Errc::io, fmt::format("{}: {}", name, std::strerror(fault))};
}

UniqueFd stream_socket(int family) {
    return UniqueFd{::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
}

void set_option(int fd, int level, int option, int value) {
    setsockopt(fd, level, option, &value, sizeof value);
}

/// The folder, made if need be, and held: who else wants a socket in it waits its turn.
Result<UniqueFd> locked_folder(const fs::path &folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return refused(folder.native(), errno);
    UniqueFd held{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    struct stat info {};
    if (!held || ::fstat(held.get(), &info) != 0) return refused(folder.native(), errno);
    if (info.st_uid != ::geteuid() || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return Error{Errc::auth,
                     fmt::format("{}: a socket's folder must be ours and writable by nobody else",
                                 folder.string())};
    if (::flock(held.get(), LOCK_EX) != 0) return refused(folder.native(), errno);
    return held;
}

/// True when somebody accepts connections there, or could if it had the time.
bool somebody_listens(SystemAddress &address) {
    const UniqueFd probe = stream_socket(AF_UNIX);
    return ::connect(probe.get(), address.get(), address.size) == 0 || errno == EAGAIN;
}

/// Nobody listens at the path: takes away the file of a daemon that died, if that is what it is.
Outcome remove_stale(const fs::path &path, SystemAddress &address) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return Done{};
    if (!S_ISSOCK(info.st_mode))
        return Error{Errc::io, fmt::format("{}: is there, and is no socket", path.string())};
    if (somebody_listens(address))
        return Error{Errc::busy, fmt::format("{}: another daemon listens there", path.string())};
    if (::unlink(path.c_str()) != 0) return refused(path.native(), errno);
    return Done{};
}

std::uint64_t inode_of(const fs::path &path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

/// The system forgets a peer that is silently gone: asked after 30 s, given up a minute later.
void prepare_tcp(int fd) {
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 30);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 20);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);
}

bool is_foreign(int fd) {
    ucred who{};
    socklen_t size = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return true;
    return who.uid != ::geteuid() && who.uid != 0;
}

} // namespace

Result<StreamListener> StreamListener::bind_local(const fs::path &path) {
    auto address = local_address(path.native());
    if (!address) return address.error();
    const auto folder = locked_folder(fs::absolute(path).parent_path());
    if (!folder) return folder.error();
    if (const auto free = remove_stale(path, *address); !free) return free.error();
    StreamListener made{stream_socket(AF_UNIX)};
    ::fchmod(made.fd(), 0600); // before the file is there, so that it never is anything else
    if (::bind(made.fd(), address->get(), address->size) != 0 || ::listen(made.fd(), kBacklog) != 0)
        return refused(path.native(), errno);
    made.path_ = path;
    made.inode_ = inode_of(path);
    return made;
}

Result<StreamListener> StreamListener::bind_tcp(const std::string &host, std::uint16_t port) {
    const auto peer = resolve(host, port);
    if (!peer) return peer.error();
    StreamListener made{stream_socket(peer->v6 ? AF_INET6 : AF_INET)};
    set_option(made.fd(), SOL_SOCKET, SO_REUSEADDR, 1); // not for two, but for a quick restart
    if (peer->v6) set_option(made.fd(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
    auto address = to_system(*peer);
    if (::bind(made.fd(), address.get(), address.size) == 0 && ::listen(made.fd(), kBacklog) == 0)
        return made;
    if (errno != EADDRINUSE) return refused(peer->text(), errno);
    return Error{Errc::busy,
                 fmt::format("TCP port {} on {} is in use by another program", port, host)};
}

StreamListener::~StreamListener() {
    if (fd_ && is_local() && inode_of(path_) == inode_) ::unlink(path_.c_str());
}

Result<std::optional<Visitor>> StreamListener::accept() {
    SystemAddress from;
    UniqueFd fd{::accept4(fd_.get(), from.get(), &from.size, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!fd) {
        if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
            return std::optional<Visitor>{};
        return refused("accept", errno);
    }
    Visitor visitor{std::move(fd), from_system(from)};
    visitor.peer.local = is_local();
    if (is_local())
        visitor.foreign = is_foreign(visitor.fd.get());
    else
        prepare_tcp(visitor.fd.get());
    return std::optional{std::move(visitor)};
}

Peer StreamListener::address() const {
    SystemAddress address;
    getsockname(fd_.get(), address.get(), &address.size);
    return from_system(address);
}

} // namespace chronus::osc
