#pragma once

#include "engine/model/param_values.h"
#include "engine/model/scene.h"
#include "engine/result.h"
#include "osc/items.h"
#include "osc/value.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::osc {

/// A track as it was last put up. `version` is another one whenever anything of it changed.
struct PostedTrack {
    Track track;
    std::uint64_t version = 0;
    std::vector<std::byte> message = {}; ///< as it is sent; empty until somebody needs it
};

/// The notice board: all that can be subscribed to, as it was last put up, ready to be sent. What
/// goes to many is encoded once.
///
/// Thread: control.
class Board {
public:
    /// Only the parameters of so many voices are there.
    explicit Board(std::uint16_t voices);

    /// What the pattern names, or what lies below an address it names.
    ///
    /// Units: `effort` is `AddressPattern::work`, about 10 ns; what it takes is taken off.
    /// Errors: queue_full - that is more than there is. Those of `AddressPattern::parse`, whose
    ///         hint is a pattern.
    Result<Items> named(std::string_view pattern, std::size_t &effort) const;

    /// Puts the values up. Answers what changed.
    Items post(const ParamValues &values);
    /// Puts the tracks up, in their order. True when one was added, changed or taken away.
    bool post(std::span<const Track> tracks);
    /// Puts up what a topic tells. True when it is something else than before.
    bool post(TopicId topic, Args args);

    float value(ParamId id) const { return values_.get(id); }
    /// Whether there is anything to tell of the item.
    bool has(std::size_t item) const { return posted_[item]; }
    const Items &posted() const { return posted_; }

    /// The item as one OSC message; not for tracks. Valid until the next `post`.
    std::span<const std::byte> message(std::size_t item);
    std::span<PostedTrack> tracks() { return tracks_; }
    std::span<const std::byte> message(PostedTrack &track);

private:
    /// An address with others below it, and the items there, which follow each other.
    struct Branch {
        std::string address;
        std::size_t first = 0, end = 0;
    };
    void grow_branches(std::size_t item);

    ParamValues values_;
    Items there_, posted_;
    std::vector<std::string> addresses_;
    std::vector<Branch> branches_;
    std::vector<std::vector<std::byte>> messages_;
    std::vector<PostedTrack> tracks_;
    std::uint64_t last_version_ = 0;
};

/// What is told of a track that is no more.
std::vector<std::byte> removed_track(std::string_view name);

} // namespace chronus::osc
