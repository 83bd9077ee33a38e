#pragma once

#include "engine/model/params.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::osc {

/// The addresses of all parameters an engine of so many voices has, found without reading them
/// letter by letter.
///
/// Thread: control.
class ParamRoutes {
public:
    explicit ParamRoutes(std::uint16_t voices);

    /// "/mod/voice1/freq"; nothing for what is no parameter, aliases too. O(length).
    std::optional<ParamId> find(std::string_view address) const;

private:
    static constexpr std::size_t kPlaces = 8192; // more than twice as many as there are parameters
    static_assert(kParamCount * 2 < kPlaces);

    std::vector<std::string> addresses_;          // by parameter; empty when the voice is not there
    std::array<std::uint16_t, kPlaces> places_{}; // parameter + 1, at its hash or behind; 0 free
};

} // namespace chronus::osc
