#include "engine/model/tape.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace chronus;

namespace {

/// A tape of 64 frames, and frames that count on from one another.
struct Machine {
    std::vector<float> memory = std::vector<float>(2 * 64);
    Tape tape{memory};
    float next = 1;

    void write(std::size_t frames) {
        std::vector<float> left(frames), right(frames);
        for (std::size_t i = 0; i < frames; ++i) {
            left[i] = next++;
            right[i] = -left[i];
        }
        tape.write({left, right});
    }
    std::vector<float> read(std::size_t frames) {
        std::vector<float> out(2 * frames);
        out.resize(2 * tape.read(out));
        return out;
    }
};

std::vector<float> interleaved(float first, std::size_t frames) {
    std::vector<float> out;
    for (std::size_t i = 0; i < frames; ++i) {
        out.push_back(first + static_cast<float>(i));
        out.push_back(-out.back());
    }
    return out;
}

} // namespace

TEST_CASE("tape: what was written is read in order, left before right") {
    Machine m;
    CHECK(m.read(10).empty());
    m.write(5);
    CHECK(m.read(3) == interleaved(1, 3));
    m.write(4);
    CHECK(m.read(100) == interleaved(4, 6));
    CHECK(m.read(100).empty());
    CHECK(m.tape.lost() == 0);
}

TEST_CASE("tape: the ring's end is nothing special") {
    Machine m;
    float at = 1;
    for (int n = 0; n < 100; ++n) {
        m.write(37);
        REQUIRE(m.read(37) == interleaved(at, 37));
        at += 37;
    }
    CHECK(m.tape.lost() == 0);
}

TEST_CASE("tape: the ring is used to its last frame; what does not fit is lost from the end") {
    Machine m;
    m.write(60);
    m.write(10);
    CHECK(m.tape.lost() == 6);
    m.write(3);
    CHECK(m.tape.lost() == 9);
    CHECK(m.read(100) == interleaved(1, 64));
    m.write(2);
    CHECK(m.read(100) == interleaved(74, 2));
    CHECK(m.tape.lost() == 9);
}

TEST_CASE("tape: nothing written and nothing asked for is nothing done") {
    Machine m;
    m.write(0);
    CHECK(m.read(0).empty());
    m.write(1);
    CHECK(m.read(0).empty());
    CHECK(m.read(1) == interleaved(1, 1));
}
