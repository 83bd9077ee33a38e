#pragma once

#include "engine/result.h"
#include "osc/framing.h"
#include "osc/peer.h"
#include "patterns/store/unique_fd.h"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chronus::osc {

/// One end of a stream, the daemon's or a client's: packets in, packets out, and no call waits.
///
/// Shapes: what waits to be sent is at most `kQueue` bytes. While `kCongested` or more wait,
///         nothing is read: who asks must also listen. It is more than any one frame, so that two
///         who send and read by turns never wait for each other. 16 KiB are read at a time, and
///         kept no longer than they hold packets.
/// Thread: one at a time.
class StreamConnection {
public:
    static constexpr std::size_t kQueue = 1024 * 1024;
    static constexpr std::size_t kCongested = 128 * 1024;

    /// Given the packets and, in between, what is wrong with broken frames.
    struct Sink {
        std::function<void(std::span<const std::byte>)> packet;
        std::function<void(const Error &)> broken;
    };

    /// Speaks `framing` until the other end has shown its own. `fd` must not block.
    StreamConnection(patterns::UniqueFd fd, Framing framing) noexcept
        : fd_(std::move(fd)), framing_(framing) {}

    /// A client's end; framed by SLIP at a Unix socket, by length over TCP. Waits 2 s at most.
    /// Errors: io - nobody listens there. Those of `local_address`.
    static Result<StreamConnection> connect_local(const std::string &path);
    static Result<StreamConnection> connect_tcp(const Peer &peer);

    /// Reads once, unless packets were left over, and hands on at most `most`.
    void receive(std::size_t most, const Sink &sink);

    /// Queues a packet; `flush` sends it.
    /// Errors: io - the other end is gone. queue_full - it has not read for long.
    Outcome send(std::span<const std::byte> packet);

    /// Sends of the queue what goes at once.
    void flush();

    /// Nothing goes out any more, and the other end is told. What comes in is still read.
    void stop_writing();

    /// Nothing goes either way any more.
    void abort();

    /// The poll() events worth waking up for; 0 when there are none.
    short events() const noexcept;
    int fd() const noexcept { return fd_.get(); }

    /// Less than `kCongested` bytes wait to be sent.
    bool has_room() const noexcept { return pending() < kCongested; }

    /// Whether the other end has taken anything since this was asked last.
    bool took_some() noexcept { return std::exchange(took_some_, false); }

    /// Packets are left over, and can be handed on without a poll().
    bool is_ready() const noexcept { return used_ < input_.size() && has_room(); }

    /// No packet will come any more: the other end has sent its last, or nonsense.
    bool is_finished() const noexcept { return used_ == input_.size() && (!reading_ || is_lost()); }

    /// It has sent nonsense, behind which nothing can be found again.
    bool is_lost() const noexcept { return reader_.lost(); }

    /// Finished, and nothing is heard of us either.
    bool is_dead() const noexcept { return used_ == input_.size() && !reading_ && !writing_; }

    /// Units: bytes that wait to be sent.
    std::size_t pending() const noexcept { return output_.size() - sent_; }

private:
    void read_some();
    void drop_output();

    patterns::UniqueFd fd_;
    Framing framing_;
    FrameReader reader_;
    std::vector<std::byte> input_; ///< what was read; from `used_` on it is left over
    std::size_t used_ = 0;
    std::vector<std::byte> output_; ///< frames; up to `sent_` they are gone
    std::size_t sent_ = 0;
    bool took_some_ = false;
    bool reading_ = true; ///< bytes may still come
    bool writing_ = true;
};

} // namespace chronus::osc
