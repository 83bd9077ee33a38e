#pragma once

#include "engine/result.h"
#include "osc/board.h"
#include "osc/outlet.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::osc {

class BundleWriter;

/// How often and for how long; what is not said stays as it was.
struct Terms {
    std::optional<float> max_hz = {};
    std::optional<std::int64_t> lease_s = {};
};

/// A moment at which packets may go out.
struct Turn {
    std::int64_t now_ns = 0; ///< monotonic
    Board &board;
    const Outlet &outlet;
    std::span<const std::byte> revision; ///< of what the board shows, as every packet begins
    TimeTag when{};                      ///< of what is told at once
    std::vector<std::byte> &buffer;      ///< for a packet
};

/// One client that is kept informed: what it wants, what of that it has not been told yet.
///
/// Nothing waits in a queue: what is to be told is a set, and the value is the one of the moment of
/// sending. So a client that takes nothing for a while is told the latest alone, and costs no
/// memory. Two lanes, each with its own limit of batches a second: what happens (a step, a start)
/// does not wait for values.
/// Thread: control.
class Subscriber {
public:
    static constexpr std::size_t kMostPatterns = 32;
    static constexpr float kLeastHz = 0.1f, kMostHz = 200;
    static constexpr std::int64_t kMostLease_s = 3600;

    explicit Subscriber(const Peer &peer) : peer_(peer) {}

    const Peer &peer() const { return peer_; }
    const Items &wanted() const { return wanted_; }
    float max_hz() const { return max_hz_; }
    std::int64_t lease_s() const { return lease_s_; }
    /// A connection's ends with it.
    bool has_lease() const { return peer_.stream == 0; }
    bool is_over(std::int64_t now_ns) const { return has_lease() && now_ns >= lease_end_ns_; }

    /// Both are clipped to their ranges.
    void agree(const Terms &terms, std::int64_t now_ns);

    /// All that the pattern names is told from the start, also when it was wanted before.
    /// Errors: out_of_range - one pattern more than a client may have.
    Outcome add(std::string_view pattern, const Items &named, const Board &board);
    /// False when it never asked for that.
    bool remove(std::string_view pattern);
    std::span<const std::string> patterns() const { return patterns_; }
    /// What one of its patterns names; null when it has no such pattern.
    const Items *named_by(std::string_view pattern) const;

    void hear(const Items &changed) { pending_ |= changed & wanted_; }
    /// It set the item itself, to what holds. Told all the same is what it has not been told once,
    /// or what it was told a moment ago: that may have crossed its own word on the way.
    void spare(std::size_t item);

    /// Sends at most one packet a lane, of what is due.
    void serve(const Turn &turn);
    /// When it wants to be served again, nothing having changed; empty when it knows everything.
    std::optional<std::int64_t> next_ns() const;

private:
    struct Lane {
        Items batch; ///< told before anything that changed since is
        std::int64_t due_ns = 0;
    };
    /// What it knows of a track.
    struct Known {
        FixedText<64> name;
        std::uint64_t version = 0;
    };
    /// What a packet on its way will have told.
    struct Told {
        Items items;
        std::optional<std::vector<Known>> tracks;
    };

    std::int64_t period_ns() const;
    void age(std::int64_t now_ns);
    void serve(Lane &lane, const Items &of_lane, const Turn &turn);
    Told fill(BundleWriter &writer, const Items &batch, Board &board) const;
    static bool fill_tracks(BundleWriter &writer, std::vector<Known> &known, Board &board);

    Peer peer_;
    float max_hz_ = 30;
    std::int64_t lease_s_ = 30, lease_end_ns_ = 0;
    std::vector<std::string> patterns_;
    std::vector<Items> named_; ///< by each pattern
    Items wanted_, pending_;
    Items untold_;                ///< since it asked for them
    std::array<Items, 2> recent_; ///< changes it was told of: lately, and before that
    std::int64_t recent_since_ns_ = 0;
    std::array<Lane, 2> lanes_;
    std::vector<Known> tracks_;
};

} // namespace chronus::osc
