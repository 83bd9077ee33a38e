#pragma once

#include "engine/model/params.h"
#include "osc/address_pattern.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chronus::osc {

/// What an address pattern stands for. Commands are never meant.
struct PatternTargets {
    std::vector<ParamId> params;
    std::vector<std::uint16_t> presets; ///< of voices, from 1
    std::vector<std::uint16_t> gates;   ///< voices, from 1
    bool acid_gate = false;             ///< the gate of whichever voice runs through the acid

    std::size_t size() const {
        return params.size() + presets.size() + gates.size() + (acid_gate ? 1 : 0);
    }
};

/// All parameters and gates the pattern matches in an engine of so many voices, in table order.
PatternTargets targets_of(const AddressPattern &pattern, std::uint16_t voices);
/// The voices whose preset it matches, for one that names no parameters: "/mod/voice1/*" means
/// numbers.
std::vector<std::uint16_t> presets_of(const AddressPattern &pattern, std::uint16_t voices);

} // namespace chronus::osc
