#include "engine/host/render_gate.h"

#include "engine/host/privileges.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace chronus {

namespace {

constexpr float kAverageSeconds = 1.0f;
constexpr float kPeakFallPerSecond = 0.139f; // ln 2 / 5 s

} // namespace

void RenderGate::open(const Rendering &rendering) noexcept {
    rendering_ = rendering;
    faded_ = 0;
    xruns_ = meter_.xruns.load(std::memory_order_relaxed);
    state_.fetch_and(~kClosed, std::memory_order_release);
}

void RenderGate::close() noexcept {
    state_.fetch_or(kClosed, std::memory_order_acq_rel);
    while ((state_.load(std::memory_order_acquire) & kInside) != 0)
        std::this_thread::sleep_for(std::chrono::microseconds(50));
}

void RenderGate::render(StereoBlock out, std::int64_t due_ns) CHRONUS_RT {
    const std::int64_t begin = monotonic_ns();
    const unsigned before = state_.fetch_or(kInside, std::memory_order_acquire);
    if ((before & kClosed) == 0) {
        play(out, due_ns);
    } else {
        std::ranges::fill(out.left, 0.0f);
        std::ranges::fill(out.right, 0.0f);
    }
    state_.fetch_and(~kInside, std::memory_order_release);
    measure(begin, monotonic_ns(), out.frames());
}

void RenderGate::play(StereoBlock out, std::int64_t due_ns) CHRONUS_RT {
    if (rendering_.clock != nullptr) tell_clock(due_ns, out.frames());
    const dsp::FlushToZero flush;
    rendering_.call(out);
    fade_in(out);
}

void RenderGate::fade_in(StereoBlock out) CHRONUS_RT {
    const std::uint32_t length = rendering_.fade_in_frames;
    for (std::size_t i = 0; i < out.frames() && faded_ < length; ++i, ++faded_) {
        const float gain = static_cast<float>(faded_) / static_cast<float>(length);
        out.left[i] *= gain;
        out.right[i] *= gain;
    }
}

void RenderGate::tell_clock(std::int64_t due_ns, std::size_t frames) CHRONUS_RT {
    const std::uint64_t xruns = meter_.xruns.load(std::memory_order_relaxed);
    if (xruns != xruns_) rendering_.clock->restart();
    xruns_ = xruns;
    rendering_.clock->block(due_ns, frames);
}

void RenderGate::measure(std::int64_t begin, std::int64_t end, std::size_t frames) CHRONUS_RT {
    constexpr auto relaxed = std::memory_order_relaxed;
    const std::uint64_t callbacks = meter_.callbacks.load(relaxed);
    if (callbacks == 0) meter_.priority.store(realtime_priority(), relaxed);
    meter_.callbacks.store(callbacks + 1, relaxed);
    if (frames == 0) return;

    const float seconds = static_cast<float>(frames) / static_cast<float>(rate_);
    const float share = static_cast<float>(end - begin) / (seconds * 1e9f);
    const float load = meter_.load.load(relaxed);
    const float peak = meter_.load_peak.load(relaxed);
    meter_.load.store(load + (share - load) * std::min(1.0f, seconds / kAverageSeconds), relaxed);
    meter_.load_peak.store(
        std::max(share, peak - peak * std::min(1.0f, seconds * kPeakFallPerSecond)), relaxed);
    meter_.times.add(share);
    if (share > 1.0f) meter_.late.fetch_add(1, relaxed);
}

} // namespace chronus
