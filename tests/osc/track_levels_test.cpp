#include "osc/track_levels.h"

#include "osc/feedback.h"
#include "tests/support/director_rig.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chronus::osc {

using test::answer_to;
using test::arg;
using test::DirectorRig;
using test::Rig;

namespace {

constexpr float kHz = 997; // where the ear's weighting is 0.691 dB, as much as BS.1770 takes off
constexpr double kRms_db = 3.0103;
const std::string kLong = "X" + std::string(255, '_'); // 32 s at 120 BPM

/// An engine whose voices hold sines of this level as long as their gates are open.
struct Sines {
    Rig rig{test::scene({})};

    explicit Sines(float level) {
        for (int voice = 1; voice <= 8; ++voice)
            for (const auto &[path, value] :
                 std::initializer_list<std::pair<const char *, float>>{{"filter/freq", 20000.0f},
                                                                       {"amp", level},
                                                                       {"adsr/attack", 0.001f},
                                                                       {"adsr/sustain", 1.0f}})
                REQUIRE(rig.session.set(*find_param("voice" + std::to_string(voice) + "/" + path),
                                        value));
        rig.session.watch(true);
    }
    void play(Track track) {
        track.base_freq = kHz;
        track.gate = 1;
        track.accent_boost = 0;
        REQUIRE(rig.session.put_track(std::move(track)));
    }
    SoundLevels after(double seconds, const char *track) {
        REQUIRE(rig.session.start());
        rig.render(static_cast<std::size_t>(seconds * 48000));
        return levels_of(*rig.session.find_track(track), rig.session);
    }
};

double db(double amplitude) { return 20 * std::log10(amplitude); }

/// Turns of a server as far as they are about levels, with somebody who is told what is new.
struct Loop {
    DirectorRig rig;
    Feedback feedback{rig.context, [this](const Peer &, std::span<const std::byte> bytes) {
                          const auto told = decode(bytes, kStreamLimits);
                          REQUIRE(told);
                          for (const auto &timed : *told) news.push_back(timed.message);
                          return true;
                      }};
    std::vector<Message> news;

    void run(double seconds) {
        for (double at = 0; at < seconds; at += 256.0 / 48000) {
            rig.run(1);
            rig.director.hear_levels();
            feedback.turn();
        }
    }
};

} // namespace

TEST_CASE("levels: a track of one held sine is as loud as theory says", "[osc]") {
    const float level = GENERATE(0.5f, 0.1f);
    Sines sines{level};
    sines.play(test::track("tone", 3, kLong));
    const SoundLevels levels = sines.after(4, "tone");
    CHECK(levels.rms_db == Approx(db(level) - kRms_db).margin(0.02));
    CHECK(levels.momentary_lufs == Approx(db(level) - kRms_db).margin(0.02));
    CHECK(levels.short_term_lufs == Approx(db(level) - kRms_db).margin(0.02));
    CHECK(levels.peak_db == Approx(db(level)).margin(0.02));
    CHECK(levels.true_peak_db == Approx(db(level)).margin(0.07)); // its filter's error
    CHECK(peak_of(*sines.rig.session.find_track("tone"), sines.rig.session) ==
          Approx(level).epsilon(0.01));
}

TEST_CASE("levels: the notes of a chord add up in power, its peak is the loudest one's", "[osc]") {
    Sines sines{0.1f};
    Track chord = test::track("chord", 3, kLong, {kHz, 1250, 1500});
    for (const std::size_t n : {1u, 2u}) chord.note_list[n].with_last = true;
    sines.play(chord);
    sines.play(test::track("tone", 1, kLong));
    const SoundLevels levels = sines.after(1, "chord");
    CHECK(voices_of(*sines.rig.session.find_track("chord"), sines.rig.session) == 0b11100);
    CHECK(levels.rms_db == Approx(db(0.1) - kRms_db + 10 * std::log10(3)).margin(0.05));
    CHECK(levels.peak_db == Approx(db(0.1)).margin(0.05));
    const SoundLevels beside = levels_of(*sines.rig.session.find_track("tone"), sines.rig.session);
    CHECK(beside.rms_db == Approx(db(0.1) - kRms_db).margin(0.05));
}

TEST_CASE("levels: tracks on one voice have it both, a track that is silent has none", "[osc]") {
    Sines sines{0.2f};
    sines.play(test::track("a", 1, kLong));
    sines.play(test::track("b", 1, "."));
    sines.play(test::track("c", 2, "."));
    sines.play(test::track("beyond", 9, kLong)); // of which this engine has none
    const SoundLevels a = sines.after(1, "a");
    CHECK(a.rms_db == Approx(db(0.2) - kRms_db).margin(0.05));
    CHECK(levels_of(*sines.rig.session.find_track("b"), sines.rig.session).rms_db == a.rms_db);
    for (const char *silent : {"c", "beyond"})
        CHECK(levels_of(*sines.rig.session.find_track(silent), sines.rig.session).rms_db == -200);
}

TEST_CASE("levels: a voice that is played by hand is its track's, but no chord's any more",
          "[osc]") {
    Sines sines{0.1f};
    Track chord = test::track("chord", 3, kLong, {kHz, 1250});
    chord.note_list[1].with_last = true;
    sines.play(chord);
    (void)sines.after(1, "chord");
    REQUIRE(sines.rig.session.gate(1, true));
    REQUIRE(sines.rig.session.gate(4, true));
    sines.rig.render(4800);
    CHECK(voices_of(*sines.rig.session.find_track("chord"), sines.rig.session) == 0b100);
}

TEST_CASE("levels: who asks first waits for 0.4 s of sound, who asks again is told at once",
          "[osc]") {
    Loop loop;
    loop.rig.say({"/seq/add", {"kick", "voice1", "X"}});
    loop.rig.say({"/seq/start"});
    loop.run(0.1);
    CHECK(answer_to(loop.rig.say({"/req", {"now", "/levels"}}), "/levels") == nullptr);
    loop.run(0.35);
    CHECK(answer_to(loop.rig.told(), "/levels") == nullptr);
    loop.run(0.1);
    const auto told = loop.rig.told();
    const Message *answer = answer_to(told, "/levels");
    REQUIRE(answer != nullptr);
    CHECK(arg(*answer, 1) == "levels of 1 track");
    CHECK(arg(*answer, 2) == "now");
    CHECK(arg(*answer, 5).starts_with(R"({"heard_s":0.4,"master":{"momentary":-)"));
    CHECK(arg(*answer, 5).find(R"("tracks":[{"name":"kick","voices":[1],"momentary":-)") !=
          std::string::npos);
    CHECK(answer_to(loop.rig.say({"/levels"}), "/levels") != nullptr);
    loop.run(11);
    CHECK_FALSE(loop.rig.session.telemetry().watched);
    CHECK(loop.rig.session.telemetry().voice_steps == 0);
    CHECK(answer_to(loop.rig.say({"/levels"}), "/levels") == nullptr);
}

TEST_CASE("levels: nobody waits where no sound comes, nor behind many others", "[osc]") {
    Loop loop;
    for (int n = 0; n < 64; ++n) CHECK(answer_to(loop.rig.say({"/levels"}), "/levels") == nullptr);
    const auto told = loop.rig.say({"/levels"});
    const Message *answer = answer_to(told, "/levels");
    REQUIRE(answer != nullptr);
    CHECK(arg(*answer, 5).starts_with(R"({"heard_s":0,)"));
    loop.rig.now_ns += 3'000'000'000; // and no block
    loop.rig.director.hear_levels();
    CHECK(loop.rig.told().size() == 64);
    loop.rig.director.hear_levels();
    CHECK(loop.rig.told().empty());
}

TEST_CASE("levels: subscribers are told of the master and of each track by name", "[osc]") {
    Loop loop;
    loop.rig.say({"/seq/add", {"kick", "voice1", "X"}});
    loop.rig.say({"/seq/add", {"hat", "voice2", "x"}});
    loop.rig.say({"/seq/start"});
    loop.rig.say({"/subscribe", {"/levels", 100.0f}});
    loop.run(0.3);
    for (const Message &m : loop.news) CHECK(m.address != "/levels");
    loop.run(1.2);
    const auto last = std::find_if(loop.news.rbegin(), loop.news.rend(),
                                   [](const Message &m) { return m.address == "/levels"; });
    REQUIRE(last != loop.news.rend());
    REQUIRE(last->args.size() == 18);
    CHECK(arg(*last, 0) == "");
    CHECK(arg(*last, 6) == "kick");
    CHECK(arg(*last, 12) == "hat");
    for (const std::size_t track : {0u, 6u, 12u})
        for (std::size_t n = 1; n <= 5; ++n) {
            const float level = std::get<float>(last->args[track + n]);
            CHECK(level > -60);
            CHECK(level < 0);
        }
    const auto times = std::ranges::count(loop.news, "/levels", &Message::address);
    CHECK(times >= 8);
    CHECK(times <= 12); // of 1.1 s, every 100 ms
}

} // namespace chronus::osc
