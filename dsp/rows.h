#pragma once

#include "dsp/lanes.h"
#include "dsp/rt.h"

#include <array>
#include <cstddef>

/// Here an F4 is four successive frames: what filters along time compute at once, from rows in any
/// alignment.
namespace chronus::dsp {

template <class V>
CHRONUS_INLINE V load(const float *from) CHRONUS_RT {
    V x;
    __builtin_memcpy(&x, from, sizeof x);
    return x;
}
template <class V>
CHRONUS_INLINE void store(float *to, V x) CHRONUS_RT {
    __builtin_memcpy(to, &x, sizeof x);
}

CHRONUS_INLINE F4 larger(F4 a, F4 b) CHRONUS_RT { return a > b ? a : b; }
CHRONUS_INLINE F4 magnitude(F4 x) CHRONUS_RT { return larger(x, -x); }

/// Four rows of four frames become four frames of four rows, and back.
CHRONUS_INLINE void transpose(std::array<F4, 4> &v) CHRONUS_RT {
    const F4 a = __builtin_shufflevector(v[0], v[1], 0, 4, 1, 5);
    const F4 b = __builtin_shufflevector(v[2], v[3], 0, 4, 1, 5);
    const F4 c = __builtin_shufflevector(v[0], v[1], 2, 6, 3, 7);
    const F4 d = __builtin_shufflevector(v[2], v[3], 2, 6, 3, 7);
    v = {__builtin_shufflevector(a, b, 0, 1, 4, 5), __builtin_shufflevector(a, b, 2, 3, 6, 7),
         __builtin_shufflevector(c, d, 0, 1, 4, 5), __builtin_shufflevector(c, d, 2, 3, 6, 7)};
}

/// The N-point Hadamard transform, unscaled, in registers.
template <std::size_t N>
CHRONUS_INLINE void butterflies(std::array<F4, N> &v) CHRONUS_RT {
#pragma GCC unroll 8
    for (std::size_t half = 1; half < N; half *= 2)
#pragma GCC unroll 16
        for (std::size_t i = 0; i < N; ++i)
            if ((i & half) == 0) {
                const F4 a = v[i], b = v[i + half];
                v[i] = a + b;
                v[i + half] = a - b;
            }
}

/// Of N rows, across them, for every frame.
template <class Rows>
void hadamard(Rows &rows, std::size_t frames) CHRONUS_RT {
    constexpr std::size_t N = std::tuple_size_v<Rows>;
    for (std::size_t i = 0; i < frames; i += 4) {
        std::array<F4, N> v;
#pragma GCC unroll 16
        for (std::size_t r = 0; r < N; ++r) v[r] = load<F4>(rows[r].data() + i);
        butterflies(v);
#pragma GCC unroll 16
        for (std::size_t r = 0; r < N; ++r) store(rows[r].data() + i, v[r]);
    }
}

} // namespace chronus::dsp
