#pragma once

#include "osc/peer.h"

#include <cstddef>
#include <list>
#include <map>

namespace chronus::osc {

/// What is remembered of each source, for a bounded number of them.
///
/// When it is full a newcomer takes the place of the source unheard of for longest, if nothing is
/// lost with it: `is_idle` says so. Else it shares the one place that is left with all others who
/// come too late. So a flood under made-up addresses pushes nobody out, and gets no more than one.
/// Thread: control.
template <class State>
class SourceTable {
public:
    explicit SourceTable(std::size_t most) : most_(most) {}

    /// The state of a source that is heard of now, new where it is. Valid until the next call.
    template <class IsIdle>
    State &heard(const Peer &source, IsIdle is_idle) {
        if (!places_.empty() && places_.front().source == source) // most come one after the other
            return places_.front().state;
        if (const auto known = index_.find(source); known != index_.end()) {
            places_.splice(places_.begin(), places_, known->second);
            return known->second->state;
        }
        if (places_.size() >= most_) {
            if (!is_idle(places_.back().state)) return rest_;
            index_.erase(places_.back().source);
            places_.pop_back();
        }
        places_.push_front({source, State{}});
        index_.emplace(source, places_.begin());
        return places_.front().state;
    }

    /// Every state there is, that of the latecomers too.
    template <class F>
    void for_each(F f) {
        for (Place &place : places_) f(place.state);
        f(rest_);
    }

    std::size_t size() const noexcept { return places_.size(); }

private:
    struct Place {
        Peer source;
        State state;
    };
    std::size_t most_;
    std::list<Place> places_; ///< the last heard first
    std::map<Peer, typename std::list<Place>::iterator> index_;
    State rest_{};
};

} // namespace chronus::osc
