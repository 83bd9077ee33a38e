#include "osc/server.h"

#include "osc/rendering.h"
#include "osc/turn.h"

#include <poll.h>

#include <algorithm>
#include <span>

namespace chronus::osc {

namespace {

/// Datagrams taken before the loop looks after everything else again.
constexpr int kDatagramsATurn = 64;

timespec timespec_of(std::chrono::nanoseconds time) {
    return {time.count() / 1'000'000'000, time.count() % 1'000'000'000};
}

} // namespace

void Server::run() {
    for (;;) {
        fds_ = {pollfd{stop_fd_, POLLIN, 0}, pollfd{socket_.fd(), POLLIN, 0},
                pollfd{context_.saver.fd(), POLLIN, 0}, pollfd{context_.history.fd(), POLLIN, 0}};
        streams_.add_fds(fds_);
        const timespec most = timespec_of(wait());
        ::ppoll(fds_.data(), fds_.size(), &most, nullptr);
        if (fds_[0].revents != 0) return;
        turn();
    }
}

/// Streams before datagrams: they are the lane that still works in a flood.
void Server::turn() {
    director_.run_due();
    serve_streams();
    if (fds_[1].revents != 0) receive();
    director_.answer_questions();
    if (fds_[2].revents != 0) director_.finish_jobs();
    if (fds_[3].revents != 0) director_.hear_history();
    director_.hear_engine();
    director_.hear_levels();
    director_.finish_recording();
    hear_studio(context_);
    feedback_.turn();
    if (visuals_ != nullptr && Clock::now() >= next_visuals_) {
        visuals_->send();
        next_visuals_ = Clock::now() + std::chrono::milliseconds(Visuals::kPeriodMs);
    }
}

void Server::serve_streams() {
    const std::int64_t now = context_.now_ns();
    streams_.serve(
        std::span{fds_}.subspan(4),
        {.packet = [&](auto packet, const Peer &from) { director_.take(packet, from, now); },
         .broken = [&](const Error &why, const Peer &from) { director_.refuse(from, {}, why); },
         .closed = [&](const Peer &peer) { director_.forget(peer); },
         .stranger = [&](const Peer &peer) { return !context_.access.knows(peer); },
         .busy = [&](const Peer &peer) { return director_.owes(peer); }});
}

/// Until something is due. What the audio thread reports wakes nobody: somebody who waits for it is
/// looked after every few milliseconds.
std::chrono::nanoseconds Server::wait() const {
    using namespace std::chrono_literals;
    std::chrono::nanoseconds most = 1s;
    const RecordingEnd &end = context_.recording_end;
    if (end.asked || end.finished.valid() || !context_.awaited.empty()) most = 2ms;
    if (!context_.levels_asked.callers.empty())
        most = std::min<std::chrono::nanoseconds>(most, 10ms);
    if (context_.studio.busy()) most = std::min(most, std::chrono::nanoseconds{100ms});
    if (!context_.desk.chain.links.empty()) most = std::min(most, std::chrono::nanoseconds{100ms});
    if (const auto soon = context_.versions.wait(context_)) most = std::min(most, *soon);
    if (visuals_ != nullptr)
        most = std::min<std::chrono::nanoseconds>(most, next_visuals_ - Clock::now());
    for (const auto due : {director_.next_due_ns(), feedback_.next_ns()})
        if (due) most = std::min(most, std::chrono::nanoseconds{*due - context_.now_ns()});
    most =
        std::min<std::chrono::nanoseconds>(most, std::chrono::milliseconds{streams_.wait_ms(1000)});
    return std::max(most, std::chrono::nanoseconds{0});
}

void Server::receive() {
    const std::int64_t offset = wall_.monotonic_of_realtime(0);
    context_.traffic.kernel_drops = socket_.dropped();
    const auto enough = Clock::now() + kShareOfTurn;
    for (int n = 0; n < kDatagramsATurn && (n == 0 || Clock::now() < enough); ++n) {
        const auto got = socket_.receive(buffer_);
        if (!got || !*got) return;
        const Datagram &datagram = **got;
        if (datagram.from == own_) continue; // our own, sent back at us
        if (datagram.truncated)
            director_.refuse(datagram.from, {},
                             {Errc::too_big, "packet: larger than a datagram may be"});
        else
            director_.take(datagram.bytes, datagram.from, datagram.arrival_ns + offset);
    }
}

bool Server::send(const Peer &to, std::span<const std::byte> bytes) {
    return static_cast<bool>(to.stream != 0 ? streams_.send(to, bytes)
                                            : socket_.send_to(to, bytes));
}

/// What a client can be told later waits until it has taken what it was sent before: it is then
/// told the latest, and answers are not kept back by news.
bool Server::tell(const Peer &to, std::span<const std::byte> bytes) {
    return (to.stream == 0 || streams_.is_clear(to)) && send(to, bytes);
}

} // namespace chronus::osc
