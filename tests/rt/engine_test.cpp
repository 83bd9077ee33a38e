#include "tests/support/rig.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <array>
#include <memory>
#include <vector>

using namespace chronus;
using test::Rig;
using test::scene;
using test::Stereo;
using test::track;

namespace {

/// Eight voices at work: every wave, the acid, both sends, LFOs.
Scene busy() {
    Scene s = scene({track("kick", 1, "X...x...", {55}), track("acid", 2, "Xx~.oX.x~", {110, 165}),
                     track("hat", 3, "..x."), track("bass", 4, "x__.o..x", {82.4f}),
                     track("pad", 5, "x_______________"), track("lead", 6, "x.x", {660, 880}),
                     track("noise", 7, "....X..."), track("tri", 8, "x..x.")},
                    133.7f, 0.25f);
    for (int v = 1; v <= 8; ++v) {
        const auto set = [&](const char *path, float value) {
            s.params.set(*find_param("voice" + std::to_string(v) + "/" + path), value);
        };
        set("osc/type", static_cast<float>(v % 7));
        set("send/reverb", 0.1f * static_cast<float>(v));
        set("send/delay", 0.05f * static_cast<float>(v));
        set("pan", 0.2f * static_cast<float>(v - 4));
        set("adsr/release", 0.05f * static_cast<float>(v));
        set("drive", v == 4 ? 0.5f : 0);
    }
    s.params.set(param("lfo1/depth"), 0.2f);
    s.params.set(param("lfo2/depth"), 0.3f);
    s.params.set(param("dist1/mix"), 0.3f);
    s.params.set(param("dist1/drive"), 0.4f);
    return s;
}

/// The same session of commands, whatever the blocks: each lands between two renders at a multiple
/// of 48000, which all the block sizes divide or overrun alike.
Stereo performance(std::size_t block) {
    Rig rig(busy());
    Stereo all;
    const auto play = [&](std::size_t frames) {
        const Stereo part = rig.render(frames, block);
        all.left.insert(all.left.end(), part.left.begin(), part.left.end());
        all.right.insert(all.right.end(), part.right.begin(), part.right.end());
    };
    REQUIRE(rig.session.start());
    play(48000);
    REQUIRE(rig.session.set(param("acid1/cutoff"), 3000));
    REQUIRE(rig.session.set(param("seq/bpm"), 90));
    play(48000);
    REQUIRE(rig.session.switch_to(scene({track("k", 1, "x.")}), Boundary::bar));
    REQUIRE(rig.session.gate(8, true));
    play(3 * 48000);
    REQUIRE(rig.session.panic());
    play(48000);
    return all;
}

} // namespace

TEST_CASE("engine: how a run is cut into blocks changes no bit", "[rt]") {
    const Stereo by_480 = performance(480);
    CHECK(by_480.peak() > 0.1f);
    for (const std::size_t block : {1u, 37u, 4096u, 48000u}) {
        INFO("block " << block);
        CHECK(performance(block) == by_480);
    }
}

TEST_CASE("engine: a kick at 120 BPM strikes every 6000 frames, each one equal", "[rt]") {
    Scene s = scene({track("kick", 1, "X", {55})});
    s.params.set(param("voice1/adsr/attack"), 0.001f);
    s.params.set(param("voice1/adsr/decay"), 0.03f);
    s.params.set(param("voice1/adsr/sustain"), 0);
    s.params.set(param("voice1/adsr/release"), 0.01f);
    Rig rig(s);
    REQUIRE(rig.session.start());
    const Stereo out = rig.render(60 * 48000);
    const auto onsets = test::onsets(out.left);
    REQUIRE(onsets.size() == 480);
    for (std::size_t n = 1; n < onsets.size(); ++n) CHECK(onsets[n] - onsets[n - 1] == 6000);
}

TEST_CASE("engine: silence until something is played", "[rt]") {
    Rig rig;
    CHECK(rig.render(48000).peak() == 0);
    REQUIRE(rig.session.start());
    CHECK(rig.render(48000).peak() == 0);
}

TEST_CASE("engine: a gate opens a voice and closes it, a stop closes all", "[rt]") {
    Rig rig;
    REQUIRE(rig.session.gate(1, true));
    CHECK(rig.render(24000).peak() > 0.05f);
    REQUIRE(rig.session.gate(1, false));
    rig.render(60000);
    CHECK(rig.render(4800).peak() < 1e-4f);
    REQUIRE(rig.session.gate(3, true));
    rig.render(4800);
    REQUIRE(rig.session.stop());
    rig.render(60000);
    CHECK(rig.render(4800).peak() < 1e-4f);
}

TEST_CASE("engine: 10 ms after a panic there is silence, whatever rang", "[rt]") {
    Scene s = busy();
    s.params.set(param("delay1/feedback"), 1.1f);
    s.params.set(param("reverb1/room"), 1);
    Rig rig(s);
    REQUIRE(rig.session.start());
    CHECK(rig.render(96000).peak() > 0.1f);
    REQUIRE(rig.session.panic());
    rig.render(480);
    CHECK(rig.render(96000).peak() < 1e-5f);
}

TEST_CASE("engine: a switch changes notes and filter on the bar line's frame", "[rt]") {
    const auto saw = [](const char *pattern, float cutoff) {
        Scene s = scene({track("saw", 1, pattern, {110})});
        s.params.set(param("voice1/osc/type"), 1);
        s.params.set(param("voice1/filter/freq"), cutoff);
        s.params.set(param("reverb1/mix"), 0);
        s.params.set(param("voice1/adsr/release"), 0.01f);
        return s;
    };
    const Scene dark = saw("x...x...x...x...", 200), bright = saw("x.x.x.x.x.x.x.x.", 12000);

    Rig rig(dark);
    REQUIRE(rig.session.start());
    rig.render(48000);
    REQUIRE(rig.session.switch_to(bright, Boundary::bar));
    CHECK(rig.session.switch_waits());
    const Stereo out = rig.render(96000);
    CHECK_FALSE(rig.session.switch_waits());

    // From the bar line on it is the bright scene started afresh, sample for sample.
    Rig fresh(bright);
    REQUIRE(fresh.session.start());
    const Stereo wanted = fresh.render(48000);
    const std::size_t delay = rig.session.engine().latency();
    float off = 0;
    for (std::size_t i = 2 * delay; i < 24000; ++i)
        off = std::max(off, std::abs(out.left[48000 + i] - wanted.left[i]));
    CHECK(off < 1e-3f);
    Frame frame = 0;
    rig.session.drain_reports([&](const Report &r) {
        if (const auto *a = std::get_if<SceneApplied>(&r); a != nullptr && a->switched)
            frame = a->frame;
    });
    CHECK(frame == 96000);
}

TEST_CASE("engine: a switch while stopped takes place at once", "[rt]") {
    Rig rig(scene({track("a", 1, "x")}));
    REQUIRE(rig.session.switch_to(scene({track("b", 2, "x")}, 99), Boundary::bar));
    rig.render(64);
    CHECK_FALSE(rig.session.switch_waits());
    CHECK(rig.session.get(param("seq/bpm")) == 99);
    CHECK(rig.session.find_track("b") != nullptr);
    CHECK(rig.session.find_track("a") == nullptr);
}

TEST_CASE("engine: a change made to music that was switched away goes down with it", "[rt]") {
    rt::MessageMail messages{64};
    Mailbox<Report> reports{64};
    std::vector<float> tape_memory(2 * 64), memory(rt::Engine::memory_needed({}));
    Tape tape{tape_memory};
    Telemetry telemetry;
    const auto before = std::make_unique<Scene>(), after = std::make_unique<Scene>();
    rt::Engine engine{
        {}, {messages.inbox(), reports.outbox(), tape, telemetry}, {&*before, 1}, memory};
    auto outbox = messages.outbox();
    REQUIRE(outbox.send({Switch{&*after, 2, Boundary::now}, 1}));
    REQUIRE(outbox.send({SetParam{param("voice1/amp"), 0.77f}, 0})); // still about the old scene
    REQUIRE(outbox.send({SetParam{param("voice1/pan"), 0.5f}, 1}));
    std::array<float, 64> left{}, right{};
    engine.render({left, right});
    CHECK(telemetry.outdated.load() == 1);
    CHECK(telemetry.lineage.load() == 1);
}

TEST_CASE("session: what is set right after a switch that does not wait is kept", "[rt]") {
    Rig rig(scene({track("a", 1, "x")}));
    REQUIRE(rig.session.switch_to(scene({track("b", 2, "x")}, 100), Boundary::bar)); // stopped
    REQUIRE(rig.session.set(param("voice1/amp"), 0.77f));
    rig.render(64);
    CHECK(rig.session.get(param("voice1/amp")) == 0.77f);
    CHECK(rig.session.telemetry().outdated.load() == 0);
    REQUIRE(rig.session.start());
    REQUIRE(rig.session.switch_to(scene({track("c", 3, "x")}), Boundary::bar));
    REQUIRE(rig.session.stop());
    REQUIRE(rig.session.set(param("voice1/amp"), 0.66f));
    rig.render(64);
    CHECK(rig.session.find_track("c") != nullptr);
    CHECK(rig.session.get(param("voice1/amp")) == 0.66f);
    CHECK(rig.session.telemetry().outdated.load() == 0);
}

TEST_CASE("engine: of two switches that wait, the later one plays", "[rt]") {
    Rig rig(scene({track("a", 1, "x")}));
    REQUIRE(rig.session.start());
    rig.render(64);
    REQUIRE(rig.session.switch_to(scene({track("b", 2, "x")}), Boundary::bar));
    REQUIRE(rig.session.switch_to(scene({track("c", 3, "x")}), Boundary::bar));
    rig.render(100000);
    CHECK(rig.session.find_track("c") != nullptr);
}

TEST_CASE("engine: a track overrides the voice's level only where it sets one", "[rt]") {
    const auto level = [](std::optional<float> of_track) {
        Track t = track("t", 1, "X_______________");
        t.gate = 16;
        t.amp = of_track;
        Scene s = scene({t});
        s.params.set(param("voice1/amp"), 0.8f);
        s.params.set(param("voice1/adsr/sustain"), 1);
        Rig rig(s);
        REQUIRE(rig.session.start());
        return rig.render(24000).peak(12000);
    };
    CHECK(level(0.2f) == Approx(0.25f * level(std::nullopt)).epsilon(0.01));
}

TEST_CASE("engine: the acid's envelope fires from the sequencer, and an accent opens it further",
          "[rt]") {
    const auto brightness = [](const char *pattern, float env) {
        Scene s = scene({track("acid", 2, pattern, {55})});
        s.params.set(param("voice2/osc/type"), 1);
        s.params.set(param("acid1/cutoff"), 200);
        s.params.set(param("acid1/env_amount"), env);
        s.params.set(param("acid1/cutoff_offset"), 2000);
        Rig rig(s);
        REQUIRE(rig.session.start());
        const Stereo out = rig.render(6000);
        double diff = 0, sum = 0; // energy of the slope against energy
        for (std::size_t i = 1; i < out.frames(); ++i) {
            diff += std::pow(static_cast<double>(out.left[i] - out.left[i - 1]), 2);
            sum += std::pow(static_cast<double>(out.left[i]), 2);
        }
        return diff / sum;
    };
    CHECK(brightness("x...", 4000) > 2 * brightness("x...", 0));
    CHECK(brightness("X...", 0) > 1.5 * brightness("x...", 0));
}

TEST_CASE("engine: LFO depth 0 moves nothing, an LFO on a cutoff moves it", "[rt]") {
    const auto render = [](float depth) {
        Scene s;
        s.params.set(param("voice2/osc/type"), 1);
        s.params.set(param("acid1/mix"), 0);
        s.params.set(param("lfo1/depth"), depth);
        s.params.set(param("lfo1/rate"), 4);
        Rig rig(s);
        REQUIRE(rig.session.gate(2, true));
        return rig.render(48000);
    };
    Scene without;
    without.params.set(param("voice2/osc/type"), 1);
    without.params.set(param("acid1/mix"), 0);
    without.params.set(param("lfo1/target"), -1);
    Rig rig(without);
    REQUIRE(rig.session.gate(2, true));
    CHECK(render(0) == rig.render(48000));
    CHECK(render(0.5f) != render(0));
}

TEST_CASE("engine: no sample passes the ceiling, whatever is asked", "[rt]") {
    Scene s = busy();
    for (int v = 1; v <= 8; ++v) s.params.set(*find_param("voice" + std::to_string(v) + "/amp"), 1);
    s.params.set(param("master/level"), 2);
    s.params.set(param("delay1/feedback"), 1.1f);
    s.params.set(param("delay1/mix"), 1);
    s.params.set(param("reverb1/mix"), 1);
    s.params.set(param("acid1/res"), 0.98f);
    s.params.set(param("master/ceiling"), -3);
    Rig rig(s);
    REQUIRE(rig.session.start());
    const float peak = rig.render(20 * 48000).peak();
    CHECK(peak <= std::pow(10.0f, -3.0f / 20) * 1.000001f);
    CHECK(peak > 0.5f);
}

TEST_CASE("engine: what is on the tape is what came out, from the tick it was asked for", "[rt]") {
    Rig rig(busy());
    REQUIRE(rig.session.start());
    REQUIRE(rig.session.tape(true));
    const Stereo out = rig.render(9600);
    std::vector<float> taped(2 * 9600);
    REQUIRE(rig.tape().read(taped) == 9600);
    for (std::size_t i = 0; i < 9600; ++i) REQUIRE(taped[2 * i] == out.left[i]);
}

TEST_CASE("engine: two sessions with the same seed and commands are equal, bit for bit", "[rt]") {
    CHECK(performance(256) == performance(256));
}
