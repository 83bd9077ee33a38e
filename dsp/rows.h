#pragma once

#include "dsp/lanes.h"
#include "dsp/rt.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace chronus::dsp {

/// As many successive frames as a register holds: what filters along time compute at once, from
/// rows in any alignment. Where all arithmetic is frame by frame, how many changes no bit.
using Wide = F8::Part;
using WideInt = I8::Part;
inline constexpr std::size_t kWide = kPartLanes;

template <class V, class T>
CHRONUS_INLINE V load(const T *from) CHRONUS_RT {
    V x;
    __builtin_memcpy(&x, from, sizeof x);
    return x;
}
template <class V, class T>
CHRONUS_INLINE void store(T *to, V x) CHRONUS_RT {
    __builtin_memcpy(to, &x, sizeof x);
}

template <class V>
CHRONUS_INLINE V larger(V a, V b) CHRONUS_RT {
    return a > b ? a : b;
}
template <class V>
CHRONUS_INLINE V magnitude(V x) CHRONUS_RT {
    return larger(x, -x);
}

/// Whether some comparison holds.
CHRONUS_INLINE bool any(WideInt mask) CHRONUS_RT {
    const auto parts = std::bit_cast<std::array<std::uint64_t, kWide / 2>>(mask);
    std::uint64_t all = 0;
    for (const std::uint64_t part : parts) all |= part;
    return all != 0;
}

/// Four rows of four frames become four frames of four rows, and back.
CHRONUS_INLINE void transpose(F4 &p, F4 &q, F4 &r, F4 &s) CHRONUS_RT {
    const F4 a = __builtin_shufflevector(p, q, 0, 4, 1, 5);
    const F4 b = __builtin_shufflevector(r, s, 0, 4, 1, 5);
    const F4 c = __builtin_shufflevector(p, q, 2, 6, 3, 7);
    const F4 d = __builtin_shufflevector(r, s, 2, 6, 3, 7);
    p = __builtin_shufflevector(a, b, 0, 1, 4, 5);
    q = __builtin_shufflevector(a, b, 2, 3, 6, 7);
    r = __builtin_shufflevector(c, d, 0, 1, 4, 5);
    s = __builtin_shufflevector(c, d, 2, 3, 6, 7);
}
/// The same in both halves.
CHRONUS_INLINE void transpose(std::array<F8, 4> &v) CHRONUS_RT {
#if defined(CHRONUS_WHOLE_LANES)
    const auto [p, q, r, s] = v;
    const Wide a = __builtin_shufflevector(p.all, q.all, 0, 8, 1, 9, 4, 12, 5, 13);
    const Wide b = __builtin_shufflevector(r.all, s.all, 0, 8, 1, 9, 4, 12, 5, 13);
    const Wide c = __builtin_shufflevector(p.all, q.all, 2, 10, 3, 11, 6, 14, 7, 15);
    const Wide d = __builtin_shufflevector(r.all, s.all, 2, 10, 3, 11, 6, 14, 7, 15);
    v[0].all = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
    v[1].all = __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
    v[2].all = __builtin_shufflevector(c, d, 0, 1, 8, 9, 4, 5, 12, 13);
    v[3].all = __builtin_shufflevector(c, d, 2, 3, 10, 11, 6, 7, 14, 15);
#else
    transpose(v[0].low, v[1].low, v[2].low, v[3].low);
    transpose(v[0].high, v[1].high, v[2].high, v[3].high);
#endif
}

/// The N-point Hadamard transform, unscaled, in registers.
template <class V, std::size_t N>
CHRONUS_INLINE void butterflies(std::array<V, N> &v) CHRONUS_RT {
#pragma GCC unroll 8
    for (std::size_t half = 1; half < N; half *= 2)
#pragma GCC unroll 16
        for (std::size_t i = 0; i < N; ++i)
            if ((i & half) == 0) {
                const V a = v[i], b = v[i + half];
                v[i] = a + b;
                v[i + half] = a - b;
            }
}

} // namespace chronus::dsp
