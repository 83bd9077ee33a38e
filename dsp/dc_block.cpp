#include "dsp/dc_block.h"

#include "dsp/glide.h"
#include "dsp/math.h"
#include "dsp/rows.h"

namespace chronus::dsp {

DcBlock::DcBlock(SampleRate fs) CHRONUS_RT {
    const float g = tan_pi(kCorner.value / fs.hz);
    gain_ = g / (1.0f + g);
}

void DcBlock::process(StereoBlock io) CHRONUS_RT {
    F4 constant = constant_;
    const auto step = [&](F4 x) {
        const F4 d = (x - constant) * gain_;
        const F4 y = x - (constant + d);
        constant += 2.0f * d;
        return y;
    };
    float *const left = io.left.data(), *const right = io.right.data();
    const std::size_t n = io.frames(), whole = n / 4 * 4;
    for (std::size_t i = 0; i < whole; i += 4) {
        F4 a = load<F4>(left + i), b = load<F4>(right + i), c{}, d{};
        transpose(a, b, c, d); // to both sides of each frame
        a = step(a), b = step(b), c = step(c), d = step(d);
        transpose(a, b, c, d);
        store(left + i, a);
        store(right + i, b);
    }
    for (std::size_t i = whole; i < n; ++i) {
        const F4 y = step(F4{left[i], right[i]});
        left[i] = y[0];
        right[i] = y[1];
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
