#include "dsp/dc_block.h"

#include "dsp/glide.h"
#include "dsp/math.h"

namespace chronus::dsp {

DcBlock::DcBlock(SampleRate fs) CHRONUS_RT {
    const float g = tan_pi(kCorner.value / fs.hz);
    gain_ = g / (1.0f + g);
}

void DcBlock::process(StereoBlock io) CHRONUS_RT {
    auto [left, right] = constant_;
    for (std::size_t i = 0; i < io.frames(); ++i) {
        const float v1 = (io.left[i] - left) * gain_, v2 = (io.right[i] - right) * gain_;
        io.left[i] -= left + v1;
        io.right[i] -= right + v2;
        left += 2.0f * v1;
        right += 2.0f * v2;
    }
    constant_ = {left, right};
}

bool DcBlock::heal() CHRONUS_RT {
    if (magnitude(constant_[0]) + magnitude(constant_[1]) < 1e6f) return false;
    constant_ = {};
    return true;
}

bool DcBlock::idle() const CHRONUS_RT {
    return magnitude(constant_[0]) < 1e-6f && magnitude(constant_[1]) < 1e-6f;
}

} // namespace chronus::dsp
