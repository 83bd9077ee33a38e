#include "osc/arrival_stats.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>
#include <vector>

using namespace chronus::osc;

namespace {

/// Plain messages on a pulse, each off by a normal deviation, the same every time.
class Player {
public:
    explicit Player(ArrivalStats &stats) : stats_(stats) {}

    void play(double at, double jitter = 0) {
        std::normal_distribution<double> off{0, 1};
        stats_.packet(40, 1);
        stats_.plain(std::llround(1e9 * (100 + at + jitter * off(random_))));
    }
    void pulse(double period, int count, double jitter = 0) {
        for (int n = 0; n < count; ++n) play(period * n, jitter);
    }

private:
    ArrivalStats &stats_;
    std::mt19937 random_{1};
};

void bundles(ArrivalStats &stats, int count, double slack) {
    for (; count > 0; --count) stats.bundle(slack);
}

} // namespace

TEST_CASE("arrival stats: numbers in short are mean, deviation and ends", "[osc]") {
    const std::vector<float> numbers{2, 4, 4, 4, 5, 5, 7, 9};
    const Summary got = summary_of(numbers);
    CHECK(got.count == 8);
    CHECK(got.mean == Approx(5));
    CHECK(got.deviation == Approx(2));
    CHECK(got.least == 2);
    CHECK(got.most == 9);
    CHECK(summary_of({}).count == 0);
    CHECK(summary_of({}).mean == 0);
}

TEST_CASE("arrival stats: packets, messages, bytes and drops are counted", "[osc]") {
    ArrivalStats stats;
    stats.packet(40, 1);
    stats.packet(400, 12);
    stats.dropped(7);
    CHECK(stats.packets() == 2);
    CHECK(stats.messages() == 13);
    CHECK(stats.bytes() == 440);
    CHECK(stats.drops() == 7);
}

TEST_CASE("arrival stats: gaps are from one gesture to the next, pauses left out", "[osc]") {
    ArrivalStats stats;
    Player player{stats};
    // A chord of three, half a second, a chord, a pause of 2 s, a message, 0.25 s, a message.
    for (const double at : {0.0, 0.0004, 0.0012, 0.5, 0.5009, 2.5, 2.75}) player.play(at);
    const Summary gaps = stats.gaps();
    CHECK(gaps.count == 2);
    CHECK(gaps.least == Approx(0.25));
    CHECK(gaps.most == Approx(0.5));
    CHECK(gaps.mean == Approx(0.375));
    CHECK(gaps.deviation == Approx(0.125));
}

TEST_CASE("arrival stats: messages told out of order do no harm", "[osc]") {
    ArrivalStats stats;
    for (const std::int64_t ns : {1'000'000'000, 1'100'000'000, 1'050'000'000, 1'200'000'000})
        stats.plain(ns);
    CHECK(stats.gaps().least > 0);
    CHECK(stats.gaps().most < 0.2);
}

TEST_CASE("arrival stats: jitter is that of the gaps, whatever the rhythm", "[osc]") {
    // Two moments off by s each make gaps off by s times the square root of 2.
    const double s = 0.003, expected = s * std::sqrt(2.0);
    ArrivalStats even, rhythm;
    Player{even}.pulse(0.125, 300, s);
    Player player{rhythm};
    double at = 0;
    for (int n = 0; n < 300; ++n) player.play(at += 0.125 * (n % 3 + 1), s);
    for (const ArrivalStats *stats : {&even, &rhythm}) {
        REQUIRE(stats->jitter());
        CHECK(stats->jitter()->deviation == Approx(expected).epsilon(0.15)); // 256 gaps: 4 % likely
        CHECK(stats->jitter()->most > 2 * expected);
        CHECK(stats->jitter()->most < 5 * expected);
    }
    CHECK(rhythm.gaps().deviation > 0.09); // which is rhythm, and would be no jitter
}

TEST_CASE("arrival stats: an even pulse has no jitter, free playing none that is known", "[osc]") {
    ArrivalStats even, free, few;
    Player{even}.pulse(0.1, 100);
    REQUIRE(even.jitter());
    CHECK(even.jitter()->deviation < 1e-6);
    Player player{free};
    std::mt19937 random{1};
    std::uniform_real_distribution<double> any{0.05, 0.5};
    double at = 0;
    for (int n = 0; n < 300; ++n) player.play(at += any(random));
    CHECK_FALSE(free.jitter());
    Player{few}.pulse(0.1, 16);
    CHECK_FALSE(few.jitter());
}

TEST_CASE("arrival stats: what was mended is forgotten", "[osc]") {
    ArrivalStats stats;
    bundles(stats, 300, -0.5);
    CHECK(stats.late() == 256);
    bundles(stats, 256, 0.01);
    CHECK(stats.late() == 0);
    CHECK(stats.slack().least == Approx(0.01));
}

TEST_CASE("arrival stats: a slack that is no number is not taken", "[osc]") {
    ArrivalStats stats;
    stats.bundle(std::nan(""));
    stats.bundle(-INFINITY);
    CHECK(stats.slack().count == 0);
}

TEST_CASE("advice: bundles a little late want more latency, as much as the latest needs", "[osc]") {
    ArrivalStats stats;
    bundles(stats, 97, 0.002);
    bundles(stats, 2, -0.004);
    bundles(stats, 1, -0.0085);
    CHECK(advice(stats, 3) == "raise --latency to 12 ms: 3 % of its bundles come up to 9 ms late");
    CHECK(advice(stats, 0).starts_with("raise --latency to 9 ms"));
}

TEST_CASE("advice: what is taken helps - so much later, nothing is late", "[osc]") {
    std::mt19937 random{1};
    std::normal_distribution<double> lateness{0.002, 0.005};
    ArrivalStats before, after;
    std::vector<double> slacks;
    for (int n = 0; n < 200; ++n) slacks.push_back(-lateness(random));
    for (const double slack : slacks) before.bundle(slack);
    const std::string said = advice(before, 5);
    REQUIRE(said.starts_with("raise --latency to "));
    const double latency_ms = std::stod(said.substr(19));
    for (const double slack : slacks) after.bundle(slack + 0.001 * (latency_ms - 5));
    CHECK(after.late() == 0);
    CHECK(advice(after, latency_ms) == "nothing to do: it is on time");
}

TEST_CASE("advice: bundles far too late are to be sent earlier, or by a better clock", "[osc]") {
    ArrivalStats slow, wrong;
    bundles(slow, 50, 0.1);
    bundles(slow, 50, -0.25);
    CHECK(advice(slow, 5) ==
          "let it send its bundles 250 ms earlier: 50 % of its bundles come up to 250 ms late");
    bundles(wrong, 50, -3.2);
    CHECK(advice(wrong, 5) ==
          "its clock is 3.2 s behind this machine's: set both by NTP, or take the time from /time");
}

TEST_CASE("advice: jitter of plain messages wants time tags, far enough ahead for the worst",
          "[osc]") {
    ArrivalStats stats;
    Player{stats}.pulse(0.125, 300, 0.003);
    const std::string said = advice(stats, 5);
    CHECK(said.starts_with("plain messages arrive with 4."));
    const auto at = said.find("time tags ");
    REQUIRE(at != said.npos);
    CHECK(std::stod(said.substr(at + 10)) >= 1000 * stats.jitter()->most);
    CHECK(std::stod(said.substr(at + 10)) <= 25);
}

TEST_CASE("advice: what was dropped comes first", "[osc]") {
    ArrivalStats stats;
    bundles(stats, 50, -0.01);
    stats.dropped(1234);
    CHECK(advice(stats, 5) == "1234 of its packets were dropped, for they came too fast: let it "
                              "put several messages into one bundle");
    for (int n = 0; n < 1234 * 1000; ++n) stats.packet(40, 1);
    CHECK(advice(stats, 5).starts_with("raise --latency")); // long ago
}

TEST_CASE("advice: good timing wants nothing, and little is no ground for any", "[osc]") {
    ArrivalStats good, early, silent;
    Player{good}.pulse(0.125, 300, 0.0002);
    CHECK(advice(good, 5) == "nothing to do: it is on time");
    bundles(early, 100, 0.02);
    CHECK(advice(early, 5) == "nothing to do: it is on time");
    CHECK(advice(silent, 5) == "nothing to say yet: 0 messages, and no even pulse among them");
    bundles(silent, 7, -0.001);
    CHECK(advice(silent, 5).starts_with("nothing to say yet"));
}
