#pragma once

#include "osc/stream_connection.h"
#include "osc/stream_listener.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <poll.h>
#include <span>
#include <vector>

namespace chronus::osc {

/// What the server does with its streams.
struct StreamHandler {
    std::function<void(std::span<const std::byte> packet, const Peer &from)> packet;

    /// A frame that cannot be read. Answer with `Streams::send`; after a wrong length the
    /// connection closes behind the answer.
    std::function<void(const Error &why, const Peer &from)> broken;

    /// The peer is gone and its name never comes again: forget what is kept of it.
    std::function<void(const Peer &peer)> closed;

    /// Whether it has yet to say who it is. Asked until it no longer is.
    std::function<bool(const Peer &peer)> stranger = [](const Peer &) { return false; };

    /// Whether it waits for answers to earlier packets: meanwhile no other is taken from it.
    std::function<bool(const Peer &peer)> busy = [](const Peer &) { return false; };
};

/// What became of the connections since the start.
struct StreamCounts {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;   ///< too many, or another user at the Unix socket
    std::uint64_t strangers = 0; ///< closed because they never said who they are
    std::uint64_t stalled = 0;   ///< closed because they did not read what they were sent
    std::uint64_t broken = 0;    ///< frames
};

/// Every stream connection of the daemon, as one part of its poll loop:
///
///     fds = own; streams.add_fds(fds); poll(fds, streams.wait_ms(...)); streams.serve(rest of fds)
///
/// The two kinds, Unix and TCP, have 64 places each, so that no crowd on one shuts the other out.
/// A stranger has 30 s to say who it is, and makes room when its place is wanted: the one that came
/// first, from the machine with most of them.
/// All connections share a turn of half a millisecond or so: of none more than 64 packets are
/// taken, of all about 256; those who come short are the first in the next turn. A peer that has
/// sent its last is still answered for a second, then closed. One that lets 128 KiB wait and reads
/// nothing of them for 30 s is closed, too. Thread: control. Nothing here waits or calls the
/// handler, but for `serve`.
class Streams {
public:
    static constexpr std::size_t kMostOfAKind = 64;
    static constexpr std::size_t kPacketsATurn = 256;
    static constexpr std::size_t kPacketsAtOnce = 64;
    static constexpr std::chrono::milliseconds kPatience{30'000}; ///< with a stranger

    explicit Streams(std::chrono::milliseconds patience = kPatience) : patience_(patience) {}

    /// Its connections are accepted from now on.
    void listen(StreamListener listener) { listeners_.push_back({std::move(listener)}); }

    /// Sends what waits, then adds the descriptors to poll().
    void add_fds(std::vector<pollfd> &fds);

    /// At most how long to poll. Units: ms.
    int wait_ms(int most) const;

    /// One turn: those who wait get in, packets go to the handler, the dead go. `polled` is what
    /// `add_fds` added, in its order. The handler may call `send`.
    void serve(std::span<const pollfd> polled, const StreamHandler &handler);

    /// Queues a packet for a peer. One that lets 1 MiB wait is closed in the next turn.
    /// Errors: io - it is gone. queue_full - it is closed for not reading.
    Outcome send(const Peer &to, std::span<const std::byte> packet);

    /// Nothing waits to be sent to that peer.
    bool is_clear(const Peer &to) const;

    /// Less than `kCongested` bytes wait, or it is gone.
    bool has_room(const Peer &to) const;

    std::size_t live() const;
    const StreamCounts &counts() const noexcept { return counts_; }

private:
    using Clock = std::chrono::steady_clock;

    struct Door {
        StreamListener listener;
        Clock::time_point rests_until{}; ///< after the system had no room for a connection
    };
    struct Guest {
        StreamConnection connection;
        Peer peer;
        std::optional<Clock::time_point> stranger_until = {}; ///< empty once it said who it is
        std::optional<Clock::time_point> stuck_until = {};    ///< set while it has no room
        std::optional<Clock::time_point> ends = {};           ///< set when its last packet has come

        bool is_gone(Clock::time_point now) const;
    };

    void accept_from(Door &door, const StreamHandler &handler);
    void admit(Visitor visitor, const StreamHandler &handler);
    bool make_room(bool local);
    Guest *dispensable(bool local);
    std::ptrdiff_t strangers_of(const Peer &machine) const;
    void serve_guests(std::span<const pollfd> polled, const StreamHandler &handler);
    void serve_guest(Guest &guest, const pollfd &polled, const StreamHandler &handler);
    void take_packets(Guest &guest, const StreamHandler &handler);
    void look_at_strangers(const StreamHandler &handler);
    void look_at_stuck();
    void drop_gone(const StreamHandler &handler);

    std::chrono::milliseconds patience_;
    std::vector<Door> listeners_;
    std::vector<Guest> guests_;
    std::size_t first_ = 0;      ///< of the guests, in the next turn
    std::size_t most_ = 0;       ///< packets of a guest, in this one
    Clock::time_point enough_{}; ///< when this turn is over
    std::uint32_t numbered_ = 0;
    StreamCounts counts_;
};

} // namespace chronus::osc
