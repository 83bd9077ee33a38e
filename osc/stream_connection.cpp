#include "osc/stream_connection.h"

#include "osc/stream_address.h"
#include "osc/system_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace chronus::osc {

using patterns::UniqueFd;

namespace {

constexpr std::size_t kRead = 16 * 1024;

bool is_passing(int fault) { return fault == EAGAIN || fault == EINTR || fault == ENOBUFS; }

/// Connects while the socket still blocks, for the system's own time limit; then it no longer does.
Result<UniqueFd> connected(SystemAddress &address, std::string_view name) {
    constexpr timeval kPatience{2, 0};
    UniqueFd fd{::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    if (::connect(fd.get(), address.get(), address.size) != 0) {
        const bool silent = errno == EAGAIN || errno == EINPROGRESS;
        return Error{Errc::io, fmt::format("no daemon answers on {} ({})", name,
                                           silent ? "busy for 2 s" : std::strerror(errno))};
    }
    ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
    return fd;
}

} // namespace

Result<StreamConnection> StreamConnection::connect_local(const std::string &path) {
    auto address = local_address(path);
    if (!address) return address.error();
    auto fd = connected(*address, path);
    if (!fd) return fd.error();
    return StreamConnection{*std::move(fd), Framing::slip};
}

Result<StreamConnection> StreamConnection::connect_tcp(const Peer &peer) {
    auto address = to_system(peer);
    auto fd = connected(address, peer.text());
    if (!fd) return fd.error();
    constexpr int kOn = 1;
    setsockopt(fd->get(), IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof kOn);
    return StreamConnection{*std::move(fd), Framing::length};
}

void StreamConnection::receive(std::size_t most, const Sink &sink) {
    if (used_ == input_.size()) read_some();
    for (std::size_t n = 0; n < most && has_room(); ++n) {
        std::span<const std::byte> rest = std::span{input_}.subspan(used_);
        const auto packet = reader_.next(rest);
        used_ = input_.size() - rest.size();
        if (!packet)
            sink.broken(packet.error());
        else if (*packet)
            sink.packet(**packet);
        else
            break;
    }
    if (used_ < input_.size()) return;
    std::vector<std::byte>{}.swap(input_);
    used_ = 0;
}

void StreamConnection::read_some() {
    if (!reading_) return;
    input_.resize(kRead);
    used_ = 0;
    const ssize_t got = ::recv(fd_.get(), input_.data(), input_.size(), 0);
    const int fault = errno;
    input_.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got > 0 || (got < 0 && is_passing(fault))) return;
    reading_ = false;
    if (got < 0) stop_writing();
}

Outcome StreamConnection::send(std::span<const std::byte> packet) {
    if (!writing_) return Error{Errc::io, "the other end is gone"};
    if (pending() + packet.size() > kQueue)
        return Error{Errc::queue_full, fmt::format("{} bytes wait to be read by the other end, of "
                                                   "{} that may",
                                                   pending(), kQueue)};
    append_frame(reader_.framing().value_or(framing_), packet, output_);
    if (!has_room()) flush();
    return Done{};
}

void StreamConnection::flush() {
    if (pending() == 0) return;
    const ssize_t sent = ::send(fd_.get(), output_.data() + sent_, pending(), MSG_NOSIGNAL);
    if (sent < 0 && !is_passing(errno)) return stop_writing(); // what it sent before, we still read
    sent_ += static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
    took_some_ = took_some_ || sent > 0;
    if (pending() == 0) return drop_output();
    if (sent_ < kCongested) return;
    output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(sent_));
    sent_ = 0;
}

/// Keeps the room that short answers need.
void StreamConnection::drop_output() {
    constexpr std::size_t kKept = 4096;
    output_.clear();
    sent_ = 0;
    if (output_.capacity() > kKept) std::vector<std::byte>{}.swap(output_);
}

void StreamConnection::stop_writing() {
    if (!writing_) return;
    writing_ = false;
    drop_output();
    ::shutdown(fd_.get(), SHUT_WR);
}

void StreamConnection::abort() {
    stop_writing();
    reading_ = false;
    input_.clear();
    used_ = 0;
}

short StreamConnection::events() const noexcept {
    const bool hungry = reading_ && used_ == input_.size() && has_room();
    return static_cast<short>((hungry ? POLLIN : 0) | (pending() > 0 ? POLLOUT : 0));
}

} // namespace chronus::osc
