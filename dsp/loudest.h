#pragma once

#include "dsp/rows.h"
#include "dsp/rt.h"

#include <bit>
#include <cstddef>
#include <cstdint>

namespace chronus::dsp {

/// What was loudest, as bits: as whole numbers those of magnitudes are in the magnitudes' order,
/// and what is no number is above all.
class Loudest {
public:
    CHRONUS_INLINE void hear(const float *row, std::size_t frames) CHRONUS_RT {
        for (std::size_t i = 0; i + kWide <= frames; i += kWide) {
            const WideInt x = load<WideInt>(row + i) & 0x7fffffff;
            all_ = x > all_ ? x : all_;
        }
        for (std::size_t i = frames / kWide * kWide; i < frames; ++i)
            one_ = larger(one_, std::bit_cast<std::int32_t>(row[i]) & 0x7fffffff);
    }
    CHRONUS_INLINE std::int32_t bits() const CHRONUS_RT {
        using Four = std::int32_t __attribute__((vector_size(16)));
#if defined(CHRONUS_WHOLE_LANES)
        const Four low = __builtin_shufflevector(all_, all_, 0, 1, 2, 3);
        const Four high = __builtin_shufflevector(all_, all_, 4, 5, 6, 7);
        const Four four = low > high ? low : high;
#else
        const Four four = all_;
#endif
        return larger(larger(larger(four[0], four[1]), larger(four[2], four[3])), one_);
    }

private:
    WideInt all_{};
    std::int32_t one_ = 0;
};

} // namespace chronus::dsp
