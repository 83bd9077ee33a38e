#include "tests/support/signals.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <fstream>
#include <numbers>
#include <numeric>
#include <sstream>
#include <stdexcept>

namespace chronus::test {

namespace {

using Complex = std::complex<double>;
constexpr double kPi = std::numbers::pi;

/// Radix-2 transform in place; the length is a power of two.
void transform(std::vector<Complex> &x) {
    const std::size_t n = x.size();
    for (std::size_t i = 1, j = 0; i < n; ++i) {
        std::size_t bit = n >> 1;
        for (; j & bit; bit >>= 1) j ^= bit;
        j ^= bit;
        if (i < j) std::swap(x[i], x[j]);
    }
    std::vector<Complex> turn(n / 2);
    for (std::size_t i = 0; i < n / 2; ++i)
        turn[i] = std::polar(1.0, -2.0 * kPi * static_cast<double>(i) / static_cast<double>(n));
    for (std::size_t half = 1; half < n; half *= 2)
        for (std::size_t start = 0; start < n; start += 2 * half)
            for (std::size_t i = 0; i < half; ++i) {
                const Complex odd = x[start + half + i] * turn[i * (n / 2 / half)];
                x[start + half + i] = x[start + i] - odd;
                x[start + i] += odd;
            }
}

/// Modified Bessel function of order zero, by its series.
double bessel_i0(double x) {
    double sum = 1, term = 1;
    for (int k = 1; term > 1e-17 * sum; ++k) sum += term *= (x / (2 * k)) * (x / (2 * k));
    return sum;
}

std::vector<double> kaiser(std::size_t n, double beta) {
    std::vector<double> w(n);
    for (std::size_t i = 0; i < n; ++i) {
        const double u = 2.0 * static_cast<double>(i) / static_cast<double>(n) - 1.0;
        w[i] = bessel_i0(beta * std::sqrt(std::max(0.0, 1 - u * u))) / bessel_i0(beta);
    }
    return w;
}

} // namespace

Samples sine(Hz tone, SampleRate fs, std::size_t frames) {
    Samples x(frames);
    const double turns = static_cast<double>(tone.value) / static_cast<double>(fs.hz);
    for (std::size_t i = 0; i < frames; ++i)
        x[i] =
            static_cast<float>(std::sin(2 * kPi * std::fmod(turns * static_cast<double>(i), 1.0)));
    return x;
}

Samples impulse(std::size_t frames) {
    Samples x(frames, 0.0f);
    x.at(0) = 1.0f;
    return x;
}

Samples uniform_noise(std::size_t frames, std::uint64_t seed) {
    Samples x(frames);
    std::uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    for (float &v : x) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        v = static_cast<float>(static_cast<std::int32_t>(state >> 32)) * 0x1p-31f;
    }
    return x;
}

double mean(Signal x) {
    return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double rms(Signal x) {
    double power = 0;
    for (const float v : x) power += static_cast<double>(v) * static_cast<double>(v);
    return std::sqrt(power / static_cast<double>(x.size()));
}

double peak(Signal x) {
    double most = 0;
    for (const float v : x) most = std::max(most, std::abs(static_cast<double>(v)));
    return most;
}

double steepest(Signal x) {
    double most = 0;
    for (std::size_t i = 1; i < x.size(); ++i)
        most = std::max(most, std::abs(static_cast<double>(x[i]) - static_cast<double>(x[i - 1])));
    return most;
}

bool finite(Signal x) {
    return std::all_of(x.begin(), x.end(), [](float v) { return std::isfinite(v); });
}

double decibels(double ratio) { return ratio > 1e-20 ? 20 * std::log10(ratio) : -400.0; }

Spectrum::Spectrum(Signal x, SampleRate fs) {
    const std::size_t n = std::bit_floor(x.size());
    const auto window = kaiser(n, 26.0);
    std::vector<Complex> bins(n);
    for (std::size_t i = 0; i < n; ++i) bins[i] = window[i] * static_cast<double>(x[i]);
    transform(bins);
    double area = 0, power = 0;
    for (const double w : window) area += w, power += w * w;
    lines_.resize(n / 2);
    for (std::size_t i = 0; i < n / 2; ++i) lines_[i] = 2 * std::abs(bins[i]) / area;
    bin_hz_ = static_cast<double>(fs.hz) / static_cast<double>(n);
    power_per_line_ = 0.5 * area * area / (power * static_cast<double>(n));
}

double Spectrum::line(double hz) const {
    const double reach = 2 * bin_hz_;
    return largest(std::max(hz - reach, 0.0), hz + reach, [](double) { return true; });
}

double Spectrum::largest(double lo, double hi, const std::function<bool(double)> &keep) const {
    double most = 0;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const double hz = static_cast<double>(i) * bin_hz_;
        if (hz >= lo && hz <= hi && keep(hz)) most = std::max(most, lines_[i]);
    }
    return most;
}

double Spectrum::largest_alias(double fundamental, double lo, double hi) const {
    return largest(lo, hi, [&](double hz) {
        return std::abs(hz - fundamental * std::round(hz / fundamental)) > 12 * bin_hz_;
    });
}

double Spectrum::band_rms(double lo, double hi) const {
    double power = 0;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const double hz = static_cast<double>(i) * bin_hz_;
        if (hz >= lo && hz < hi) power += lines_[i] * lines_[i];
    }
    return std::sqrt(power * power_per_line_);
}

double gain_at(Signal impulse_response, double hz, SampleRate fs) {
    Complex sum = 0;
    for (std::size_t i = 0; i < impulse_response.size(); ++i)
        sum += static_cast<double>(impulse_response[i]) *
               std::polar(1.0, -2 * kPi * hz * static_cast<double>(i) / static_cast<double>(fs.hz));
    return std::abs(sum);
}

double pitch_of(Signal x, double guess, SampleRate fs) {
    const auto window = kaiser(x.size(), 26.0);
    const auto strength = [&](double hz) {
        Complex sum = 0;
        const double turns = hz / static_cast<double>(fs.hz);
        for (std::size_t i = 0; i < x.size(); ++i)
            sum += window[i] * static_cast<double>(x[i]) *
                   std::polar(1.0, -2 * kPi * std::fmod(turns * static_cast<double>(i), 1.0));
        return std::log(std::abs(sum));
    };
    // The window's peak is a parabola in decibels: three points around it, twice, find the top.
    double hz = guess, apart = 0.5 * static_cast<double>(fs.hz) / static_cast<double>(x.size());
    for (int pass = 0; pass < 3; ++pass, apart /= 4) {
        const double low = strength(hz - apart), mid = strength(hz), high = strength(hz + apart);
        hz += apart * 0.5 * (low - high) / (low - 2 * mid + high);
    }
    return hz;
}

double cents(double hz, double reference_hz) { return 1200 * std::log2(hz / reference_hz); }

std::size_t Table::column(std::string_view name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) throw std::runtime_error("no column " + std::string(name));
    return static_cast<std::size_t>(found - names.begin());
}

Table read_table(const std::string &path_under_files) {
    std::ifstream file(std::string(CHRONUS_TEST_FILES "/") + path_under_files);
    if (!file) throw std::runtime_error("cannot read " + path_under_files);
    Table table;
    std::string line, cell;
    std::getline(file, line);
    for (std::istringstream cells(line); std::getline(cells, cell, ',');)
        table.names.push_back(cell);
    while (std::getline(file, line)) {
        auto &row = table.rows.emplace_back();
        for (std::istringstream cells(line); std::getline(cells, cell, ',');)
            row.push_back(std::stod(cell));
    }
    return table;
}

} // namespace chronus::test
