#pragma once

#include "engine/model/params.h"

#include <algorithm>
#include <array>
#include <limits>

namespace chronus {

/// The nearest value the table allows. Whole-numbered kinds are cut to whole numbers; what is too
/// small to be reckoned with at full speed is 0, and so is -0.
constexpr float clamped(ParamId id, float value) noexcept {
    const ParamSpec &spec = spec_of(id);
    const float inside = std::clamp(value, spec.min, spec.max);
    constexpr float kLeast = std::numeric_limits<float>::min();
    if (spec.kind == Kind::amount) return inside < kLeast && inside > -kLeast ? 0.0f : inside;
    return static_cast<float>(static_cast<int>(inside));
}

/// A value for every parameter of the table, each within its range.
class ParamValues {
public:
    constexpr ParamValues() noexcept {
        for (std::uint16_t i = 0; i < kParamCount; ++i) values_[i] = initial_of({i});
    }

    /// Sets and returns the clamped value. NaN is the caller's to refuse.
    constexpr float set(ParamId id, float value) noexcept {
        return values_[id.index] = clamped(id, value);
    }
    /// The same for a value that is within its range.
    constexpr void put(ParamId id, float clamped) noexcept { values_[id.index] = clamped; }
    constexpr float get(ParamId id) const noexcept { return values_[id.index]; }

    friend constexpr bool operator==(const ParamValues &, const ParamValues &) = default;

private:
    std::array<float, kParamCount> values_{};
};

} // namespace chronus
