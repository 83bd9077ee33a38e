#pragma once

#include "engine/model/messages.h"

#include <cstdint>
#include <span>

namespace chronus {

/// Hears of everything that a session sends to its engine, in its order. With what the engine
/// reports of messages that came late, that is all a performance depends on.
///
/// Thread: control.
class Witness {
public:
    virtual ~Witness() = default;
    /// `last`: the number of the last one, counted from 1 in the session. Scenes they lend can be
    /// looked at during the call.
    virtual void sent(std::span<const Message> messages, std::uint64_t last) = 0;
};

} // namespace chronus
