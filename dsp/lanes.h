#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

/// Eight floats as one value: compiler vector extensions, so the arithmetic is the plain IEEE kind
/// and gives the same bits whether the machine has 4, 8 or 16 lanes.
namespace chronus::dsp {

inline constexpr std::size_t kLanes = 8;

using F8 = float __attribute__((vector_size(32)));
using I8 = std::int32_t __attribute__((vector_size(32)));
using U8 = std::uint32_t __attribute__((vector_size(32)));

#define CHRONUS_INLINE inline __attribute__((always_inline))

CHRONUS_INLINE F8 splat(float x) noexcept { return F8{x, x, x, x, x, x, x, x}; }

/// Per lane: `yes` where the mask is set (-1), else `no`.
CHRONUS_INLINE F8 select(I8 mask, F8 yes, F8 no) noexcept { return mask ? yes : no; }
CHRONUS_INLINE float select(bool mask, float yes, float no) noexcept { return mask ? yes : no; }

CHRONUS_INLINE F8 min(F8 a, F8 b) noexcept { return a < b ? a : b; }
CHRONUS_INLINE F8 max(F8 a, F8 b) noexcept { return a > b ? a : b; }
CHRONUS_INLINE F8 clamp(F8 x, float lo, float hi) noexcept {
    return min(max(x, splat(lo)), splat(hi));
}
CHRONUS_INLINE F8 abs(F8 x) noexcept {
    return std::bit_cast<F8>(std::bit_cast<U8>(x) & 0x7fffffffu);
}
/// |x| with the sign of s.
CHRONUS_INLINE F8 copysign(F8 x, F8 s) noexcept {
    return std::bit_cast<F8>((std::bit_cast<U8>(x) & 0x7fffffffu) |
                             (std::bit_cast<U8>(s) & 0x80000000u));
}

/// Sum of the lanes, always in this order: ((0+4)+(2+6)) + ((1+5)+(3+7)).
CHRONUS_INLINE float sum(F8 x) noexcept {
    return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

} // namespace chronus::dsp
