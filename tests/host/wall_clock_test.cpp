#include "engine/host/host_clock.h"
#include "engine/host/wall_clock.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

using namespace chronus;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000, kHour = 3600 * kSecond;
constexpr std::int64_t k2024 = 1'704'067'200 * kSecond; // 2024-01-01 00:00:00 UTC

/// Two clocks that move when told.
struct Clocks {
    std::int64_t wall = k2024, monotonic = 500 * kSecond;
    WallClock clock{[this] { return wall; }, [this] { return monotonic; }};
    void pass(std::int64_t ns) {
        wall += ns;
        monotonic += ns;
    }
};

} // namespace

TEST_CASE("wall clock: NTP tags are what the standard says", "[host]") {
    // RFC 5905 figure 4: 1970-01-01 is second 2208988800 of era 0; era 1 begins 2036-02-07 06:28:16
    CHECK(ntp_of_realtime(0).tag == 2'208'988'800ull << 32);
    CHECK(ntp_of_realtime(kSecond / 2).tag == (2'208'988'800ull << 32) + 0x8000'0000u);
    CHECK(ntp_of_realtime(-kSecond / 2).tag == (2'208'988'799ull << 32) + 0x8000'0000u);
    CHECK(ntp_of_realtime(2'085'978'496 * kSecond).tag == 0);
    CHECK(realtime_of({0}, k2024) == 2'085'978'496 * kSecond);
    CHECK(realtime_of({~0ull}, k2024) == 2'085'978'496 * kSecond);
}

TEST_CASE("wall clock: tags keep every nanosecond, also over the end of their era", "[host]") {
    const std::int64_t now = GENERATE(k2024, 2'085'978'495 * kSecond, 2'085'978'497 * kSecond,
                                      std::int64_t{0}, std::int64_t{-kHour});
    for (const std::int64_t apart : {std::int64_t{0}, std::int64_t{1}, kSecond - 1, kSecond,
                                     60 * kSecond, kHour, 24 * 365 * 67 * kHour})
        for (const std::int64_t ns : {now + apart, now - apart, now + apart + 123'456'789})
            CHECK(realtime_of(ntp_of_realtime(ns), now) == ns);
}

TEST_CASE("wall clock: set by an hour, it moves what comes and not what came", "[host]") {
    const std::int64_t jump = GENERATE(-kHour, kHour);
    Clocks at;
    const NtpTime before = ntp_of_realtime(at.wall + 2 * kSecond);
    const std::int64_t mapped = at.clock.monotonic_of(before);
    CHECK(mapped == at.monotonic + 2 * kSecond);

    at.pass(kSecond);
    at.wall += jump;
    const NtpTime after = ntp_of_realtime(at.wall + 2 * kSecond); // by a client that sees it too
    CHECK(at.clock.monotonic_of(after) == mapped + kSecond);
    CHECK(at.clock.monotonic_of(before) == mapped - jump); // an old tag goes by the new clock
    CHECK(at.clock.monotonic_of_realtime(at.wall) == at.monotonic);
    CHECK(at.clock.ntp_of(at.monotonic + 2 * kSecond) == after);
}

TEST_CASE("wall clock: of its readings the one that was not interrupted counts", "[host]") {
    std::int64_t monotonic = 0;
    std::size_t reads = 0;
    const std::vector<std::int64_t> steps{0, 9'000'000, 0, 100, 0, 700'000};
    const WallClock clock([&] { return k2024 + monotonic; },
                          [&] { return monotonic += steps[reads++ % steps.size()]; });
    // the wall clock is read after the first reading of each pair: at 0, 9 ms and 9.0001 ms
    CHECK(clock.monotonic_of_realtime(k2024 + 9'000'000) == 9'000'050);
    CHECK(reads == 6);
}

TEST_CASE("wall clock: the computer's own clocks agree within 50 us", "[host]") {
    const WallClock clock;
    std::vector<std::int64_t> apart;
    for (int i = 0; i < 101; ++i) {
        const std::int64_t stamp = realtime_ns(), now = monotonic_ns();
        apart.push_back(std::abs(clock.monotonic_of_realtime(stamp) - now));
        CHECK(clock.monotonic_of(ntp_of_realtime(stamp)) == Approx(now).margin(1e9));
    }
    std::nth_element(apart.begin(), apart.begin() + 50, apart.end());
    CHECK(apart[50] < 50'000);
}
