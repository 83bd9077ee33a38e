#pragma once

#include "dsp/lanes.h"
#include "dsp/rt.h"

namespace chronus::dsp {

/// Four successive frames: what filters along time compute at once, from rows in any alignment.
using F4 = float __attribute__((vector_size(16)));

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

} // namespace chronus::dsp
