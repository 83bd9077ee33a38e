#include "osc/arrival_stats.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace chronus::osc {

namespace {

constexpr std::size_t kEnoughGaps = 16;   // to know a pulse
constexpr std::size_t kEnoughBundles = 8; // to speak of a share of them
constexpr float kMostPulses = 8.5f;       // in one gap; more and the count is guesswork
constexpr double kSteady = 0.15; // of a pulse; no pulse at all would leave 1/sqrt(12) = 0.29
constexpr double kLongestLatencyMs = 100; // beyond, playing live is no pleasure
constexpr double kWrongClock = 1;         // s: no network is so slow
constexpr std::uint64_t kFewDrops = 1000; // packets taken for one dropped: long ago, or rare
constexpr double kHeardJitter = 0.001;    // s

/// Of at least one number.
double mean_below(std::span<const float> numbers, float limit) {
    double sum = 0, count = 0;
    for (const float x : numbers) {
        if (x >= limit) continue;
        sum += static_cast<double>(x);
        ++count;
    }
    return sum / count;
}

/// The pulse that most gaps are a multiple of, if there is one: about the shortest gap (all but a
/// tenth are longer, so a stray one does no harm), then as exact as all gaps together tell.
double pulse_of(std::vector<float> gaps) {
    std::ranges::sort(gaps);
    const float shortest = gaps[gaps.size() / 10];
    const double first = mean_below(gaps, 1.5f * shortest);
    double time = 0, pulses = 0;
    for (const float gap : gaps) {
        const double count = std::round(static_cast<double>(gap) / first);
        if (count < 1 || count > static_cast<double>(kMostPulses)) continue;
        time += static_cast<double>(gap);
        pulses += count;
    }
    return time / pulses;
}

/// Up to the next multiple of `step`.
double rounded_up(double x, double step) { return step * std::ceil(x / step - 1e-6); }

std::string advice_on_bundles(const ArrivalStats &stats, double latency_ms) {
    const Summary slack = stats.slack();
    const double worst_ms = rounded_up(-1000 * slack.least, 1);
    if (slack.most < -kWrongClock)
        return fmt::format("its clock is {:.1f} s behind this machine's: set both by NTP, or take "
                           "the time from /time",
                           -slack.mean);
    const double percent =
        100.0 * static_cast<double>(stats.late()) / static_cast<double>(slack.count);
    const std::string late = fmt::format("{:.0f} % of its bundles come up to {:.0f} ms late",
                                         std::max(1.0, percent), worst_ms);
    const double enough_ms = std::ceil(latency_ms) + worst_ms;
    if (enough_ms <= kLongestLatencyMs)
        return fmt::format("raise --latency to {:.0f} ms: {}", enough_ms, late);
    return fmt::format("let it send its bundles {:.0f} ms earlier: {}", worst_ms, late);
}

} // namespace

Summary summary_of(std::span<const float> numbers) {
    if (numbers.empty()) return {};
    Summary out{.count = numbers.size()};
    const double count = static_cast<double>(numbers.size());
    for (const float x : numbers) out.mean += static_cast<double>(x) / count;
    for (const float x : numbers)
        out.deviation += std::pow(static_cast<double>(x) - out.mean, 2) / count;
    out.deviation = std::sqrt(out.deviation);
    const auto [least, most] = std::ranges::minmax(numbers);
    out.least = static_cast<double>(least);
    out.most = static_cast<double>(most);
    return out;
}

void ArrivalStats::packet(std::size_t bytes, std::size_t messages) noexcept {
    ++packets_;
    bytes_ += bytes;
    messages_ += messages;
}

void ArrivalStats::plain(std::int64_t arrival_ns) noexcept {
    const auto seconds = [](std::int64_t ns) { return 1e-9 * static_cast<double>(ns); };
    const bool same = gesture_ns_ && arrival_ns - last_ns_ < kGesture_ns;
    last_ns_ = arrival_ns;
    if (same) return;
    const double gap = gesture_ns_ ? seconds(arrival_ns - *gesture_ns_) : kLongestGap;
    gesture_ns_ = arrival_ns;
    if (gap < kLongestGap) gaps_.add(gap);
}

void ArrivalStats::bundle(double slack) noexcept {
    if (std::isfinite(slack)) slack_.add(slack);
}

std::optional<ArrivalStats::Jitter> ArrivalStats::jitter() const {
    const auto gaps = gaps_.numbers();
    if (gaps.size() < kEnoughGaps) return std::nullopt;
    const double pulse = pulse_of({gaps.begin(), gaps.end()});
    std::vector<float> off;
    for (const float gap : gaps) {
        const double pulses = static_cast<double>(gap) / pulse;
        if (pulses < static_cast<double>(kMostPulses))
            off.push_back(static_cast<float>(std::abs(pulses - std::round(pulses)) * pulse));
    }
    const Summary summary = summary_of(off);
    const double deviation = std::hypot(summary.mean, summary.deviation); // from 0, not the mean
    if (deviation > kSteady * pulse) return std::nullopt;
    return Jitter{deviation, summary.most};
}

std::size_t ArrivalStats::late() const noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(slack_.numbers(), [](float slack) { return slack < 0; }));
}

std::string advice(const ArrivalStats &stats, double latency_ms) {
    if (stats.drops() > stats.packets() / kFewDrops)
        return fmt::format("{} of its packets were dropped, for they came too fast: let it put "
                           "several messages into one bundle",
                           stats.drops());
    if (stats.slack().count >= kEnoughBundles && stats.late() > 0)
        return advice_on_bundles(stats, latency_ms);
    const auto jitter = stats.jitter();
    if (jitter && jitter->deviation >= kHeardJitter)
        return fmt::format(
            "plain messages arrive with {:.1f} ms jitter: send bundles with time tags {:.0f} ms "
            "ahead",
            1000 * jitter->deviation,
            rounded_up(1000 * std::max(jitter->most, 4 * jitter->deviation), 5));
    if (!jitter && stats.slack().count < kEnoughBundles)
        return fmt::format("nothing to say yet: {} messages, and no even pulse among them",
                           stats.messages());
    return "nothing to do: it is on time";
}

} // namespace chronus::osc
