#pragma once

#include "engine/model/params.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace chronus::osc {

/// The addresses of all amounts - parameters that any number can be told to - an engine of so many
/// voices has, as they stand in a packet: found without being read letter by letter.
///
/// Thread: control.
class ParamRoutes {
public:
    explicit ParamRoutes(std::uint16_t voices);

    /// `padded`: "/mod/voice1/freq" with its one to four NULs. Nothing for what is no amount,
    /// aliases too. O(length).
    std::optional<ParamId> find(std::span<const std::byte> padded) const;
    /// "/mod/voice1/freq"; empty for what it does not find.
    std::string_view address_of(ParamId id) const;

private:
    static constexpr int kPlaceBits = 13; // more than twice as many places as there are parameters
    static constexpr std::size_t kPlaces = std::size_t{1} << kPlaceBits;
    static_assert(kParamCount * 2 < kPlaces);

    static constexpr std::size_t kMostWords = 6;

    /// Eight letters a word; the rest is 0.
    struct Address {
        std::array<std::uint64_t, kMostWords> words{};
        std::uint32_t size = 0; ///< letters
        ParamId id;
    };
    static bool same(const Address &known, std::span<const std::byte> padded);

    std::vector<Address> addresses_;              // of what the engine has
    std::array<std::uint16_t, kPlaces> places_{}; // one's number from 1, at its hash or behind
};

} // namespace chronus::osc
