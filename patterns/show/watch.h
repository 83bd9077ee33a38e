#pragma once

#include "engine/result.h"

#include <functional>
#include <stop_token>

namespace chronus::patterns {

/// How a long job tells how far it is, and hears that it is to end.
struct Watch {
    std::stop_token stop = {};
    std::function<void(double done)> tell = {}; ///< in what it counts; may be empty

    void told(double done) const {
        if (tell) tell(done);
    }
    /// Errors: cancelled.
    Outcome go_on() const {
        if (stop.stop_requested())
            return Error{Errc::cancelled, "cancelled; nothing unfinished of it is left"};
        return Done{};
    }
};

} // namespace chronus::patterns
