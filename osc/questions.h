#pragma once

#include "engine/result.h"
#include "osc/peer.h"
#include "osc/requests.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace chronus::osc {

/// Questions for whose answers a turn had no time, or their peer no room: each peer's in their
/// order, the peers by turns.
///
/// Thread: control.
class Questions {
public:
    static constexpr std::size_t kMost = 4096, kMostOfOne = 1024;

    /// What those are told for whom there is no room.
    Error full(std::string_view address) const;

    /// Errors: queue_full - that many of this peer wait already, or of all together.
    Outcome add(const Peer &from, Request request);

    /// The next of the peer whose turn it is among those that `may` be answered.
    std::optional<std::pair<Peer, Request>> take(const std::function<bool(const Peer &)> &may);

    /// Whether any of those may.
    bool any(const std::function<bool(const Peer &)> &may) const;

    /// How many more of this peer may wait.
    std::size_t room_for(const Peer &from) const;

    bool has(const Peer &from) const { return !waiting_.empty() && waiting_.contains(from); }
    void forget(const Peer &from);
    std::size_t size() const noexcept { return size_; }

private:
    std::map<Peer, std::deque<Request>> waiting_; ///< none is empty
    Peer last_{};                                 ///< whose turn it was
    std::size_t size_ = 0;
};

} // namespace chronus::osc
