#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace chronus {

/// Values lent to the audio thread by pointer. The lender owns them all; one is freed once the
/// borrower says that it holds only later ones, so neither a full queue nor a lost message can leak
/// a value or free it too soon.
///
/// Shapes: epochs count from 1. The borrower takes loans in their order or skips them, never goes
///         back, and publishes in `needed` the oldest epoch it still holds.
/// Thread: control; `needed` is stored by the borrower alone (release) and outlives the loans.
template <class T>
class Loans {
public:
    struct Loan {
        const T *value;
        std::uint64_t epoch;
    };

    explicit Loans(const std::atomic<std::uint64_t> &needed) : needed_(needed) {}

    /// Keeps a copy of `value` until it is no longer needed, and frees what no longer is.
    Loan lend(const T &value) {
        free_passed();
        live_.push_back({++epoch_, std::make_unique<const T>(value)});
        return {live_.back().value.get(), epoch_};
    }

    /// Frees what is no longer needed.
    void free_passed() {
        const std::uint64_t needed = needed_.load(std::memory_order_acquire);
        std::erase_if(live_, [&](const Entry &e) { return e.epoch < needed; });
    }

    /// Values still kept, in use or not.
    std::size_t live() const { return live_.size(); }

private:
    struct Entry {
        std::uint64_t epoch;
        std::unique_ptr<const T> value;
    };

    const std::atomic<std::uint64_t> &needed_;
    std::uint64_t epoch_ = 0;
    std::vector<Entry> live_;
};

} // namespace chronus
