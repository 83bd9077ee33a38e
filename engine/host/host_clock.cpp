#include "engine/host/host_clock.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <numbers>

namespace chronus {

namespace {

constexpr double kSecond = 1e9;
constexpr double kBandwidth = 0.1, kFirstBandwidth = 2.0; // Hz
constexpr double kWidest = 0.3;    // radians a block: far from where the loop would swing
constexpr double kNarrowing = 2.4; // radians over the blocks so far: near to a least squares fit
constexpr double kOffRate = 0.01;  // no working card is further off its rate
constexpr double kAstrayBlocks = 4, kAstrayNs = 20e6;

/// Radians a block of the loop after so many blocks of such a length.
double corner(double blocks, double length_ns) noexcept {
    const double a_hertz = 2 * std::numbers::pi * length_ns / kSecond;
    const double wide = std::min(kNarrowing / blocks, kFirstBandwidth * a_hertz);
    return std::min(kWidest, std::max(wide, kBandwidth * a_hertz));
}

} // namespace

std::int64_t monotonic_ns() noexcept {
    using namespace std::chrono;
    return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

Frame ClockFit::frame_at(std::int64_t monotonic) const noexcept {
    const std::int64_t since = std::llround(static_cast<double>(monotonic - ns) / ns_per_frame);
    return since < 0 && static_cast<Frame>(-since) > frame ? 0 : frame + static_cast<Frame>(since);
}

std::int64_t ClockFit::ns_at(Frame f) const noexcept {
    const auto since = static_cast<std::int64_t>(f - frame);
    return ns + std::llround(static_cast<double>(since) * ns_per_frame);
}

HostClock::HostClock(std::uint32_t sample_rate) : nominal_(kSecond / sample_rate) {}

void HostClock::block(std::int64_t at_ns, std::size_t frames) CHRONUS_RT {
    if (frames == 0) return;
    const double length_ns = static_cast<double>(frames) * ns_per_frame_;
    double error = static_cast<double>(at_ns - origin_ns_) - next_ns_;
    if (blocks_ != 0 && astray(error, length_ns)) restart();
    if (blocks_++ == 0) {
        origin_ns_ = at_ns;
        next_ns_ = error = jitter_squared_ = 0;
    }
    const auto blocks = static_cast<double>(blocks_);
    const double w = corner(blocks, length_ns);
    const double share = std::max(std::numbers::sqrt2 * w, 1 / blocks);
    const double now = next_ns_ + share * error;
    jitter_squared_ += share * (error * error - jitter_squared_);
    ns_per_frame_ = std::clamp(ns_per_frame_ + w * w * error / static_cast<double>(frames),
                               nominal_ * (1 - kOffRate), nominal_ * (1 + kOffRate));
    next_ns_ = now + static_cast<double>(frames) * ns_per_frame_;
    publish({frames_, origin_ns_ + std::llround(now), ns_per_frame_, std::sqrt(jitter_squared_)});
    frames_ += frames;
}

bool HostClock::astray(double error_ns, double length_ns) const CHRONUS_RT {
    return std::abs(error_ns) > std::max(kAstrayBlocks * length_ns, kAstrayNs);
}

void HostClock::stop() noexcept {
    restart();
    ns_per_frame_ = nominal_;
    publish({});
}

std::int64_t HostClock::due_ns() const noexcept {
    return origin_ns_ == 0 ? 0 : origin_ns_ + std::llround(next_ns_);
}

/// A word is stored with release and loaded with acquire: who has read one of a later fit than
/// `version_` told then also finds `version_` changed, and reads again.
void HostClock::publish(const ClockFit &fit) CHRONUS_RT {
    const auto words = std::bit_cast<std::array<std::uint64_t, sizeof(ClockFit) / 8>>(fit);
    const std::uint64_t next = version_.load(std::memory_order_relaxed) + 1;
    for (std::size_t i = 0; i < words.size(); ++i)
        places_[next & 1][i].store(words[i], std::memory_order_release);
    version_.store(next, std::memory_order_release);
}

std::optional<ClockFit> HostClock::fit() const noexcept {
    std::array<std::uint64_t, sizeof(ClockFit) / 8> words{};
    std::uint64_t version = version_.load(std::memory_order_acquire);
    for (std::uint64_t before = version + 1; before != version;) {
        before = version;
        for (std::size_t i = 0; i < words.size(); ++i)
            words[i] = places_[before & 1][i].load(std::memory_order_acquire);
        version = version_.load(std::memory_order_acquire);
    }
    const auto fit = std::bit_cast<ClockFit>(words);
    return fit.ns_per_frame > 0 ? std::optional(fit) : std::nullopt;
}

} // namespace chronus
