#pragma once

#include "dsp/rt.h"

#include <atomic>
#include <cstdint>

namespace chronus {

/// The cord to pull for a panic that waits for nothing: the engine hears it at its next tick.
/// Messages sent before it act first, at once whatever they wait for, so that none sounds after it.
class Alarm {
public:
    /// `sent`: messages sent before it, and none after it as yet. Thread: control.
    void raise(std::uint64_t sent) noexcept { call(sent, 1); }
    /// For a panic that is a message itself, the last of those `sent`, because others follow it.
    void hurry(std::uint64_t sent) noexcept { call(sent, 0); }

    /// The last call, unlike the one before it. Thread: audio.
    std::uint64_t call() const CHRONUS_RT { return call_.load(std::memory_order_acquire); }
    /// How many messages were sent before a call.
    static constexpr std::uint64_t sent_before(std::uint64_t call) CHRONUS_RT {
        return call / kCalls;
    }
    static constexpr bool silences(std::uint64_t call) CHRONUS_RT { return call % 2 != 0; }

private:
    void call(std::uint64_t sent, std::uint64_t silences) noexcept {
        const std::uint64_t calls = call_.load(std::memory_order_relaxed) / 2 + 1;
        call_.store(sent * kCalls + calls * 2 % kCalls + silences, std::memory_order_release);
    }

    static constexpr std::uint64_t kCalls = 1 << 16; // told apart when no message lies between
    std::atomic<std::uint64_t> call_{0};
};

} // namespace chronus
