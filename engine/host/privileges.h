#pragma once

#include <string>

namespace chronus {

/// Above ordinary real-time work, below the sound card's own interrupt threads.
inline constexpr int kAudioPriority = 60;

/// What the kernel gave of a thing that is welcome but not needed.
struct Grant {
    bool granted = false;
    std::string words; ///< for people: what there is, or why there is not
};

/// What RLIMIT_RTPRIO leaves of a priority; all of it where the limit is 0, for root may have it.
int allowed_priority(int wanted = kAudioPriority) noexcept;

/// Asks for first-in-first-out scheduling, at a lower priority where only that is allowed. What is
/// answered was read back from the kernel.
///
/// Thread: the one to be raised.
Grant raise_priority(int priority = kAudioPriority);

/// Lets this thread run only when nobody else wants to.
///
/// Thread: the one to be lowered.
void lower_priority() noexcept;
/// The same for work that fills every core. Where nobody here may have real-time priority, an audio
/// thread at normal priority waits for a core up to milliseconds even so: then this thread runs on
/// idle cores alone.
///
/// Thread: the one to be lowered.
void make_way() noexcept;

/// Keeps every page in memory once it has been used; takes none that is not used.
Grant lock_memory();

/// The calling thread's real-time priority as the kernel has it; 0: it has none.
int realtime_priority() noexcept;

/// A priority read elsewhere, in words; 0 with the reason.
std::string priority_words(int priority);

} // namespace chronus
