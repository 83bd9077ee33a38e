#include "engine/host/pcm.h"

#include <algorithm>
#include <cmath>

namespace chronus {

namespace {

template <int kBits>
void lay(std::span<const float> samples, unsigned char *to) {
    for (const float x : samples) {
        const auto integer = static_cast<unsigned>(pcm_of(x, kBits));
        for (int shift = 0; shift < kBits; shift += 8)
            *to++ = static_cast<unsigned char>(integer >> shift);
    }
}

} // namespace

int pcm_of(float sample, int bits) {
    const auto one = static_cast<float>(1 << (bits - 1));
    if (std::isnan(sample)) return 0;
    return static_cast<int>(std::lrint(std::clamp(sample * one, -one, one - 1)));
}

void lay_pcm(std::span<const float> samples, int bits, std::vector<unsigned char> &out) {
    out.resize(samples.size() * (bits == 16 ? 2 : 3));
    bits == 16 ? lay<16>(samples, out.data()) : lay<24>(samples, out.data());
}

} // namespace chronus
