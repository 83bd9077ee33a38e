#pragma once

#include <cstdint>
#include <functional>

namespace chronus {

/// Nanoseconds of the wall clock since 1970: what the kernel stamps packets with.
std::int64_t realtime_ns() noexcept;

/// A moment as OSC bundles and NTP have it: 2^-32 s since 1900. It starts anew in 2036, so it
/// means the one of its moments within 68 years of now. The tag 1, "at once", is no moment.
struct NtpTime {
    std::uint64_t tag = 0;
    friend constexpr bool operator==(NtpTime, NtpTime) = default;
};

constexpr NtpTime kAtOnce{1};

/// Exact to the nanosecond both ways. `near_ns`: any moment within 68 years of the tag's.
NtpTime ntp_of_realtime(std::int64_t realtime) noexcept;
std::int64_t realtime_of(NtpTime time, std::int64_t near_ns) noexcept;

/// Wall clock time against monotonic time, by both clocks read together at each use. So when the
/// wall clock is set, what was mapped before stays where it is, and the next moment goes by the
/// clock as it is then.
///
/// Units:  nanoseconds of either clock; a mapping is as exact as the two readings are close, well
///         under a microsecond.
/// Thread: any, if the clocks handed in allow it.
class WallClock {
public:
    using Read = std::function<std::int64_t()>;

    WallClock();
    WallClock(Read realtime, Read monotonic);

    std::int64_t monotonic_of(NtpTime time) const;
    std::int64_t monotonic_of_realtime(std::int64_t realtime) const;
    NtpTime ntp_of(std::int64_t monotonic) const;

private:
    /// The same moment on both.
    struct Pair {
        std::int64_t realtime, monotonic;
    };
    Pair read_both() const;

    Read realtime_, monotonic_;
};

} // namespace chronus
