#pragma once

#include "engine/result.h"
#include "osc/stream_connection.h"
#include "osc/udp_socket.h"
#include "osc/value.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace chronus::osc {

/// Somebody who talks with a daemon: `chronusctl`, the tests.
///
/// It speaks and listens on one socket, because the daemon answers to where a question came from.
/// Over a stream nothing is lost and packets may have 60 KiB; the daemon's end is heard at once.
/// Thread: one at a time; `ask` and `receive` block their caller.
class Client {
public:
    using Milliseconds = std::chrono::milliseconds;
    using Until = std::function<bool(const Message &)>;

    /// Over UDP. Succeeds whether or not a daemon is there: only an answer tells.
    /// Errors: not_found - no such host. io.
    static Result<Client> open(const std::string &host, std::uint16_t port);

    /// Over TCP. Errors: not_found - no such host. io - nobody listens there.
    static Result<Client> open_tcp(const std::string &host, std::uint16_t port);

    /// Over the Unix socket at that path. Errors: those of `StreamConnection::connect_local`.
    static Result<Client> open_local(const std::string &path);

    /// Errors: io - also that no daemon is there, once an earlier message has bounced, or that it
    ///         has not read from its stream for 5 s. too_big, queue_full - more than goes through.
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

    /// For poll() and its kin; readable when `receive` may have something, but it may also have
    /// something left when this is not.
    int fd() const noexcept;

    /// Whom we talk to: "127.0.0.1:5005", or the path of its Unix socket.
    const std::string &daemon() const noexcept { return daemon_; }

private:
    struct Datagrams {
        UdpSocket socket;
        Peer daemon;
        int fd() const noexcept { return socket.fd(); }
    };
    using Line = std::variant<Datagrams, StreamConnection>;

    Client(Line line, std::string daemon);
    bool wait_for(short events, std::chrono::steady_clock::time_point deadline) const;
    Outcome fetch();
    Outcome fetch_datagram(UdpSocket &socket);
    Outcome fetch_stream(StreamConnection &stream);
    Outcome send_stream(StreamConnection &stream, std::span<const std::byte> packet);
    Outcome take(std::span<const std::byte> packet);
    Error nobody(std::string_view why) const;
    Error no_answer(const Message &question, std::size_t others, Milliseconds timeout) const;

    Line line_;
    std::string daemon_;
    std::vector<std::byte> buffer_; ///< for a datagram
    std::deque<Message> arrived_;   ///< a bundle brings several at once
};

/// True for the `/reply` or `/error` whose first argument is the question's address (or the address
/// inside a `/req`), and for a message on that address itself, as parameters are answered.
bool is_answer(const Message &question, const Message &message);

} // namespace chronus::osc
