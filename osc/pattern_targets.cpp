#include "osc/pattern_targets.h"

#include <fmt/format.h>

#include <string>

namespace chronus::osc {

PatternTargets targets_of(const AddressPattern &pattern, std::uint16_t voices) {
    PatternTargets found;
    std::string address;
    for (std::uint16_t i = 0; i < kParamCount; ++i) {
        const ParamPlace place = place_of({i});
        if (place.module == 0 && place.instance >= voices) continue;
        address.assign("/mod/").append(path_of({i}).view());
        if (pattern.matches(address)) found.params.push_back({i});
    }
    for (std::uint16_t voice = 1; voice <= voices; ++voice)
        if (pattern.matches(fmt::format("/gate/voice{}", voice))) found.gates.push_back(voice);
    found.acid_gate = pattern.matches("/gate/acid1");
    return found;
}

std::vector<std::uint16_t> presets_of(const AddressPattern &pattern, std::uint16_t voices) {
    std::vector<std::uint16_t> found;
    for (std::uint16_t voice = 1; voice <= voices; ++voice)
        if (pattern.matches(fmt::format("/mod/voice{}/preset", voice))) found.push_back(voice);
    return found;
}

} // namespace chronus::osc
