#pragma once

#include "dsp/block.h"
#include "engine/model/time.h"

#include <cstddef>
#include <span>

namespace chronus {

/// Something that plays offline until it is over. Thread: any one at a time, never audio.
class SoundSource {
public:
    virtual ~SoundSource() = default;
    /// The next frames; answers how many: all there is room for, fewer at the end, then none.
    virtual std::size_t render(StereoBlock out) = 0;
    /// On which frame each part begins, and the last one ends; as far as they have been rendered.
    virtual std::span<const Frame> lines() const = 0;
};

} // namespace chronus
