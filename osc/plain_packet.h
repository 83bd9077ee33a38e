#pragma once

#include "engine/model/params.h"
#include "osc/param_routes.h"

#include <cstddef>
#include <span>
#include <vector>

namespace chronus::osc {

/// A parameter and the number it is told.
struct Move {
    ParamId id;
    float value = 0;
    friend constexpr bool operator==(const Move &, const Move &) = default;
};

/// Reads what most packets are: parameters with one number each, alone or in a bundle for now.
///
/// It knows a few sound packets byte for byte and leaves all others, broken ones too, to the gate;
/// so what it takes the gate would take. False: `out` is worth nothing.
/// Thread: control. O(bytes); no memory is taken once `out` has grown.
bool read_plain(std::span<const std::byte> packet, const ParamRoutes &routes,
                std::vector<Move> &out);

} // namespace chronus::osc
