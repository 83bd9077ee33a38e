#pragma once

#include "engine/host/render_call.h"
#include "engine/host/session.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <thread>

namespace chronus::test {

/// The two threads of the instrument, as fast as they go: one renders `frames` in blocks of
/// changing lengths, each inside a `Scope`; the caller's does `control` about once a block, at any
/// moment of it. `prepare` is called on the audio thread before its first block.
template <class Scope, class Prepare, class Control>
void duet(RenderCall call, Frame frames, Prepare prepare, Control control) {
    constexpr std::array<std::size_t, 7> kBlocks{256, 64, 37, 480, 1, 1024, 32};
    constexpr std::size_t kAhead = 4; // blocks; a thread further ahead lets the other catch up
    std::atomic<std::size_t> blocks{0}, controls{0};
    std::atomic<bool> done{false};
    std::thread audio([&] {
        std::array<float, 1024> left{}, right{};
        prepare();
        for (Frame at = 0; at < frames;) {
            const std::size_t n = blocks.load(std::memory_order_relaxed);
            while (n > controls.load(std::memory_order_relaxed) + kAhead) std::this_thread::yield();
            const std::size_t count = kBlocks[n % kBlocks.size()];
            {
                const Scope scope;
                call({std::span{left}.first(count), std::span{right}.first(count)});
            }
            blocks.store(n + 1, std::memory_order_relaxed);
            at += count;
        }
        done = true;
    });
    for (std::size_t n = 0; !done; controls.store(++n, std::memory_order_relaxed)) {
        control();
        while (!done && n > blocks.load(std::memory_order_relaxed) + kAhead)
            std::this_thread::yield();
    }
    audio.join();
}

} // namespace chronus::test
