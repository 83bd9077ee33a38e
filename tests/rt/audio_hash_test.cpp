#include "engine/rt/audio_hash.h"

#include "tests/rt/bench.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <set>
#include <utility>

using namespace chronus;

namespace {

using Tick = std::array<std::array<float, kTick>, 2>;

Tick noise(std::uint32_t seed) {
    Tick out{};
    for (auto &channel : out)
        for (float &sample : channel)
            sample =
                static_cast<float>((seed = seed * 1664525 + 1013904223) >> 8) / 16777216 - 0.5f;
    return out;
}

std::uint64_t hash_of(Tick tick) {
    rt::AudioHash hash;
    hash.add({tick[0], tick[1]});
    return hash.take();
}

} // namespace

TEST_CASE("audio hash: any bit of any sample counts, and so does its place", "[rt]") {
    const Tick sound = noise(1);
    std::set<std::uint64_t> seen{hash_of(sound)};
    std::size_t changes = 1;
    for (std::size_t side = 0; side < 2; ++side)
        for (std::size_t i = 0; i < kTick; ++i)
            for (int bit = 0; bit < 32; ++bit, ++changes) {
                Tick other = sound;
                const auto bits = std::bit_cast<std::uint32_t>(other[side][i]) ^ 1u << bit;
                other[side][i] = std::bit_cast<float>(bits);
                seen.insert(hash_of(other));
            }
    Tick turned = sound, swapped = sound, sides{sound[1], sound[0]};
    for (auto &channel : turned)
        for (float &sample : channel) sample = -sample;
    std::swap(swapped[0][3], swapped[0][11]);
    for (const Tick &other : {turned, swapped, sides}) seen.insert(hash_of(other)), ++changes;
    CHECK(seen.size() == changes);
    CHECK(hash_of(sound) == hash_of(noise(1)));
}

TEST_CASE("audio hash: one a second, of what was heard in it, in blocks of any size", "[rt]") {
    const auto hashes = [](std::size_t block) {
        test::Bench bench(test::scene({test::track("a", 1, "X.x.")}));
        bench.send(Message{Transport::start});
        bench.render(3 * 48000, block);
        std::vector<std::pair<Frame, std::uint64_t>> out;
        for (const SecondOver &second : bench.reported<SecondOver>())
            out.emplace_back(second.frame, second.hash);
        return out;
    };
    const auto told = hashes(256);
    REQUIRE(told.size() == 3);
    CHECK(told[0].first == 48000);
    CHECK(told[2].first == 3 * 48000);
    CHECK(told[0].second != told[1].second);
    CHECK(hashes(37) == told);
}
