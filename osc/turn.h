#pragma once

#include <chrono>
#include <cstdint>

namespace chronus::osc {

/// What each part of a turn of the control thread may take before the next part has its turn: the
/// streams, the datagrams, the questions of a packet, those left over. One of them it always takes.
inline constexpr std::chrono::microseconds kShareOfTurn{500};

/// When a share that begins now is used up. Units: ns.
constexpr std::int64_t end_of_share(std::int64_t now_ns) {
    return now_ns + std::chrono::nanoseconds{kShareOfTurn}.count();
}

} // namespace chronus::osc
