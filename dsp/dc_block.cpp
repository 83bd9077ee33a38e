#include "dsp/dc_block.h"

#include "dsp/glide.h"
#include "dsp/math.h"

namespace chronus::dsp {

DcBlock::DcBlock(SampleRate fs) CHRONUS_RT {
    const float g = tan_pi(kCorner.value / fs.hz);
    gain_ = g / (1.0f + g);
}

void DcBlock::process(StereoBlock io) CHRONUS_RT {
    F4 constant = constant_;
    for (std::size_t i = 0; i < io.frames(); ++i) {
        const F4 x{io.left[i], io.right[i]}, d = (x - constant) * gain_;
        const F4 y = x - (constant + d);
        constant += 2.0f * d;
        io.left[i] = y[0];
        io.right[i] = y[1];
    }
    constant_ = constant;
}

bool DcBlock::heal() CHRONUS_RT {
    if (magnitude(constant_[0]) + magnitude(constant_[1]) < 1e6f) return false;
    constant_ = F4{};
    return true;
}

bool DcBlock::idle() const CHRONUS_RT {
    return magnitude(constant_[0]) < 1e-6f && magnitude(constant_[1]) < 1e-6f;
}

} // namespace chronus::dsp
