#pragma once

#include "engine/result.h"
#include "osc/udp_socket.h"
#include "osc/value.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace chronus::osc {

/// Somebody who talks with a daemon over UDP: `chronusctl`, the tests.
///
/// It speaks and listens on one socket, because the daemon answers to where a question came from.
/// Thread: one at a time; `ask` and `receive` block their caller.
class Client {
public:
    using Milliseconds = std::chrono::milliseconds;
    using Until = std::function<bool(const Message &)>;

    /// Succeeds whether or not a daemon is there: only an answer tells.
    /// Errors: not_found - no such host. io.
    static Result<Client> open(const std::string &host, std::uint16_t port);

    /// Errors: io - also that no daemon is there, once an earlier message has bounced. too_big.
    Outcome send(const Message &message);

    /// As `send`, for bytes made elsewhere: bundles, and what tests break on purpose.
    Outcome send_bytes(std::span<const std::byte> packet);

    /// The next message from the daemon, or nothing when none came in time.
    /// Errors: io - nobody listens on the port. Those of `decode` - the daemon talks nonsense.
    Result<std::optional<Message>> receive(Milliseconds timeout);

    /// Sends `question` and gathers what comes, up to and including the first message `until`
    /// accepts. An `/error` that ends the wait is an answer too, and is handed over like any other.
    /// Errors: io - no daemon answers: the port is closed, or nothing at all came in time.
    ///         late - something came, but not the answer.
    Result<std::vector<Message>> ask(const Message &question, Milliseconds timeout,
                                     const Until &until);

    /// As above, until `is_answer(question, message)`.
    Result<std::vector<Message>> ask(const Message &question, Milliseconds timeout);

    /// Readable once something has arrived.
    int fd() const noexcept { return socket_.fd(); }

    /// Whom we talk to.
    const Peer &daemon() const noexcept { return daemon_; }

private:
    Client(UdpSocket socket, const Peer &daemon);
    bool wait_readable(std::chrono::steady_clock::time_point deadline) const;
    Outcome fetch();
    Error nobody(std::string_view why) const;
    Error no_answer(const Message &question, std::size_t others, Milliseconds timeout) const;

    UdpSocket socket_;
    Peer daemon_;
    std::vector<std::byte> buffer_;
    std::deque<Message> arrived_; ///< a bundle brings several at once
};

/// True for the `/reply` or `/error` whose first argument is the question's address (or the address
/// inside a `/req`), and for a message on that address itself, as parameters are answered.
bool is_answer(const Message &question, const Message &message);

} // namespace chronus::osc
