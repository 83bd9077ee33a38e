#include "dsp/math.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <numbers>

using namespace chronus;

namespace {
/// Largest |error(x)| over `steps` points of [lo, hi].
template <class Error>
double worst(double lo, double hi, Error error) {
    constexpr int kSteps = 100000;
    double most = 0;
    for (int i = 0; i <= kSteps; ++i)
        most = std::max(most, std::abs(error(static_cast<float>(lo + (hi - lo) * i / kSteps))));
    return most;
}
constexpr double kPi = std::numbers::pi;
} // namespace

TEST_CASE("math: exp2 is within 3e-7 of the truth, relatively", "[dsp]") {
    CHECK(worst(-30, 30, [](float x) {
              return static_cast<double>(dsp::exp2(x)) / std::exp2(static_cast<double>(x)) - 1;
          }) < 3e-7);
}

TEST_CASE("math: log2 undoes exp2 within a thousandth of a cent in the audible octaves", "[dsp]") {
    // One float step at 14 octaves is 0.0011 cent; half of it plus log2's own error.
    CHECK(worst(20, 20000, [](float x) {
              return 1200 * (static_cast<double>(dsp::log2(x)) - std::log2(static_cast<double>(x)));
          }) < 0.0015);
}

TEST_CASE("math: sine is within 5e-7 over the whole turn", "[dsp]") {
    CHECK(worst(-0.5, 0.5, [](float t) {
              return static_cast<double>(dsp::sin_turns(t)) -
                     std::sin(2 * kPi * static_cast<double>(t));
          }) < 5e-7);
}

TEST_CASE("math: tan bends no cutoff below 20 kHz by more than 0.01 cent", "[dsp]") {
    CHECK(worst(0.0004, 0.417, [](float f) {
              const double exact = std::tan(kPi * static_cast<double>(f));
              return 1200 * std::log2(static_cast<double>(dsp::tan_pi(f)) / exact);
          }) < 0.02);
}

TEST_CASE("math: tanh is within 1e-4, odd, and never beyond one", "[dsp]") {
    CHECK(worst(-8, 8, [](float x) {
              return static_cast<double>(dsp::tanh(x)) - std::tanh(static_cast<double>(x));
          }) < 1e-4);
    CHECK(dsp::tanh(1e30f) <= 1.0f);
    CHECK(dsp::tanh(-3.0f) == -dsp::tanh(3.0f));
}

TEST_CASE("math: eight lanes give the bits of one", "[dsp]") {
    for (float x = -6; x < 6; x += 0.37f) {
        dsp::F8 lanes = {};
        for (std::size_t i = 0; i < dsp::kLanes; ++i) lanes[i] = x + static_cast<float>(i);
        for (std::size_t i = 0; i < dsp::kLanes; ++i) {
            CHECK(dsp::exp2(lanes)[i] == dsp::exp2(lanes[i]));
            CHECK(dsp::tanh(lanes)[i] == dsp::tanh(lanes[i]));
            CHECK(dsp::log2(dsp::abs(lanes) + 1.0f)[i] == dsp::log2(std::abs(lanes[i]) + 1.0f));
            CHECK(dsp::sin_turns(lanes * 0.03f)[i] == dsp::sin_turns(lanes[i] * 0.03f));
            CHECK(dsp::tan_pi(dsp::abs(lanes) * 0.03f)[i] ==
                  dsp::tan_pi(std::abs(lanes[i]) * 0.03f));
        }
    }
}
