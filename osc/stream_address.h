#pragma once

#include "engine/result.h"
#include "osc/system_address.h"

#include <string>

namespace chronus::osc {

/// A path as the address of a Unix socket.
///
/// Errors: too_big - over the 107 bytes the system takes. bad_type - empty.
Result<SystemAddress> local_address(const std::string &path);

} // namespace chronus::osc
