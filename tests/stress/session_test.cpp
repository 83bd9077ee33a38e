#include "tests/stress/long_enough.h"
#include "tests/support/duet.h"
#include "tests/support/random_player.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace chronus;

namespace {

/// The engine, and whether all that came out of it was fit to be heard.
struct Listener {
    rt::Engine &engine;
    std::uint64_t unfit = 0;

    void render(StereoBlock out) noexcept {
        engine.render(out);
        for (const auto &channel : {out.left, out.right})
            for (const float x : channel)
                if (!(std::abs(x) <= 1)) ++unfit;
    }
};

struct Unguarded {
    Unguarded() {}
};

} // namespace

TEST_CASE("session and engine on two threads: what is lent stays, what is shown is whole") {
    const test::LongEnough enough;
    for (std::uint64_t seed = 1; !enough; ++seed) {
        INFO("seed " << seed);
        std::vector<float> memory(2 * 4096), taped(512);
        Tape tape(memory);
        Session session({.voices = static_cast<std::uint16_t>(seed % 2 == 0 ? 8 : 13)}, tape);
        test::RandomPlayer player(session, seed);
        player.make_noise();
        Listener listener{session.engine()};
        const Telemetry &shown = session.telemetry();
        Frame frame = 0;
        std::uint32_t lineage = 0;
        std::uint64_t went_back = 0, reports = 0, out_of_range = 0;
        test::duet<Unguarded>(
            render_call_of(listener), 48000, [] {},
            [&] {
                player.act();
                tape.read(taped);
                session.drain_reports([&](const Report &) { ++reports; });
                const std::uint32_t now_lineage = shown.lineage.load(std::memory_order_acquire);
                const Frame now = shown.frame.load(std::memory_order_acquire);
                if (now < frame || now_lineage < lineage) ++went_back;
                frame = now;
                lineage = now_lineage;
                for (const auto &peak : shown.voice_peaks)
                    if (!(peak.load() >= 0 && peak.load() < 100)) ++out_of_range;
            });
        CHECK(listener.unfit == 0);
        CHECK(went_back == 0);
        CHECK(out_of_range == 0);
        CHECK(shown.heals == 0);
        CHECK(reports > 0);
        CHECK(shown.frame >= 48000);
    }
}
