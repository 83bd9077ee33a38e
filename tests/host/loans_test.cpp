#include "engine/host/loans.h"

#include <catch2/catch.hpp>

#include <array>
#include <thread>

using chronus::Loans;

namespace {

/// Larger than a cache line, and all its words agree: a freed or torn one would show.
struct Wide {
    std::array<std::uint64_t, 32> words{};
    bool whole() const {
        for (const std::uint64_t word : words)
            if (word != words[0]) return false;
        return true;
    }
};

Wide wide(std::uint64_t value) {
    Wide out;
    out.words.fill(value);
    return out;
}

} // namespace

TEST_CASE("loans: what is older than the oldest needed is freed at the next loan or when asked",
          "[host]") {
    std::atomic<std::uint64_t> needed{0};
    Loans<int> loans(needed);
    for (int i = 0; i < 10; ++i) loans.lend(i);
    CHECK(loans.live() == 10);

    needed = 9; // 9 sounds, 10 waits
    const auto last = loans.lend(10);
    CHECK(loans.live() == 3);
    CHECK(last.epoch == 11);
    CHECK(*last.value == 10);

    needed = 11;
    loans.free_passed();
    CHECK(loans.live() == 1);
    CHECK(*last.value == 10);
}

TEST_CASE("loans: a value stays whole as long as the other thread needs it", "[host][rt]") {
    constexpr std::uint64_t kLoans = 5000;
    std::atomic<std::uint64_t> needed{0};
    std::atomic<const Wide *> offered{nullptr};
    std::atomic<bool> done{false};
    Loans<Wide> loans(needed);
    std::uint64_t torn = 0, taken = 0;

    std::thread borrower([&] {
        while (!done.load(std::memory_order_acquire)) {
            const Wide *loan = offered.exchange(nullptr, std::memory_order_acquire);
            if (loan == nullptr) continue;
            needed.store(loan->words[0], std::memory_order_release); // drops the one before
            torn += loan->whole() ? 0 : 1;
            ++taken;
        }
    });
    std::size_t most = 0;
    for (std::uint64_t epoch = 1; epoch <= kLoans; ++epoch) {
        offered.store(loans.lend(wide(epoch)).value, std::memory_order_release);
        while (offered.load(std::memory_order_relaxed) != nullptr) std::this_thread::yield();
        most = std::max(most, loans.live());
    }
    done.store(true, std::memory_order_release);
    borrower.join();

    CHECK(torn == 0);
    CHECK(taken == kLoans);
    CHECK(most <= 3); // the one held, the one offered, the one just lent
}
