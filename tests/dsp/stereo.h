#pragma once

#include "dsp/block.h"

#include "tests/support/signals.h"

#include <algorithm>
#include <cstring>

/// Whole stereo signals through block-wise units.
namespace chronus::test {

struct Stereo {
    Samples left, right;

    explicit Stereo(std::size_t frames) : left(frames), right(frames) {}
    explicit Stereo(Samples both) : left(both), right(std::move(both)) {}
    Stereo(Samples l, Samples r) : left(std::move(l)), right(std::move(r)) {}

    std::size_t frames() const { return left.size(); }
    StereoBlock block() { return {left, right}; }
    bool finite() const { return test::finite(left) && test::finite(right); }
    double peak() const { return std::max(test::peak(left), test::peak(right)); }
};

inline bool same_bits(const Samples &a, const Samples &b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}
inline bool same_bits(const Stereo &a, const Stereo &b) {
    return same_bits(a.left, b.left) && same_bits(a.right, b.right);
}

/// `f(begin, count)` over [0, frames) in pieces of `chunk`, cut at every tick as the engine does.
template <class F>
void in_pieces(std::size_t frames, std::size_t chunk, F &&f) {
    for (std::size_t begin = 0; begin < frames;) {
        const std::size_t to_tick = kTick - begin % kTick;
        const std::size_t count = std::min({chunk, to_tick, frames - begin});
        f(begin, count);
        begin += count;
    }
}

/// Through a unit that works in place.
template <class Unit>
Stereo through(Unit &unit, Stereo io, std::size_t chunk = kTick) {
    in_pieces(io.frames(), chunk, [&](std::size_t begin, std::size_t count) {
        unit.process(io.block().sub(begin, count));
    });
    return io;
}

/// What a send effect adds to silence.
template <class Unit>
Stereo returned(Unit &unit, Stereo in, std::size_t chunk = kTick) {
    Stereo out(in.frames());
    in_pieces(in.frames(), chunk, [&](std::size_t begin, std::size_t count) {
        unit.process(in.block().sub(begin, count), out.block().sub(begin, count));
    });
    return out;
}

inline Samples scaled(Samples x, float gain) {
    for (float &s : x) s *= gain;
    return x;
}

} // namespace chronus::test
