#include "engine/rt/segments.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace chronus;
using rt::Event;

namespace {

struct Run {
    std::uint32_t begin, end;
    std::size_t events;
    friend bool operator==(const Run &, const Run &) = default;
};

std::vector<Run> runs(std::uint32_t frames, const std::vector<std::uint32_t> &at) {
    std::vector<Event> events;
    for (const std::uint32_t frame : at) events.push_back({.frame = frame});
    std::vector<Run> out;
    rt::for_each_segment(frames, events, [&](auto begin, auto end, auto now) {
        for (const Event &e : now) CHECK(e.frame == begin);
        out.push_back({begin, end, now.size()});
    });
    return out;
}

} // namespace

TEST_CASE("segments: a tick without events is one run") {
    CHECK(runs(32, {}) == std::vector<Run>{{0, 32, 0}});
    CHECK(runs(0, {}).empty());
}

TEST_CASE("segments: runs are cut where events fall, and get those of their first frame") {
    CHECK(runs(32, {0}) == std::vector<Run>{{0, 32, 1}});
    CHECK(runs(32, {31}) == std::vector<Run>{{0, 31, 0}, {31, 32, 1}});
    CHECK(runs(32, {0, 0, 7, 7, 7, 20}) == std::vector<Run>{{0, 7, 2}, {7, 20, 3}, {20, 32, 1}});
}

TEST_CASE("segments: whatever falls where, the runs touch and no event is lost") {
    for (unsigned pattern = 0; pattern < 1u << 10; ++pattern) {
        std::vector<std::uint32_t> at;
        for (std::uint32_t bit = 0; bit < 10; ++bit)
            if ((pattern >> bit & 1) != 0) at.push_back(bit / 2 * 7); // up to two a frame
        std::uint32_t next = 0;
        std::size_t events = 0;
        for (const Run &run : runs(32, at)) {
            CHECK(run.begin == next);
            CHECK(run.end > run.begin);
            next = run.end;
            events += run.events;
        }
        CHECK(next == 32);
        CHECK(events == at.size());
    }
}
