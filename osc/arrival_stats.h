#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace chronus::osc {

/// Some numbers in short. All 0 when there are none.
struct Summary {
    std::size_t count = 0;
    double mean = 0, deviation = 0, least = 0, most = 0;
};

Summary summary_of(std::span<const float> numbers);

/// The last so many numbers.
class Recent {
public:
    static constexpr std::size_t kKept = 256;

    void add(double number) noexcept {
        numbers_[count_ % kKept] = static_cast<float>(number);
        ++count_;
    }
    /// In no order.
    std::span<const float> numbers() const noexcept {
        return std::span{numbers_}.first(count_ < kKept ? count_ : kKept);
    }

private:
    std::array<float, kKept> numbers_{};
    std::size_t count_ = 0;
};

/// How one client's messages come in: what `chronusctl doctor` judges its timing by.
///
/// Totals are since the start; times are of the last 256, so that what was mended is forgotten.
/// Units: seconds, but where a name says ns. Thread: control.
class ArrivalStats {
public:
    static constexpr double kLongestGap = 2; ///< a longer silence is a pause and says nothing
    static constexpr std::int64_t kGesture_ns =
        1'000'000; ///< a message so soon after another belongs to it

    /// A packet that was taken, with so many messages in it.
    void packet(std::size_t bytes, std::size_t messages) noexcept;
    /// A message without a time tag. `arrival_ns` is of a clock that never goes back.
    void plain(std::int64_t arrival_ns) noexcept;
    /// A bundle with a time tag that came so long before it acts, latency included; below 0 is
    /// late.
    void bundle(double slack) noexcept;
    /// Packets that were dropped because too many came.
    void dropped(std::uint64_t packets) noexcept { drops_ += packets; }

    std::uint64_t packets() const noexcept { return packets_; }
    std::uint64_t messages() const noexcept { return messages_; }
    std::uint64_t bytes() const noexcept { return bytes_; }
    std::uint64_t drops() const noexcept { return drops_; }

    /// Time from one plain message, or several at once, to the next.
    Summary gaps() const { return summary_of(gaps_.numbers()); }
    /// How far plain messages are from an even pulse and its multiples, as standard deviation and
    /// furthest. Nothing without such a pulse: who plays freely has no jitter.
    struct Jitter {
        double deviation = 0, most = 0;
    };
    std::optional<Jitter> jitter() const;

    /// How early time-tagged bundles come.
    Summary slack() const { return summary_of(slack_.numbers()); }
    /// How many of those came too late.
    std::size_t late() const noexcept;

private:
    std::uint64_t packets_ = 0, messages_ = 0, bytes_ = 0, drops_ = 0;
    Recent gaps_, slack_;
    std::optional<std::int64_t> gesture_ns_; ///< when the messages at hand began
    std::int64_t last_ns_ = 0;
};

/// One sentence: what would make this client's timing better at the daemon's `--latency`, or that
/// nothing need be done.
std::string advice(const ArrivalStats &stats, double latency_ms);

} // namespace chronus::osc
