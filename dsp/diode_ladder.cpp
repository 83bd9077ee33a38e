#include "dsp/diode_ladder.h"

#include "dsp/glide.h"
#include "dsp/math.h"

#include <cstddef>

namespace chronus::dsp {
namespace {

/// The coupling capacitors in the loop: product of (s+z)/(s+p), rad/s.
constexpr std::array kPoles{578.1, 97.5, 38.5, 20.0, 4.45, 7.41};
constexpr std::array kZeros{0.0, 0.0, 46.5, 0.0, 4.40, 0.0};

/// The same product as 1 + sum of share_i * low-pass at p_i, so that lanes do all at once.
constexpr std::array<double, 6> low_pass_shares() {
    std::array<double, 6> shares{};
    for (std::size_t i = 0; i < 6; ++i) {
        double residue = 1.0;
        for (std::size_t j = 0; j < 6; ++j) residue *= kZeros[j] - kPoles[i];
        for (std::size_t j = 0; j < 6; ++j)
            if (j != i) residue /= kPoles[j] - kPoles[i];
        shares[i] = residue / kPoles[i];
    }
    return shares;
}

} // namespace

DiodeLadder::DiodeLadder(SampleRate fs) CHRONUS_RT : rate_(fs.hz) {
    constexpr auto kShares = low_pass_shares();
    for (std::size_t i = 0; i < 6; ++i) {
        const double half = kPoles[i] / (2.0 * static_cast<double>(fs.hz));
        const double gain = half / (1.0 + half);
        couple_gain_[i] = static_cast<float>(gain);
        couple_share_[i] = static_cast<float>(kShares[i] * (1.0 - gain));
        through_ += static_cast<float>(kShares[i] * gain);
    }
}

float DiodeLadder::gain_for(float cutoff_hz) const CHRONUS_RT {
    constexpr float kResonance = 1.189207115f;  // 2^(1/4)
    constexpr float kIntegrator = 0.707106781f; // (fc / 2^(1/4)) / (fc 2^(1/4))
    return tan_pi(cutoff_hz * kResonance / rate_) * kIntegrator;
}

DiodeLadder::F4 DiodeLadder::solve(F8 bend, F8 slope, float g, float feedback) const CHRONUS_RT {
    // Unknown: how far d1..d4 each voltage moves. The right sides, were the slopes all zero:
    const float c1 = s_[0] - y_[0] + 2.0f * g * (bend[0] - bend[1]);
    const float c2 = s_[1] - y_[1] + g * (bend[1] - bend[2]);
    const float c3 = s_[2] - y_[2] + g * (bend[2] - bend[3]);
    const float c4 = s_[3] - y_[3] + g * (bend[3] - bend[4]);
    const F8 j = g * slope;
    // Eliminate from the last capacitor upward: each is a + b * (the one before).
    const float r4 = 1.0f / (1.0f + j[3] + j[4]);
    const float a4 = c4 * r4, b4 = j[3] * r4;
    const float r3 = 1.0f / (1.0f + j[2] + j[3] - j[3] * b4);
    const float a3 = (c3 + j[3] * a4) * r3, b3 = j[2] * r3;
    const float r2 = 1.0f / (1.0f + j[1] + j[2] - j[2] * b3);
    const float a2 = (c2 + j[2] * a3) * r2, b2 = j[1] * r2;
    // d1 (1 + 2 j1) = c1 + 2 j1 d2 - 2 j0 feedback d4
    const float push = 2.0f * j[0] * feedback;
    const float top = c1 + 2.0f * j[1] * a2 - push * (a4 + b4 * (a3 + b3 * a2));
    const float d1 = top / (1.0f + 2.0f * j[1] * (1.0f - b2) + push * b4 * b3 * b2);
    const float d2 = a2 + b2 * d1;
    const float d3 = a3 + b3 * d2;
    return {y_[0] + d1, y_[1] + d2, y_[2] + d3, y_[3] + a4 + b4 * d3};
}

float DiodeLadder::step(float x, float g, float k) CHRONUS_RT {
    const float loop = kLoopScale * k;
    const float feedback = loop * through_;
    const float u = x - loop * sum(couple_share_ * couple_) - feedback * y_[3];
    const F8 across{u, y_[0] - y_[1], y_[1] - y_[2], y_[2] - y_[3], y_[3], 0.0f, 0.0f, 0.0f};
    const F8 bend = tanh(across);
    const F4 y = solve(bend, 1.0f - bend * bend, g, feedback);
    for (std::size_t i = 0; i < 4; ++i) s_[i] = 2.0f * y[i] - s_[i];
    y_ = y;
    couple_ += 2.0f * couple_gain_ * (y[3] - couple_);
    return y[3];
}

float DiodeLadder::total() const CHRONUS_RT {
    float all = sum(abs(couple_));
    for (std::size_t i = 0; i < 4; ++i) all += magnitude(y_[i]) + magnitude(s_[i]);
    return all;
}

void DiodeLadder::reset() CHRONUS_RT {
    couple_ = F8{};
    y_ = s_ = F4{};
}

} // namespace chronus::dsp
