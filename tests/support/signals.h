#pragma once

#include "dsp/units.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Measuring tools of the sound tests: make a signal, weigh it, look at its spectrum.
namespace chronus::test {

using Samples = std::vector<float>;
using Signal = std::span<const float>;

inline constexpr SampleRate kFs{48000.0f};

/// A sine of unit amplitude, in phase at frame 0, rounded once from double.
Samples sine(Hz tone, SampleRate fs, std::size_t frames);
/// One 1, then nothing.
Samples impulse(std::size_t frames);
/// Evenly spread noise in [-1, 1) from an LCG unlike the engine's own generator.
Samples uniform_noise(std::size_t frames, std::uint64_t seed = 1);

double mean(Signal x);
double rms(Signal x);
double peak(Signal x);
/// The largest change from one sample to the next.
double steepest(Signal x);
bool finite(Signal x);
/// 20 log10 of an amplitude ratio; -400 for nothing at all.
double decibels(double ratio);

/// Amplitudes of the sines in a signal, seen through a Kaiser window of beta 26: a line leaks less
/// than -190 dB beyond 12 bins of it.
///
/// Shapes: the first power of two frames of the signal.
/// Units:  Hz in; peak amplitude of a sine out (1 for a full-scale sine).
class Spectrum {
public:
    Spectrum(Signal x, SampleRate fs);

    std::size_t bins() const { return lines_.size(); }
    double bin_hz() const { return bin_hz_; }
    double at_bin(std::size_t bin) const { return lines_[bin]; }
    /// The largest line within 2 bins of `hz`.
    double line(double hz) const;
    /// The largest line in [lo, hi] Hz whose frequency `keep` accepts.
    double largest(double lo, double hi, const std::function<bool(double)> &keep) const;
    /// The largest line in [lo, hi] more than 12 bins away from every multiple of `fundamental`.
    double largest_alias(double fundamental, double lo, double hi) const;
    /// Root mean square of all that lies in [lo, hi).
    double band_rms(double lo, double hi) const;

private:
    double bin_hz_ = 0;
    double power_per_line_ = 0; // window's noise bandwidth, to turn lines into power
    std::vector<double> lines_;
};

/// Gain of a short impulse response at `hz`, evaluated exactly.
double gain_at(Signal impulse_response, double hz, SampleRate fs);

/// Where the spectral maximum near `guess` lies, to far below a bin: for tuning in cents.
double pitch_of(Signal x, double guess, SampleRate fs);
double cents(double hz, double reference_hz);

/// The rows of a comma separated file of numbers under tests/files, with its header's names.
struct Table {
    std::vector<std::string> names;
    std::vector<std::vector<double>> rows;

    std::size_t column(std::string_view name) const;
    double at(std::size_t row, std::string_view name) const { return rows[row][column(name)]; }
};
Table read_table(const std::string &path_under_files);

} // namespace chronus::test
