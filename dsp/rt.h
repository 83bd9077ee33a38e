#pragma once

/// Marks a function the audio thread may call: it never throws, allocates, locks or enters the OS.
/// gcc keeps the `noexcept` half, scripts/check_rt.py and the planted-violation tests the rest.
#define CHRONUS_RT noexcept

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace chronus::dsp {

/// Flushes denormals to zero while it lives: a decaying tail must not cost 30 times its sound.
///
/// Thread: audio, and every thread that renders offline, so that both make the same bits.
class FlushToZero {
public:
#if defined(__SSE2__)
    FlushToZero() CHRONUS_RT : before_(_mm_getcsr()) { _mm_setcsr(before_ | kFtz | kDaz); }
    ~FlushToZero() { _mm_setcsr(before_); }

private:
    static constexpr unsigned kFtz = 0x8000u, kDaz = 0x0040u;
    unsigned before_;
#elif defined(__aarch64__)
    FlushToZero() CHRONUS_RT {
        asm volatile("mrs %0, fpcr" : "=r"(before_));
        asm volatile("msr fpcr, %0" ::"r"(before_ | kFz));
    }
    ~FlushToZero() { asm volatile("msr fpcr, %0" ::"r"(before_)); }

private:
    static constexpr unsigned long kFz = 1ul << 24;
    unsigned long before_ = 0;
#endif
public:
    FlushToZero(const FlushToZero &) = delete;
    FlushToZero &operator=(const FlushToZero &) = delete;
};

} // namespace chronus::dsp
