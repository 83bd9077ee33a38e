#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace chronus {

/// The engine's control grid: parameters move and coefficients are solved every 32 frames, counted
/// from frame 0, so that how a run is cut into blocks changes no sample.
inline constexpr std::uint32_t kTick = 32;

/// Two channels of one length, owned by somebody else.
struct StereoBlock {
    std::span<float> left, right;

    std::size_t frames() const noexcept { return left.size(); }
    StereoBlock sub(std::size_t begin, std::size_t count) const noexcept {
        return {left.subspan(begin, count), right.subspan(begin, count)};
    }
};

} // namespace chronus
