#pragma once

#include "dsp/block.h"
#include "dsp/lanes.h"
#include "dsp/rt.h"

#include <algorithm>
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

/// Mostly a whole tick, which takes no call.
CHRONUS_INLINE void copy_frames(const float *from, std::size_t frames, float *to) CHRONUS_RT {
    if (frames == kTick)
        __builtin_memcpy(to, from, kTick * sizeof(float));
    else
        std::copy_n(from, frames, to);
}

template <class V>
CHRONUS_INLINE V larger(V a, V b) CHRONUS_RT {
    return a > b ? a : b;
}
template <class V>
CHRONUS_INLINE V magnitude(V x) CHRONUS_RT {
    return larger(x, -x);
}
CHRONUS_INLINE F8 larger(F8 a, F8 b) CHRONUS_RT { return max(a, b); }
CHRONUS_INLINE F8 magnitude(F8 x) CHRONUS_RT { return abs(x); }
/// The same as above in one instruction, which gcc 12 does not find.
CHRONUS_INLINE Wide larger(Wide a, Wide b) CHRONUS_RT {
#if defined(__x86_64__) && !defined(__clang__) && defined(CHRONUS_WHOLE_LANES)
    return __builtin_ia32_maxps256(a, b);
#elif defined(__x86_64__) && !defined(__clang__)
    return __builtin_ia32_maxps(a, b);
#else
    return a > b ? a : b;
#endif
}
CHRONUS_INLINE Wide magnitude(Wide x) CHRONUS_RT {
    return std::bit_cast<Wide>(std::bit_cast<WideInt>(x) & 0x7fffffff);
}

/// Whether some comparison holds.
template <class Mask>
CHRONUS_INLINE bool any(Mask mask) CHRONUS_RT {
    const auto parts = std::bit_cast<std::array<std::uint64_t, sizeof mask / 8>>(mask);
    std::uint64_t all = 0;
    for (const std::uint64_t part : parts) all |= part;
    return all != 0;
}

/// The largest number of a vector.
CHRONUS_INLINE float largest(Wide x) CHRONUS_RT {
    float most = x[0];
    for (std::size_t i = 1; i < kWide; ++i) most = larger(most, x[i]);
    return most;
}

/// a[0], b[0], a[1], b[1] ...
CHRONUS_INLINE void interleave(Wide a, Wide b, float *to) CHRONUS_RT {
#if defined(CHRONUS_WHOLE_LANES)
    store(to, __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
    store(to + kWide, __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15));
#else
    store(to, __builtin_shufflevector(a, b, 0, 4, 1, 5));
    store(to + kWide, __builtin_shufflevector(a, b, 2, 6, 3, 7));
#endif
}
/// Of two vectors in a row, the even (0) or the odd (1) numbers.
template <int kFirst>
CHRONUS_INLINE Wide every_other(Wide a, Wide b) CHRONUS_RT {
    constexpr int k = kFirst;
#if defined(CHRONUS_WHOLE_LANES)
    return __builtin_shufflevector(a, b, k, k + 2, k + 4, k + 6, k + 8, k + 10, k + 12, k + 14);
#else
    return __builtin_shufflevector(a, b, k, k + 2, k + 4, k + 6);
#endif
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
