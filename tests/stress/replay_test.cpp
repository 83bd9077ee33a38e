#include "engine/host/replay.h"

#include "tests/stress/long_enough.h"
#include "tests/support/duet.h"
#include "tests/support/keeper.h"
#include "tests/support/random_player.h"

#include <catch2/catch.hpp>

#include <array>
#include <vector>

using namespace chronus;

namespace {

struct Unguarded {
    Unguarded() {}
};

/// Now, soon, too late, or on a line of the music.
void stamp_somehow(Session &session, test::Chance &chance) {
    const Frame now = session.telemetry().frame.load();
    const Wait wait = chance.one_in(3) ? Wait::aside : Wait::in_line;
    switch (chance.below(8)) {
    case 0:
    case 1:
        return session.stamp({}, Wait::in_line);
    case 2:
    case 3:
    case 4:
        return session.stamp(When::frame(now + chance.below(2000)), wait);
    case 5:
    case 6:
        return session.stamp(When::frame(now - std::min<Frame>(now, chance.below(500))), wait);
    default:
        return session.stamp(When::step(session.telemetry().step.load() + chance.below(6)),
                             Wait::aside);
    }
}

std::vector<SecondOver> replayed(const SessionConfig &config, const test::Keeper &kept,
                                 std::size_t block) {
    Replay replay(config, kept.doings());
    std::array<float, 1024> left{}, right{};
    while (replay.now() < kept.seconds().back().frame)
        replay.render({std::span{left}.first(block), std::span{right}.first(block)});
    const auto seconds = replay.seconds().first(kept.seconds().size());
    return {seconds.begin(), seconds.end()};
}

} // namespace

TEST_CASE("replay: what two threads did by chance sounds the same again, to the bit") {
    const test::LongEnough enough;
    for (std::uint64_t seed = 1; !enough; ++seed) {
        INFO("seed " << seed);
        std::vector<float> memory(2 * 4096), taped(512);
        Tape tape(memory);
        Session session({.voices = static_cast<std::uint16_t>(seed % 2 == 0 ? 8 : 13)}, tape);
        test::Keeper kept(session);
        test::RandomPlayer player(session, seed);
        player.make_noise();
        test::duet<Unguarded>(
            render_call_of(session.engine()), Frame{4} * 48000, [] {},
            [&] {
                stamp_somehow(session, player.chance());
                if (!player.chance().one_in(4)) player.act();
                tape.read(taped);
                session.drain_reports([&](const Report &report) { kept.hear(report); });
            });
        session.drain_reports([&](const Report &report) { kept.hear(report); });
        REQUIRE(session.telemetry().unreported == 0);
        REQUIRE(kept.seconds().size() >= 4);
        const auto again = replayed(session.config(), kept, seed % 2 == 0 ? 1024 : 37);
        REQUIRE(again.size() == kept.seconds().size());
        for (std::size_t s = 0; s < again.size(); ++s) {
            INFO("second " << s);
            CHECK(again[s].frame == kept.seconds()[s].frame);
            CHECK(again[s].hash == kept.seconds()[s].hash);
        }
    }
}
