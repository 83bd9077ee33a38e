#pragma once

#include <concepts>
#include <cstdint>
#include <utility>

/// Catches what the audio thread may not do, while it happens.
///
/// The test program's own malloc, pthread_mutex_lock, write ... stand in front of the C library's
/// and count a violation whenever their thread is inside an `RtScope`. Link `chronus_rt_guard` into
/// a program of its own: everything in that program pays for the detour.
namespace chronus::rt {

/// Under a sanitizer, which brings its own malloc, only memory is seen, through its hooks.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSeesCalls = false;
#else
inline constexpr bool kSeesCalls = true;
#endif

/// Whether `trap_system_calls` works here: x86-64 Linux without a sanitizer.
#if defined(__x86_64__) && defined(__linux__)
inline constexpr bool kSeesSystemCalls = kSeesCalls;
#else
inline constexpr bool kSeesSystemCalls = false;
#endif

/// While one lives, its thread is held to the audio thread's rules. Scopes nest.
class RtScope {
public:
    RtScope() noexcept;
    ~RtScope();
    RtScope(const RtScope &) = delete;
    RtScope &operator=(const RtScope &) = delete;
};

/// Forbidden library calls made inside scopes, by all threads since `forget`.
std::uint64_t violations() noexcept;
/// System calls made inside scopes by threads that called `trap_system_calls`, since `forget`.
std::uint64_t system_calls() noexcept;
/// The last forbidden call's name ("malloc"), or "" when there was none.
const char *last_violation() noexcept;
/// The last trapped system call's number, or -1 when there was none.
int last_system_call() noexcept;
void forget() noexcept;

/// From here to the end of the calling thread, every system call it makes inside an `RtScope` is
/// counted; all calls still work, but slower. False when the kernel refuses. There is no way back,
/// so give the render under test a thread of its own.
[[nodiscard]] bool trap_system_calls() noexcept;

/// Runs `f` inside a scope; the number of forbidden library calls it made.
template <std::invocable F>
std::uint64_t violations_in(F &&f) {
    const std::uint64_t before = violations();
    {
        const RtScope scope;
        std::forward<F>(f)();
    }
    return violations() - before;
}

} // namespace chronus::rt
