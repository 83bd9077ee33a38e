#pragma once

#include "osc/peer.h"
#include "osc/source_table.h"
#include "osc/trust.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chronus::osc {

/// How much may come: so much a second, and so much at once after a pause.
struct Rate {
    std::int64_t packets_s, packets_at_once;
    std::int64_t bytes_s, bytes_at_once;
};

struct RateLimits {
    Rate local{400'000, 200'000, 400'000'000, 200'000'000}; ///< each port of this machine
    Rate proven{2'000, 4'000, 4'000'000, 8'000'000};        ///< each client with a token
    Rate stranger{50, 100, 64'000, 128'000};                ///< each other machine
    Rate strangers{1'000, 2'000, 1'000'000, 2'000'000};     ///< all other machines together
    std::size_t sources = 1024;                             ///< remembered, of each kind
};

/// Packets of one source that were dropped, for the log and for the one who sent them.
struct Drops {
    std::optional<Peer> peer; ///< nobody in particular when there were too many to tell apart
    std::uint64_t packets = 0;
    Rate limit;

    /// "rate: 1,234 packets dropped in the last second; limit 2,000 packets/s and 4,000 kB/s"
    std::string text() const;
};

/// Decides which packets are worth decoding: two token buckets a source, packets and bytes.
///
/// The three kinds of source have tables of their own, so strangers - and whoever makes up
/// addresses is many strangers - take nothing from local clients or those with a token. Of
/// strangers the ports of a machine count as one, and all together have a limit too.
/// Thread: control. Time is handed in: milliseconds of a clock that never goes back.
class RateLimit {
public:
    explicit RateLimit(const RateLimits &limits = {});

    /// False for a packet that is to be dropped unread; it is counted.
    bool admit(const Peer &from, Trust trust, std::size_t bytes, std::int64_t now_ms);

    /// What was dropped since the last report, at most once a second; empty in between. More than
    /// 16 strangers come as one. To be asked for often: what has drops to report keeps its place.
    std::vector<Drops> report(std::int64_t now_ms);

    /// Packets dropped since the start.
    std::uint64_t dropped() const noexcept { return dropped_; }

private:
    /// Two buckets, as what is missing in them. Units: thousandths.
    class Buckets {
    public:
        bool take(const Rate &rate, std::size_t bytes, std::int64_t now_ms) noexcept;
        bool full(const Rate &rate, std::int64_t now_ms) noexcept;

    private:
        void refill(const Rate &rate, std::int64_t now_ms) noexcept;
        std::int64_t packets_ = 0, bytes_ = 0, last_ms_ = 0;
    };
    struct Source {
        Buckets buckets = {};
        std::uint64_t dropped = 0;     ///< not yet reported
        std::optional<Peer> from = {}; ///< the last of the dropped
        bool several = false;          ///< the dropped came from more than one source
    };
    struct Kind {
        Rate rate;
        SourceTable<Source> sources;
    };

    Kind &kind_of(Trust trust) noexcept { return kinds_[static_cast<std::size_t>(trust)]; }
    void count_drop(Source &source, const Peer &from, Trust trust, std::int64_t now_ms);
    static std::vector<Drops> taken_drops(Kind &kind);

    std::array<Kind, 3> kinds_; ///< in the order of Trust
    Rate strangers_;
    Buckets all_strangers_;
    std::uint64_t dropped_ = 0;
    std::optional<std::int64_t> first_drop_ms_; ///< since the last report
};

} // namespace chronus::osc
