#include "dsp/lfo.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace chronus;
using dsp::lfo_value;
using dsp::LfoShape;

TEST_CASE("lfo: shapes pass their marks", "[dsp]") {
    const auto at = [](LfoShape shape, float phase) { return lfo_value(shape, phase, 0, 0); };
    CHECK(at(LfoShape::sine, 0.0f) == 0.0f);
    CHECK(at(LfoShape::sine, 0.25f) == Approx(1));
    CHECK(at(LfoShape::sine, 0.75f) == Approx(-1));
    CHECK(at(LfoShape::triangle, 0.125f) == 0.5f);
    CHECK(at(LfoShape::triangle, 0.25f) == 1.0f);
    CHECK(at(LfoShape::triangle, 0.5f) == 0.0f);
    CHECK(at(LfoShape::triangle, 0.75f) == -1.0f);
    CHECK(at(LfoShape::saw, 0.0f) == -1.0f);
    CHECK(at(LfoShape::saw, 0.5f) == 0.0f);
    CHECK(at(LfoShape::square, 0.0f) == 1.0f);
    CHECK(at(LfoShape::square, 0.5f) == -1.0f);
}

TEST_CASE("lfo: no shape leaves [-1, 1]", "[dsp]") {
    const auto shape = GENERATE(LfoShape::sine, LfoShape::triangle, LfoShape::saw, LfoShape::square,
                                LfoShape::random);
    for (std::uint32_t i = 0; i < 10000; ++i) {
        const float y = lfo_value(shape, static_cast<float>(i) / 10000.0f, i, 3);
        REQUIRE((y >= -1.0f && y <= 1.0f));
    }
}

TEST_CASE("lfo: random holds for a cycle and is a function of seed and cycle alone", "[dsp]") {
    const auto at = [](float phase, std::uint32_t cycle, std::uint32_t seed) {
        return lfo_value(LfoShape::random, phase, cycle, seed);
    };
    CHECK(at(0.0f, 5, 1) == at(0.99f, 5, 1));
    CHECK(at(0.0f, 5, 1) != at(0.0f, 6, 1));
    CHECK(at(0.0f, 5, 1) != at(0.0f, 5, 2));
    double sum = 0, squares = 0;
    for (std::uint32_t cycle = 0; cycle < 10000; ++cycle) {
        const double y = static_cast<double>(at(0, cycle, 9));
        sum += y, squares += y * y;
    }
    CHECK(std::abs(sum / 10000) < 0.02);                    // even: mean 0 ...
    CHECK(squares / 10000 == Approx(1.0 / 3).margin(0.01)); // ... and variance 1/3
}
