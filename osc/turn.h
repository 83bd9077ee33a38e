#pragma once

#include <chrono>

namespace chronus::osc {

/// What each part of a turn of the control thread may take before the next part has its turn: the
/// streams, the datagrams, questions left over. One packet or question it always takes.
inline constexpr std::chrono::microseconds kShareOfTurn{500};

} // namespace chronus::osc
