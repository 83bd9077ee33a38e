#pragma once

#include "engine/result.h"

#include <functional>
#include <stop_token>
#include <string_view>

namespace chronus::patterns {

/// How a long job tells how far it is, and hears that it is to end.
struct Watch {
    std::stop_token stop = {};
    /// What is being done, and how much of it: 0..1. May be empty.
    std::function<void(std::string_view what, double part)> tell = {};

    void told(std::string_view what, double part) const {
        if (tell) tell(what, part);
    }
    /// Errors: cancelled.
    Outcome go_on() const {
        if (stop.stop_requested())
            return Error{Errc::cancelled, "cancelled; nothing of it is left"};
        return Done{};
    }
};

} // namespace chronus::patterns
