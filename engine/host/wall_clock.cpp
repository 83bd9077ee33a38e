#include "engine/host/wall_clock.h"

#include "engine/host/host_clock.h"

#include <chrono>
#include <limits>
#include <utility>

namespace chronus {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kFrom1900To1970 = 2'208'988'800; // seconds, 17 leap days
constexpr int kTries = 3;

/// Whole seconds, rounded down also before the epoch.
constexpr std::int64_t seconds_of(std::int64_t ns) {
    return ns / kSecond - (ns % kSecond < 0 ? 1 : 0);
}

} // namespace

std::int64_t realtime_ns() noexcept {
    using namespace std::chrono;
    return duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
}

NtpTime ntp_of_realtime(std::int64_t realtime) noexcept {
    const std::int64_t seconds = seconds_of(realtime);
    const auto ns = static_cast<std::uint64_t>(realtime - seconds * kSecond);
    const std::uint64_t fraction = ((ns << 32) + kSecond / 2) / kSecond;
    return {(static_cast<std::uint64_t>(seconds + kFrom1900To1970) << 32) + fraction};
}

std::int64_t realtime_of(NtpTime time, std::int64_t near_ns) noexcept {
    const std::int64_t near_s = seconds_of(near_ns);
    const auto ahead = static_cast<std::int32_t>(
        static_cast<std::uint32_t>(time.tag >> 32) -
        static_cast<std::uint32_t>(static_cast<std::uint64_t>(near_s + kFrom1900To1970)));
    const std::uint64_t fraction = time.tag & 0xFFFF'FFFFu;
    const std::uint64_t ns = (fraction * kSecond + (std::uint64_t{1} << 31)) >> 32;
    return (near_s + ahead) * kSecond + static_cast<std::int64_t>(ns);
}

WallClock::WallClock() : WallClock(realtime_ns, monotonic_ns) {}
WallClock::WallClock(Read realtime, Read monotonic)
    : realtime_(std::move(realtime)), monotonic_(std::move(monotonic)) {}

/// The try that was interrupted least counts.
WallClock::Pair WallClock::read_both() const {
    Pair best{};
    std::int64_t closest = std::numeric_limits<std::int64_t>::max();
    for (int i = 0; i < kTries; ++i) {
        const std::int64_t before = monotonic_();
        const std::int64_t realtime = realtime_();
        const std::int64_t apart = monotonic_() - before;
        if (apart >= closest) continue;
        closest = apart;
        best = {realtime, before + apart / 2};
    }
    return best;
}

std::int64_t WallClock::monotonic_of(NtpTime time) const {
    const Pair now = read_both();
    return now.monotonic + (realtime_of(time, now.realtime) - now.realtime);
}

std::int64_t WallClock::monotonic_of_realtime(std::int64_t realtime) const {
    const Pair now = read_both();
    return now.monotonic + (realtime - now.realtime);
}

NtpTime WallClock::ntp_of(std::int64_t monotonic) const {
    const Pair now = read_both();
    return ntp_of_realtime(now.realtime + (monotonic - now.monotonic));
}

} // namespace chronus
