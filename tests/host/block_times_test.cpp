#include "engine/host/block_times.h"

#include "engine/host/host_clock.h"
#include "engine/host/render_call.h"
#include "tests/support/hand_device.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <numeric>

using namespace chronus;

namespace {

/// Takes so long for a block, by the clock that measures it.
struct Slow {
    std::int64_t takes_ns = 0;
    void render(StereoBlock) noexcept {
        const std::int64_t end = monotonic_ns() + takes_ns;
        while (monotonic_ns() < end) {
        }
    }
};

std::uint64_t sum(const BlockTimes &times) {
    return std::accumulate(times.counts.begin(), times.counts.end(), std::uint64_t{0});
}

} // namespace

TEST_CASE("block times: a share is counted up to the first end that it does not pass", "[host]") {
    CHECK(BlockTimes::index_of(0) == 0);
    for (std::size_t n = 0; n < BlockTimes::kEnds.size(); ++n) {
        CHECK(BlockTimes::index_of(BlockTimes::kEnds[n]) == n);
        CHECK(BlockTimes::index_of(std::nextafter(BlockTimes::kEnds[n], 1e9f)) == n + 1);
    }
    CHECK(BlockTimes::index_of(1e9f) == BlockTimes::kCounts - 1);
}

TEST_CASE("block times: every block is counted once, a late one as one", "[host]") {
    test::HandDevice device(256); // 5.3 ms
    Slow engine;
    device.start({.call = render_call_of(engine)});
    for (int n = 0; n < 20; ++n) device.turn(monotonic_ns());
    BlockTimes quick;
    device.meter().times.add_to(quick);
    CHECK(sum(quick) == 20);

    engine.takes_ns = 8'000'000; // 1.5 blocks at the least
    device.turn(monotonic_ns());
    BlockTimes times;
    device.meter().times.add_to(times);
    CHECK(sum(times) == 21);
    CHECK(times.longest >= 1.5f);
    const std::uint64_t late = times.counts[BlockTimes::kCounts - 2] + times.counts.back();
    CHECK(late == device.meter().late); // whatever the machine did meanwhile
    CHECK(late >= 1);
}
