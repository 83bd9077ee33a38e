#include "osc/param_routes.h"

#include <cstring>

namespace chronus::osc {

namespace {

/// Four letters at a time, after Knuth's multiplicative hashing.
std::uint64_t hash_of(const char *words, std::size_t size) {
    constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
    std::uint64_t hash = size;
    for (std::size_t at = 0; at < size; at += 4) {
        std::uint32_t word;
        std::memcpy(&word, words + at, sizeof word);
        hash = (hash ^ word) * kGolden;
        hash ^= hash >> 32;
    }
    return hash;
}

} // namespace

ParamRoutes::ParamRoutes(std::uint16_t voices) : addresses_(kParamCount) {
    for (std::uint16_t i = 0; i < kParamCount; ++i) {
        const ParamPlace place = place_of({i});
        if (place.module == 0 && place.instance >= voices) continue;
        std::string &address = addresses_[i];
        address = "/mod/" + std::string{path_of({i}).view()};
        address.resize(address.size() / 4 * 4 + 4);
        std::size_t at = hash_of(address.data(), address.size()) % kPlaces;
        while (places_[at] != 0) at = (at + 1) % kPlaces;
        places_[at] = static_cast<std::uint16_t>(i + 1);
    }
}

std::optional<ParamId> ParamRoutes::find(std::span<const std::byte> padded) const {
    const auto *text = reinterpret_cast<const char *>(padded.data());
    const std::size_t size = padded.size();
    for (std::size_t at = hash_of(text, size) % kPlaces; places_[at] != 0;
         at = (at + 1) % kPlaces) {
        const std::string &known = addresses_[places_[at] - 1u];
        if (known.size() == size && std::memcmp(known.data(), text, size) == 0)
            return ParamId{static_cast<std::uint16_t>(places_[at] - 1)};
    }
    return std::nullopt;
}

} // namespace chronus::osc
