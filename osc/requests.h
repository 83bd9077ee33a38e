#pragma once

#include "engine/result.h"
#include "osc/role.h"
#include "osc/value.h"
#include "osc/verbs.h"
#include "osc/versions.h"

#include <optional>
#include <string>

namespace chronus::osc {

/// A command out of what it came wrapped in: `/req id address ...` and `/at when address ...`, in
/// either order.
struct Request {
    Message message;
    std::string id = {};  ///< the client's name for it; empty: none
    Fetched fetched = {}; ///< what a `/snapshot/restore` brings back, once the history gave it
    std::string at = {};  ///< when it is to act, as `/at` says it; empty: with its packet
};

/// Thread: control.
/// Errors: bad_type - a wrapper without a command in it. unsupported - one inside its own kind.
Result<Request> unwrapped(const Message &message);

/// What daemons say to their clients is no command: two of them set at each other fall silent.
bool is_said_by_daemons(const Message &message);

/// What the command does: a parameter or a gate plays; a parameter asks when it says nothing.
Acts acts_of(const Message &message);

/// What the sender must be allowed to do; nothing for `/auth`, which is how one becomes it.
std::optional<Role> role_for(const Message &message);

} // namespace chronus::osc
