#pragma once

#include <chrono>
#include <cstdlib>

namespace chronus::test {

/// Says when a stress test has run for `CHRONUS_STRESS_SECONDS`, 2 unless that is set.
class LongEnough {
public:
    LongEnough() {
        const char *asked = std::getenv("CHRONUS_STRESS_SECONDS");
        end_ += std::chrono::duration_cast<Clock::duration>(
            std::chrono::duration<double>(asked != nullptr ? std::atof(asked) : 2));
    }
    explicit operator bool() const { return Clock::now() >= end_; }

private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point end_ = Clock::now();
};

} // namespace chronus::test
