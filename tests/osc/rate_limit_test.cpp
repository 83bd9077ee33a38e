#include "osc/rate_limit.h"
#include "osc/reply_budget.h"

#include <catch2/catch.hpp>

using namespace chronus;
using namespace chronus::osc;

namespace {

constexpr std::size_t kMessage = 40; // bytes of a parameter's message

Peer local(std::uint16_t port) { return {.ip = {127, 0, 0, 1}, .port = port}; }
/// Machine n elsewhere.
Peer remote(std::uint32_t n, std::uint16_t port = 9000) {
    const auto byte = [n](int shift) { return static_cast<std::uint8_t>(n >> shift & 0xff); };
    return {.ip = {10, byte(16), byte(8), byte(0)}, .port = port};
}

/// How many of `count` packets at one moment get through.
std::int64_t admitted(RateLimit &limit, const Peer &from, Trust trust, std::int64_t count,
                      std::int64_t now_ms, std::size_t bytes = kMessage) {
    std::int64_t through = 0;
    for (; count > 0; --count) through += limit.admit(from, trust, bytes, now_ms) ? 1 : 0;
    return through;
}

} // namespace

TEST_CASE("rate limit: 200,000 messages a second from loopback all pass", "[osc]") {
    RateLimit limit;
    const std::int64_t turn_ms = GENERATE(1, 10, 250); // how long the control thread was away
    std::int64_t through = 0;
    for (std::int64_t now = 0; now < 2000; now += turn_ms)
        through += admitted(limit, local(1), Trust::local, 200 * turn_ms, now);
    CHECK(through == 400'000);
    CHECK(limit.dropped() == 0);
    CHECK(limit.report(5000).empty());
}

TEST_CASE("rate limit: after a pause the burst passes, then the rate, to the packet", "[osc]") {
    RateLimit limit;
    const RateLimits limits;
    CHECK(admitted(limit, remote(1), Trust::proven, 10'000, 0) == limits.proven.packets_at_once);
    CHECK(admitted(limit, remote(1), Trust::proven, 10'000, 1000) == limits.proven.packets_s);
    std::int64_t steadily = 0;
    for (std::int64_t now = 1001; now <= 3000; ++now)
        steadily += admitted(limit, remote(1), Trust::proven, 10, now);
    CHECK(steadily == 2 * limits.proven.packets_s);
    CHECK(admitted(limit, remote(1), Trust::proven, 10'000, 60'000) ==
          limits.proven.packets_at_once);
}

TEST_CASE("rate limit: large packets are as limited as many", "[osc]") {
    RateLimit limit;
    const RateLimits limits;
    constexpr std::size_t kLarge = 8192;
    const auto large = static_cast<std::int64_t>(kLarge);
    CHECK(admitted(limit, remote(1), Trust::proven, 4000, 0, kLarge) ==
          limits.proven.bytes_at_once / large);
    CHECK(admitted(limit, remote(2), Trust::stranger, 100, 0, kLarge) ==
          limits.stranger.bytes_at_once / large);
}

TEST_CASE("rate limit: a packet that is dropped costs nothing", "[osc]") {
    RateLimit limit({.proven = {10, 10, 1000, 1000}});
    CHECK_FALSE(limit.admit(remote(1), Trust::proven, 1001, 0));
    CHECK(admitted(limit, remote(1), Trust::proven, 10, 0, 100) == 10);
}

TEST_CASE("rate limit: a clock that goes back or leaps gives nothing away", "[osc]") {
    RateLimit limit({.proven = {10, 10, 1000, 1000}});
    CHECK(admitted(limit, remote(1), Trust::proven, 20, 5000, 1) == 10);
    CHECK(admitted(limit, remote(1), Trust::proven, 20, 0, 1) == 0);
    CHECK(admitted(limit, remote(1), Trust::proven, 20, 5000, 1) == 0);
    CHECK(admitted(limit, remote(1), Trust::proven, 20, std::int64_t{1} << 60, 1) == 10);
}

TEST_CASE("rate limit: a client that floods is limited alone", "[osc]") {
    RateLimit limit({.local = {100, 100, 10'000, 10'000}});
    CHECK(admitted(limit, local(1), Trust::local, 1000, 0) == 100);
    CHECK(admitted(limit, local(2), Trust::local, 100, 0) == 100);
}

TEST_CASE("rate limit: all ports of a strange machine count as one, and a /64 as one machine",
          "[osc]") {
    RateLimit limit({.stranger = {10, 10, 10'000, 10'000}});
    std::int64_t through = 0;
    for (std::uint16_t port = 1; port <= 100; ++port)
        through += admitted(limit, remote(1, port), Trust::stranger, 1, 0);
    CHECK(through == 10);
    through = 0;
    for (std::uint8_t host = 1; host <= 100; ++host) {
        Peer peer{.ip = {0x20, 1, 0xd, 0xb8}, .port = 9, .v6 = true};
        peer.ip[15] = host;
        through += admitted(limit, peer, Trust::stranger, 1, 0);
    }
    CHECK(through == 10);
}

TEST_CASE("rate limit: a flood under made-up addresses drowns strangers and nobody else", "[osc]") {
    RateLimit limit;
    const RateLimits limits;
    std::int64_t through = 0;
    for (std::uint32_t n = 0; n < 200'000; ++n)
        through += admitted(limit, remote(n), Trust::stranger, 1, n / 100); // 2 s
    CHECK(through <= limits.strangers.packets_at_once + 2 * limits.strangers.packets_s);
    CHECK(admitted(limit, remote(7), Trust::proven, 1000, 2000) == 1000);
    CHECK(admitted(limit, local(1), Trust::local, 1000, 2000) == 1000);
}

TEST_CASE("rate limit: a known stranger keeps its place when others come in masses", "[osc]") {
    RateLimit limit({.stranger = {10, 10, 10'000, 10'000},
                     .strangers = {1'000'000, 1'000'000, 100'000'000, 100'000'000},
                     .sources = 8});
    std::int64_t theirs = 0, known = 0;
    for (std::int64_t now = 0; now < 5000; now += 100) {
        known += admitted(limit, remote(1), Trust::stranger, 1, now);
        for (std::uint32_t n = 2; n < 1000; ++n)
            theirs += admitted(limit, remote(n), Trust::stranger, 1, now);
    }
    CHECK(known == 50);
    // Each of 8 places lets a newcomer in once it has been silent for a packet's time, 100 ms; the
    // rest share one place of 10 a second.
    CHECK(theirs <= 50 * 8 + 10 + 5 * 10);
}

TEST_CASE("rate limit: drops are reported once a second for each source", "[osc]") {
    RateLimit limit;
    CHECK(admitted(limit, remote(1), Trust::proven, 5234, 0) == 4000);
    CHECK(admitted(limit, remote(2), Trust::proven, 4001, 500) == 4000);
    CHECK(limit.report(999).empty());
    const auto drops = limit.report(1000);
    REQUIRE(drops.size() == 2);
    CHECK(drops[0].peer == remote(2));
    CHECK(drops[0].packets == 1);
    CHECK(drops[0].text() ==
          "rate: 1 packet dropped in the last second; limit 2,000 packets/s and 4,000 kB/s");
    CHECK(drops[1].peer == remote(1));
    CHECK(drops[1].text() ==
          "rate: 1,234 packets dropped in the last second; limit 2,000 packets/s and 4,000 kB/s");
    CHECK(limit.report(1000).empty());
    CHECK(limit.report(3000).empty());
    CHECK(limit.dropped() == 1235);
    CHECK(admitted(limit, remote(1), Trust::proven, 10'000, 3000) < 10'000);
    CHECK(limit.report(3500).empty());
    CHECK(limit.report(4000).size() == 1);
}

TEST_CASE("rate limit: many strangers are one line of the log", "[osc]") {
    RateLimit limit({.stranger = {1, 1, 1000, 1000}});
    for (std::uint32_t n = 0; n < 16; ++n) admitted(limit, remote(n), Trust::stranger, 3, 0);
    CHECK(limit.report(1000).size() == 16);
    for (std::uint32_t n = 0; n < 17; ++n) admitted(limit, remote(n), Trust::stranger, 3, 5000);
    const auto drops = limit.report(6000);
    REQUIRE(drops.size() == 1);
    CHECK_FALSE(drops[0].peer);
    CHECK(drops[0].packets == 2 * 17);
}

TEST_CASE("rate limit: those who share a place are not blamed for each other", "[osc]") {
    RateLimit limit({.local = {1, 1, 1000, 1000}, .sources = 1});
    CHECK(limit.admit(local(1), Trust::local, 1, 0));
    CHECK(limit.admit(local(2), Trust::local, 1, 0)); // in the place of the rest
    CHECK_FALSE(limit.admit(local(3), Trust::local, 1, 0));
    CHECK_FALSE(limit.admit(local(4), Trust::local, 1, 0));
    const auto drops = limit.report(1000);
    REQUIRE(drops.size() == 1);
    CHECK_FALSE(drops[0].peer);
}

TEST_CASE("reply budget: a stranger is sent one packet of three times its bytes, others all",
          "[osc]") {
    ReplyBudget stranger(Trust::stranger, 40);
    CHECK_FALSE(stranger.take(121));
    CHECK(stranger.allows(120));
    CHECK(stranger.take(100));
    CHECK_FALSE(stranger.allows(1));
    CHECK_FALSE(stranger.take(1));
    for (const Trust trust : {Trust::proven, Trust::local}) {
        ReplyBudget budget(trust, 8);
        for (int n = 0; n < 1000; ++n) CHECK(budget.take(60'000));
    }
}
