#include "osc/param_routes.h"

#include <cstring>

namespace chronus::osc {

namespace {

/// Eight letters at a time, after Knuth's multiplicative hashing.
std::uint64_t hash_of(std::string_view text) {
    constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
    std::uint64_t hash = text.size();
    while (!text.empty()) {
        std::uint64_t word = 0;
        const std::size_t count = text.size() < 8 ? text.size() : 8;
        std::memcpy(&word, text.data(), count);
        hash = (hash ^ word) * kGolden;
        hash ^= hash >> 29;
        text.remove_prefix(count);
    }
    return hash;
}

} // namespace

ParamRoutes::ParamRoutes(std::uint16_t voices) : addresses_(kParamCount) {
    for (std::uint16_t i = 0; i < kParamCount; ++i) {
        const ParamPlace place = place_of({i});
        if (place.module == 0 && place.instance >= voices) continue;
        addresses_[i] = "/mod/" + std::string{path_of({i}).view()};
        std::size_t at = hash_of(addresses_[i]) % kPlaces;
        while (places_[at] != 0) at = (at + 1) % kPlaces;
        places_[at] = static_cast<std::uint16_t>(i + 1);
    }
}

std::optional<ParamId> ParamRoutes::find(std::string_view address) const {
    for (std::size_t at = hash_of(address) % kPlaces; places_[at] != 0; at = (at + 1) % kPlaces) {
        const auto index = static_cast<std::uint16_t>(places_[at] - 1);
        if (addresses_[index] == address) return ParamId{index};
    }
    return std::nullopt;
}

} // namespace chronus::osc
