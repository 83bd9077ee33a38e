#include "dsp/diode_ladder.h"

#include "dsp/glide.h"

#include <array>
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

/// tanh as dsp/math.h has it, both sums taken by halves: all that follows waits for it.
CHRONUS_INLINE F4 tanh_soon(F4 x) CHRONUS_RT {
    x = min(max(x, F4{} - 4.97f), F4{} + 4.97f);
    const F4 z = x * x, zz = z * z;
    return x * ((135135.0f + z * 17325.0f) + zz * (378.0f + z)) /
           ((135135.0f + z * 62370.0f) + zz * (3150.0f + z * 28.0f));
}

/// The next capacitor's, and nothing behind the last.
CHRONUS_INLINE F4 next_of(F4 x) CHRONUS_RT { return __builtin_shufflevector(x, F4{}, 1, 2, 3, 4); }

/// Where the four voltages move to, each by its d:
///
///     (1 + 2 j1) d1 = c1 + 2 j1 d2 - push d4
///     (1 + j1 + j2) d2 = c2 + j1 d1 + j2 d3
///     (1 + j2 + j3) d3 = c3 + j2 d2 + j3 d4
///     (1 + j3 + j4) d4 = c4 + j3 d3
///
/// The last two give d3 and d4 by d2, the first then d1, so that d2 comes out of the second by one
/// quotient: what else is divided does not wait for another division, as in elimination it would.
/// Shapes: j of the diodes that follow their capacitors.
CHRONUS_INLINE F4 moved(F4 from, F4 c, F4 j, float push) CHRONUS_RT {
    const F4 sides = (1.0f + j) + next_of(j), jj = j * j;
    const float j1 = j[0], j2 = j[1], j3 = j[2], twice = 2.0f * j1;
    const float side1 = 1.0f + twice, side2 = sides[0], side3 = sides[1], side4 = sides[2];
    const float low = side3 * side4 - jj[2], high = side1 * side2 - twice * j1;
    const float c3 = side4 * c[2] + j3 * c[3], c4 = j3 * c[2] + side3 * c[3];
    const float d2 = (low * (side1 * c[1] + j1 * c[0]) + ((side1 * j2) * c3 - (j1 * push) * c4)) /
                     ((high * low - side1 * (side4 * jj[1])) + push * (j1 * j2 * j3));
    const float share = 1.0f / low, share1 = 1.0f / side1;
    const float still4 = c4 * share, by4 = j2 * j3 * share;
    const F4 still{(c[0] - push * still4) * share1, 0.0f, c3 * share, still4};
    const F4 by{(twice - push * by4) * share1, 1.0f, side4 * j2 * share, by4};
    return (from + still) + by * d2;
}

} // namespace

DiodeLadder::DiodeLadder(SampleRate fs) CHRONUS_RT : rate_(fs.hz) {
    constexpr auto kShares = low_pass_shares();
    for (std::size_t i = 0; i < 6; ++i) {
        const double half = kPoles[i] / (2.0 * static_cast<double>(fs.hz));
        const double gain = half / (1.0 + half);
        const double share = kShares[i] * (1.0 - gain);
        couple_gain_[i] = static_cast<float>(2.0 * gain);
        couple_kept_[i] = static_cast<float>(share * (1.0 - 2.0 * gain));
        through_ += static_cast<float>(kShares[i] * gain);
        taken_ += static_cast<float>(share * 2.0 * gain);
    }
}

DiodeLadder::Knobs DiodeLadder::knobs(float g, float k) const CHRONUS_RT {
    const float loop = kLoopScale * k, feedback = loop * through_;
    // The sections take in the last voltage while the ladder is solved: what that makes of their
    // sum is in `taken_`, so that nobody waits for them.
    return {g, loop, feedback + loop * taken_, 2.0f * feedback, F4{2.0f * g, g, g, g}};
}

CHRONUS_INLINE float DiodeLadder::advance(float x, const Knobs &knobs) CHRONUS_RT {
    const float u = x - knobs.loop * sum(couple_kept_ * couple_) - knobs.back * y_[3], g = knobs.g;
    couple_ += couple_gain_ * (y_[3] - couple_);
    const F4 in = tanh_soon(F4{u}), bend = tanh_soon(y_ - next_of(y_));
    const F4 currents = __builtin_shufflevector(bend, in, 4, 0, 1, 2) - bend;
    const F4 c = (s_ - y_) + knobs.gains * currents;
    y_ = moved(y_, c, g - g * bend * bend, knobs.push * (g - g * in[0] * in[0]));
    s_ = 2.0f * y_ - s_;
    return y_[3];
}

float DiodeLadder::step(float x, float g, float k) CHRONUS_RT { return advance(x, knobs(g, k)); }

void DiodeLadder::process(std::span<float> io, std::span<const float> g,
                          std::span<const float> k) CHRONUS_RT {
    DiodeLadder here = *this; // in registers
    const std::size_t times = io.size() / g.size();
    for (std::size_t i = 0; i < g.size(); ++i) {
        const Knobs now = knobs(g[i], k[i]);
        for (float &x : io.subspan(times * i, times)) x = here.advance(x, now);
    }
    *this = here;
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
