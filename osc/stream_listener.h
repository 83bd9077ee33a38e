#pragma once

#include "engine/result.h"
#include "osc/peer.h"
#include "patterns/store/unique_fd.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace chronus::osc {

/// Somebody who wants to talk.
struct Visitor {
    patterns::UniqueFd fd; ///< never blocks, is closed on exec
    Peer peer;             ///< without the number of its stream
    bool foreign = false;  ///< at the Unix socket, a user that is neither us nor root
};

/// A socket where stream connections begin: a Unix socket or a TCP port.
///
/// Thread: one at a time.
class StreamListener {
public:
    /// Makes the socket file, mode 0600, in a folder of ours that is made (0700) when it is not
    /// there. The file of a daemon that died is replaced; ours goes with this object.
    /// Errors: busy - somebody listens there. auth - the folder is another user's, or others may
    ///         write to it. io - the path is something else than a socket; the system's words.
    ///         Those of `local_address`.
    static Result<StreamListener> bind_local(const std::filesystem::path &path);

    /// One address of this machine; port 0 lets the kernel choose.
    /// Errors: busy - the port is taken. not_found - no such host. io.
    static Result<StreamListener> bind_tcp(const std::string &host, std::uint16_t port);

    StreamListener(StreamListener &&) = default;
    StreamListener &operator=(StreamListener &&) = delete;
    ~StreamListener();

    /// The next who waits, or nothing.
    /// Errors: io - the system's words: no more descriptors, as a rule. Ask again later, not at
    ///         once: whoever waits goes on waiting.
    Result<std::optional<Visitor>> accept();

    /// The TCP address, with the port the kernel chose.
    Peer address() const;

    bool is_local() const noexcept { return !path_.empty(); }

    /// For poll() and its kin; readable when somebody waits.
    int fd() const noexcept { return fd_.get(); }

private:
    explicit StreamListener(patterns::UniqueFd fd) : fd_(std::move(fd)) {}

    patterns::UniqueFd fd_;
    std::filesystem::path path_;
    std::uint64_t inode_ = 0; ///< of the socket file, so that we only remove our own
};

} // namespace chronus::osc
