#include "engine/host/bounce.h"

#include "tests/support/rig.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

using namespace chronus;
using namespace chronus::test;

namespace {

Part part(const Scene &scene, std::uint32_t bars) {
    return {std::make_shared<const Scene>(scene), bars};
}

/// All of a performance, asked for `block` frames at a time.
Stereo whole(const std::vector<Part> &parts, Tail tail = {}, std::size_t block = 4096) {
    Bounce bounce({}, parts, tail);
    std::vector<float> left(block), right(block);
    Stereo out;
    while (const std::size_t count = bounce.render({left, right})) {
        out.left.insert(out.left.end(), left.data(), left.data() + count);
        out.right.insert(out.right.end(), right.data(), right.data() + count);
    }
    return out;
}

/// A sine of 10 ms on each hit, so that all before the next is silent.
Scene clicks(std::string_view pattern, float hz) {
    Scene s = scene({track("a", 1, pattern, {hz})});
    s.params.set(param("voice1/adsr/attack"), 0.001f);
    s.params.set(param("voice1/adsr/release"), 0.01f);
    return s;
}

constexpr std::size_t kBar = 96000; // frames at 120 BPM

} // namespace

TEST_CASE("bounce: what is heard live is what is bounced, less the delay of the engine", "[host]") {
    const Scene scene = clicks("X.x.o.xx", 330);
    Rig live(scene);
    (void)live.session.start();
    const std::size_t late = live.session.engine().latency();
    const Stereo heard = live.render(kBar + late);
    const Stereo bounced = whole({part(scene, 2)});
    REQUIRE(bounced.frames() > kBar);
    CHECK(std::equal(heard.left.begin() + static_cast<std::ptrdiff_t>(late), heard.left.end(),
                     bounced.left.begin()));
    CHECK(bounced.peak() > 0.05f);
}

TEST_CASE("bounce: blocks of any size make the same samples, and as many", "[host]") {
    const std::vector<Part> parts{part(clicks("X...x...", 200), 1), part(clicks("x..x", 300), 1)};
    const Stereo reference = whole(parts);
    CHECK(whole(parts, {}, 37) == reference);
    CHECK(whole(parts, {}, 48000) == reference);
}

TEST_CASE("bounce: without a tail it is as long as its bars", "[host]") {
    CHECK(whole({part(clicks("X...", 200), 3)}, {.most_s = 0}).frames() == 3 * kBar);
    Scene faster = clicks("X...", 200);
    faster.params.set(param("seq/bpm"), 150);
    const std::vector<Part> parts{part(clicks("X...", 200), 1), part(faster, 2)};
    CHECK(whole(parts, {.most_s = 0}).frames() == kBar + 2 * kBar * 120 / 150);
}

TEST_CASE("bounce: parts begin on their bar line, in their order", "[host]") {
    const std::vector<Part> parts{part(clicks("X...............", 200), 2),
                                  part(clicks("....X...........", 200), 1),
                                  part(clicks("........X.......", 200), 1)};
    const Stereo sound = whole(parts);
    const auto begins = onsets(sound.left);
    REQUIRE(begins.size() == 4);
    const std::vector<std::size_t> lines{0, kBar, 2 * kBar + kBar / 4, 3 * kBar + kBar / 2};
    for (std::size_t i = 0; i < 4; ++i) CHECK(begins[i] - begins[0] == lines[i]);
}

TEST_CASE("bounce: it rings on until half a second of silence, and not for ever", "[host]") {
    Scene echo = clicks("X...............", 400);
    echo.params.set(param("voice1/send/delay"), 1);
    echo.params.set(param("delay1/mix"), 1);
    echo.params.set(param("delay1/feedback"), 0.5f);
    const Stereo dying = whole({part(echo, 1)});
    const auto last = std::ranges::find_if(dying.left.rbegin(), dying.left.rend(),
                                           [](float x) { return std::abs(x) > 3.2e-5f; });
    CHECK(dying.frames() > kBar);
    CHECK(last - dying.left.rbegin() >= 24000 - 1);
    echo.params.set(param("delay1/feedback"), 1.1f);
    CHECK(whole({part(echo, 1)}, {.most_s = 3}).frames() == kBar + 3 * 48000);
}

TEST_CASE("bounce: tells on which frame each part begins, and the last one ends", "[host]") {
    Bounce bounce({}, {part(clicks("X...", 200), 1), part(clicks("x...", 200), 2)});
    std::vector<float> left(4096), right(4096);
    CHECK(bounce.lines().size() == 1);
    while (bounce.render({left, right}) > 0) {
    }
    CHECK(std::ranges::equal(bounce.lines(), std::vector<Frame>{0, kBar, 3 * kBar}));
    CHECK(bounce.render({left, right}) == 0);
}

TEST_CASE("bounce: of any number of parts only the next is in the mail", "[host]") {
    Scene fast = clicks("X...............", 200);
    fast.params.set(param("seq/bpm"), 300);
    const std::vector<Part> parts(1000, part(fast, 1));
    Bounce bounce({SampleRate{8000}}, parts, {.most_s = 0}); // bars of 6,400 frames
    std::vector<float> left(64000), right(64000);
    std::size_t frames = 0;
    while (const std::size_t count = bounce.render({left, right})) frames += count;
    CHECK(frames == 1000 * 6400);
    CHECK(bounce.lines().size() == 1001);
}
