#include "engine/host/null_device.h"

#include "engine/host/privileges.h"

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace chronus {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMostMissed = 10 * kSecond;
constexpr std::int64_t kLinger = 11'000'000; // two blocks of 256 at 48 kHz last 10.7

DeviceInfo info_of(const DeviceRequest &request) {
    DeviceInfo info{DeviceKind::null, "null"};
    if (request.sample_rate != 0) info.sample_rate = request.sample_rate;
    info.block_frames = request.block_frames == 0
                            ? NullDevice::kBlock
                            : std::min(request.block_frames, NullDevice::kMostBlock);
    return info;
}

void sleep_until(std::int64_t at_ns) noexcept {
    const timespec at{at_ns / kSecond, at_ns % kSecond};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr) == EINTR) {
    }
}

} // namespace

std::int64_t Pace::due_ns() const noexcept {
    return second_ns_ + static_cast<std::int64_t>(frames_ * std::uint64_t{kSecond} / rate_);
}

void Pace::next() noexcept {
    for (frames_ += block_; frames_ >= rate_; frames_ -= rate_) second_ns_ += kSecond;
}

void Pace::realign(std::int64_t now_ns) noexcept {
    second_ns_ = now_ns;
    frames_ = 0;
}

NullDevice::NullDevice(DeviceRequest request)
    : info_(info_of(request)), gate_(meter_, info_.sample_rate), left_(info_.block_frames),
      right_(info_.block_frames) {}

void NullDevice::start(const Rendering &rendering) {
    stop();
    quit_.store(false, std::memory_order_relaxed);
    gate_.open(rendering);
    const std::int64_t due = rendering.due_ns != 0 ? rendering.due_ns : monotonic_ns();
    thread_ = std::thread([this, due] { run(due); });
}

void NullDevice::stop() noexcept {
    gate_.close();
    quit_.store(true, std::memory_order_relaxed);
    if (thread_.joinable()) thread_.join();
}

void NullDevice::run(std::int64_t due_ns) {
    raise_priority();
    Pace pace(info_.sample_rate, info_.block_frames, due_ns);
    std::int64_t patience = kMostMissed; // until all that another device missed is rendered
    for (; !quit_.load(std::memory_order_relaxed); pace.next()) {
        const std::int64_t now = monotonic_ns();
        const std::int64_t behind = now - pace.due_ns();
        if (behind > patience) {
            pace.realign(now);
            meter_.xruns.fetch_add(1, std::memory_order_relaxed);
        }
        if (behind <= 0) patience = kSecond;
        if (behind < 0) sleep_until(pace.due_ns() + kLinger);
        if (!quit_.load(std::memory_order_relaxed)) gate_.render({left_, right_}, pace.due_ns());
    }
}

} // namespace chronus
