#pragma once

#include "engine/model/scene.h"
#include "engine/result.h"
#include "osc/authors.h"
#include "osc/board.h"
#include "osc/outlet.h"
#include "osc/subscriber.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace chronus::osc {

/// A scene, and how often it changed.
struct SceneState {
    const Scene &scene;
    std::uint64_t revision = 0;        ///< another one whenever anything did
    std::uint64_t tracks_revision = 0; ///< another one whenever a track did
};

/// Everybody who is kept informed. First all of what a client asked for, then what changes, at its
/// own rate; never what it said itself.
///
/// A turn serves each client that is due with a packet or two, so no client waits for another
/// longer than it takes to write those. Nothing here knows a socket or a clock. Units: monotonic
/// ns. Thread: control.
class Subscriptions {
public:
    static constexpr std::size_t kMost = 64;
    /// What the engine does by itself is noticed so soon.
    static constexpr std::int64_t kLook_ns = 5'000'000;

    explicit Subscriptions(std::uint16_t voices);

    /// Errors: no_match - nothing has such an address. busy - the 65th client; or too many patterns
    ///         that are hard to match came lately. out_of_range - the 33rd pattern of a client.
    ///         Those of `AddressPattern::parse`.
    Result<const Subscriber *> subscribe(const Peer &peer, std::string_view pattern,
                                         const Terms &terms, std::int64_t now_ns);
    /// The lease begins anew, whole. Errors: not_found - no such subscriber.
    Result<const Subscriber *> renew(const Peer &peer, std::int64_t now_ns);
    /// Errors: not_found - the client never asked for that.
    Outcome unsubscribe(const Peer &peer, std::string_view pattern);
    /// Ends all that the client asked for; nothing when that is nothing.
    void forget(const Peer &peer);

    bool none() const { return count_ == 0; }
    bool wants(TopicId topic) const { return wanted_[item_of(topic)]; }

    /// To be told of every parameter that a client set, with what was sent. Costs little.
    void wrote(ParamId id, float value, const Peer &author) {
        if (count_ != 0) authors_.wrote(id, value, author_number(author));
    }

    // What holds now. It costs nothing where nothing changed.
    void post(const SceneState &state);
    void post(TopicId topic, Args args);

    /// Sends what is due. `when` is the moment of what is told at once.
    void serve(std::int64_t now_ns, TimeTag when, const Outlet &outlet);
    /// When to post and serve again at the latest; nothing while there are no subscribers.
    std::optional<std::int64_t> next_ns(std::int64_t now_ns) const;

private:
    /// Patterns are matched for 3 ms on end and 10 ms a second at the most, whatever comes in.
    static constexpr std::size_t kEffort = 300'000, kEffortASecond = 1'000'000;

    using Number = Authors::Number;

    Result<Items> named(std::string_view pattern, std::int64_t now_ns);
    std::optional<Subscriber> &at(Number number) { return subscribers_[number - 1u]; }
    Number find(const Peer &peer) const;
    Number author_number(const Peer &peer);
    Result<Number> number_for(const Peer &peer);
    void end(Number number);
    void count_again();
    void tell(Items changed);

    Board board_;
    Authors authors_;
    std::array<std::optional<Subscriber>, kMost> subscribers_; ///< number 1 first, 0 is nobody
    std::size_t count_ = 0;
    Items wanted_;                 ///< by any
    std::size_t effort_ = kEffort; ///< left for matching patterns; as of
    std::int64_t effort_at_ns_ = 0;
    std::uint64_t revision_ = 0, tracks_revision_ = 0;
    std::vector<std::byte> revision_message_, buffer_;
    struct Author {
        Peer peer;
        Number number = 0;
    };
    Author last_author_; ///< who sets one parameter sets the next, too
};

} // namespace chronus::osc
