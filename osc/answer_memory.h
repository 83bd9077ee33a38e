#pragma once

#include "engine/result.h"
#include "osc/peer.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace chronus::osc {

/// What was answered to which `/req`, so that one that comes again is answered and not done again.
///
/// A request is remembered from `begin`: for as long as it waits for its answer, and `keep_ms` from
/// then on. When there are too many, those answered longest ago go first: they would be done again.
/// One that waits never goes; where only such are left, the new one is refused.
/// Thread: control. Time is handed in: milliseconds of a clock that never goes back.
class AnswerMemory {
public:
    using Packet = std::vector<std::byte>; ///< as it went out

    struct Limits {
        std::size_t ids_per_client = 128;
        std::size_t bytes = 4 * 1024 * 1024; ///< of all clients, with what keeping them costs
        std::int64_t keep_ms = 30'000;
    };

    enum class State {
        pending,  ///< no answer yet; it will be sent when it is there, so a repeat needs none
        answered, ///< `answers` are to be sent again
        too_big,  ///< done and answered, but there was no room to keep the answer
    };

    struct Entry {
        State state = State::pending;
        std::vector<Packet> answers = {}; ///< in the order they went out
    };

    AnswerMemory() = default;
    explicit AnswerMemory(const Limits &limits) : limits_(limits) {}

    /// Nothing for a request that is new, or was forgotten. Valid until the next call.
    const Entry *find(const Peer &peer, const std::string &id, std::int64_t now_ms);

    /// Errors: conflict - it is remembered already. queue_full - too many requests of this client
    ///         wait for their answers, or too many in all; this one must not be done.
    Outcome begin(const Peer &peer, const std::string &id, std::int64_t now_ms);

    /// One of maybe several packets. Nothing happens when the request is not remembered.
    void add_answer(const Peer &peer, const std::string &id, Packet answer, std::int64_t now_ms);

    /// The client is gone.
    void forget(const Peer &peer);

    std::size_t ids() const noexcept { return records_.size(); }
    std::size_t bytes() const noexcept { return bytes_; }

private:
    using Key = std::pair<Peer, std::string>;
    struct Record {
        Entry entry = {};
        std::size_t bytes = 0;
        std::uint64_t age = 0; ///< place among the answered, from 1; 0 waits
        std::int64_t answered_ms = 0;
    };
    using Records = std::map<Key, Record>;

    Records::iterator first_of(const Peer &peer) { return records_.lower_bound({peer, {}}); }
    void expire(std::int64_t now_ms);
    bool make_room_for_one_of(const Peer &peer);
    bool make_room(std::size_t bytes);
    void drop(Records::iterator record);

    Limits limits_;
    Records records_;
    std::map<std::uint64_t, Records::iterator> answered_; ///< longest ago first
    std::uint64_t last_age_ = 0;
    std::size_t bytes_ = 0;
};

} // namespace chronus::osc
