#pragma once

#include <span>
#include <vector>

/// Samples as whole numbers.
namespace chronus {

/// The nearest of so many bits; beyond full scale it clips, and NaN is silence. Ours, as
/// libsndfile's clipping rounds down.
int pcm_of(float sample, int bits);

/// All of them, as they stand in a WAV file: the lowest byte first. Units: 16 or 24 bits.
void lay_pcm(std::span<const float> samples, int bits, std::vector<unsigned char> &out);

} // namespace chronus
