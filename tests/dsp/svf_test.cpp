#include "dsp/svf.h"
#include "tests/support/signals.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace chronus;
using namespace chronus::test;
using dsp::F8;
using dsp::splat;
using dsp::Svf;

namespace {

struct Responses {
    Samples low, band, high, notch;
};

Responses respond(const Samples &in, float cutoff_hz, float q) {
    const float k = 1.0f / q;
    const auto coeffs = Svf::solve(splat(cutoff_hz / kFs.hz), splat(k));
    Svf svf;
    Responses r;
    for (const float x : in) {
        const auto out = svf.next(splat(x), coeffs);
        const float band = out.band[5], low = out.low[5];
        r.low.push_back(low);
        r.band.push_back(band);
        r.notch.push_back(x - k * band);
        r.high.push_back(x - k * band - low);
    }
    return r;
}

} // namespace

TEST_CASE("svf: all four responses are the analogue ones within 0.035 dB", "[dsp]") {
    const Table table = read_table("dsp/svf-response.csv");
    const double cutoff = GENERATE(100.0, 1000.0, 8000.0), q = GENERATE(0.5, 0.70710678, 4.0, 20.0);
    // Long enough that the sharpest and lowest filter has fallen below -100 dB.
    const auto r = respond(impulse(65536), static_cast<float>(cutoff), static_cast<float>(q));
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        if (table.at(row, "fc_hz") != cutoff || std::abs(table.at(row, "Q") - q) > 1e-3) continue;
        const double hz = table.at(row, "f_hz");
        const auto check = [&](const Samples &response, const char *column) {
            const double want = table.at(row, column);
            CAPTURE(cutoff, q, hz, column);
            // Below -80 dB a float impulse response is rounding noise.
            if (want > -80)
                CHECK(decibels(gain_at(response, hz, kFs)) == Approx(want).margin(0.035));
        };
        check(r.low, "lp_dB");
        check(r.band, "bp_dB");
        check(r.high, "hp_dB");
        check(r.notch, "notch_dB");
    }
}

TEST_CASE("svf: the low pass is 3.01 dB down at its cutoff when q is 0.7071", "[dsp]") {
    const float cutoff = GENERATE(40.0f, 1000.0f, 15000.0f);
    const auto r = respond(impulse(65536), cutoff, 0.70710678f);
    CHECK(decibels(gain_at(r.low, static_cast<double>(cutoff), kFs)) ==
          Approx(-3.0103).margin(0.02));
}

TEST_CASE("svf: a minute of random cutoff every frame leaves it bounded", "[dsp]") {
    const float q = GENERATE(0.5f, 10.0f); // at k = 0.1 the prototype peaked at 13.8
    const Samples in = uniform_noise(60 * 48000, 1), dice = uniform_noise(60 * 48000, 2);
    Svf svf;
    double worst = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
        const float octaves = 5.0f * (dice[i] + 1.0f); // 20 Hz * 2^10 = 20 kHz
        const F8 cutoff = splat(20.0f * dsp::exp2(0.9965784f * octaves) / kFs.hz);
        const auto out = svf.next(splat(in[i]), Svf::solve(cutoff, splat(1.0f / q)));
        worst = std::max({worst, std::abs(static_cast<double>(out.low[0])),
                          std::abs(static_cast<double>(out.band[0]))});
    }
    CHECK(worst <= 8);
}
