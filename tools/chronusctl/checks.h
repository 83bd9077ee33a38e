#pragma once

#include "tools/chronusctl/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chronus::ctl {

enum class Health : std::uint8_t {
    ok,
    warn, ///< it plays, but not as well as it could
    bad,  ///< something that is asked for does not happen
};

/// One thing a doctor looks at.
struct Check {
    std::string name;
    Health health = Health::ok;
    std::string text;
    std::string advice = {}; ///< what to type or to do; empty when all is well
};
using Checks = std::vector<Check>;

// host_checks.cpp: what this machine gives a daemon that is started from here. Nothing fails, what
// cannot be read is left out.

/// The folder in which daemons are found.
Check runtime_check();
/// Real-time priority and locked memory, by asking the kernel for both, for a moment.
Checks permission_checks();
/// How the processors are clocked; nothing where that is not told.
std::optional<Check> governor_check();
/// Which sound systems run.
Check sound_check();
/// Whether the port is free, a daemon's, or somebody else's.
Check port_check(std::uint16_t port);

/// What a daemon says of itself.
struct Told {
    Json status; ///< of `/status`
    Json engine; ///< of `/engine/health`; null when the daemon is too old to have it
};

/// daemon_checks.cpp: one for each thing it tells, and none for what it does not.
Checks daemon_checks(const Told &told);

/// What to do where real-time priority is refused for that reason; likewise locked memory.
std::string priority_advice(const std::string &why);
std::string memory_advice();

} // namespace chronus::ctl
