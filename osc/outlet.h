#pragma once

#include "osc/peer.h"

#include <cstddef>
#include <functional>
#include <span>

namespace chronus::osc {

/// Takes a packet for a client, or answers false because it has no room for it now. Never blocks.
using Outlet = std::function<bool(const Peer &, std::span<const std::byte>)>;

} // namespace chronus::osc
