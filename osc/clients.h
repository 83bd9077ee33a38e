#pragma once

#include "osc/arrival_stats.h"
#include "osc/peer.h"

#include <cstddef>
#include <cstdint>
#include <map>

namespace chronus::osc {

/// Who says nothing of himself is called after where he is, as far as that tells nobody where.
inline constexpr std::string_view kThisMachine = "this machine",
                                  kAnotherMachine = "another machine";

/// What is known of somebody who sends us packets.
struct Client {
    std::string name = {};     ///< it calls itself so; empty: it never said
    int replies = 1;           ///< 0 none, 1 all but those of moved controls, 2 everything
    std::int64_t heard_ns = 0; ///< when the last packet came, monotonic
    ArrivalStats arrivals = {};
};

/// Everybody heard of, up to 256: every run of a shell tool is a client of its own, so the one
/// unheard for longest makes room.
///
/// Thread: control.
class Clients {
public:
    static constexpr std::size_t kMost = 256;

    /// The one that is heard of now.
    Client &heard(const Peer &peer, std::int64_t now_ns) {
        if (last_ == clients_.end() || last_->first != peer) look_up(peer);
        last_->second.heard_ns = now_ns;
        return last_->second;
    }
    /// Null when nothing is known.
    const Client *find(const Peer &peer) const;
    void forget(const Peer &peer);
    /// What the history calls somebody: never by where he is.
    std::string_view author(const Peer &peer) const;

    const std::map<Peer, Client> &all() const noexcept { return clients_; }

private:
    void look_up(const Peer &peer);
    void forget_longest_unheard();

    std::map<Peer, Client> clients_;
    std::map<Peer, Client>::iterator last_ =
        clients_.end(); // most packets are the last one's again
};

} // namespace chronus::osc
