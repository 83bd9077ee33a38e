#include "engine/host/loans.h"
#include "engine/model/alarm.h"
#include "engine/model/mailbox.h"
#include "engine/model/shown.h"
#include "engine/model/tape.h"
#include "tests/stress/long_enough.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

using namespace chronus;

namespace {

/// A value of several cache lines that all grow from one seed; unlike itself once it is gone.
struct Grown {
    explicit Grown(std::uint64_t seed) {
        test::Chance chance(seed);
        for (std::uint64_t &word : words) word = chance.next();
    }
    Grown(const Grown &) = default;
    ~Grown() {
        for (volatile std::uint64_t &word : words) word = 0xdead;
    }
    bool grew_from(std::uint64_t seed) const {
        test::Chance chance(seed);
        for (const std::uint64_t word : words)
            if (word != chance.next()) return false;
        return true;
    }
    std::array<std::uint64_t, 64> words;
};

struct Letter {
    const Grown *value = nullptr;
    std::uint64_t epoch = 0;
    std::array<std::uint64_t, 17> copies{}; // a torn letter has unequal ones
};

Letter letter(const Grown *value, std::uint64_t epoch) {
    Letter l{value, epoch, {}};
    l.copies.fill(epoch);
    return l;
}

bool whole(const Letter &l) {
    return std::ranges::all_of(l.copies, [&](std::uint64_t copy) { return copy == l.epoch; });
}

} // namespace

TEST_CASE("loans: a value lent to another thread is itself for as long as it is held") {
    Mailbox<Letter> mail{64};
    auto outbox = mail.outbox();
    std::atomic<std::uint64_t> needed{0};
    std::atomic<bool> done{false};
    std::uint64_t spoilt = 0, seen = 0, torn = 0, backwards = 0;

    std::thread borrower([&, inbox = mail.inbox()]() mutable {
        Letter held;
        while (!done) {
            inbox.drain([&](const Letter &l) {
                if (!whole(l)) ++torn;
                if (l.epoch <= held.epoch) ++backwards;
                held = l;
                ++seen;
            });
            if (held.value != nullptr && !held.value->grew_from(held.epoch)) ++spoilt;
            needed.store(held.epoch, std::memory_order_release);
        }
    });

    Loans<Grown> loans(needed);
    std::size_t most = 0, refused = 0;
    const test::LongEnough enough;
    for (std::uint64_t n = 1; !enough; ++n) {
        const auto loan = loans.lend(Grown{n});
        if (!outbox.send(letter(loan.value, loan.epoch))) {
            ++refused; // the value is owned all the same
            std::this_thread::yield();
        }
        most = std::max(most, loans.live());
    }
    done = true;
    borrower.join();
    CHECK(spoilt == 0);
    CHECK(torn == 0);
    CHECK(backwards == 0);
    CHECK(seen > 1000);
    INFO("most alive at once " << most << ", refused " << refused);
    CHECK(most <= seen + refused); // they were freed on the way
}

TEST_CASE("mailbox: every letter accepted arrives once, whole and in order") {
    Mailbox<Letter> mail{64};
    auto outbox = mail.outbox();
    std::atomic<bool> done{false};
    std::uint64_t arrived = 0, torn = 0, wrong = 0;
    std::thread reader([&, inbox = mail.inbox()]() mutable {
        const auto take = [&](const Letter &l) {
            if (!whole(l)) ++torn;
            if (l.epoch != arrived) ++wrong;
            ++arrived;
        };
        while (!done) {
            inbox.drain(take);
            if (arrived % 3 == 0) std::this_thread::yield(); // so that it is full at times
        }
        inbox.drain(take);
    });
    std::uint64_t sent = 0, refused = 0;
    for (const test::LongEnough enough; !enough;) {
        if (outbox.send(letter(nullptr, sent)))
            ++sent;
        else if (++refused % 64 == 0)
            std::this_thread::yield();
    }
    done = true;
    reader.join();
    CHECK(arrived == sent);
    CHECK(torn == 0);
    CHECK(wrong == 0);
    CHECK(sent > 10000);
}

TEST_CASE("mailbox: who sees the first letter of a bundle sees the last") {
    Mailbox<Letter> mail{256};
    auto outbox = mail.outbox();
    std::atomic<bool> done{false};
    std::uint64_t halves = 0, torn = 0, arrived = 0;
    std::thread reader([&, inbox = mail.inbox()]() mutable {
        Letter first, next;
        while (!done) {
            if (!inbox.take(first)) continue;
            ++arrived;
            for (std::uint64_t left = first.epoch; left > 0; --left) { // counts down to 0
                if (!inbox.take(next)) {
                    ++halves;
                    break;
                }
                ++arrived;
                if (!whole(next) || next.epoch != left - 1) ++torn;
            }
        }
    });
    std::uint64_t sent = 0;
    test::Chance chance(3);
    std::vector<Letter> bundle;
    for (const test::LongEnough enough; !enough;) {
        bundle.clear();
        for (std::uint64_t left = 1 + chance.below(100); left > 0; --left)
            bundle.push_back(letter(nullptr, left - 1));
        if (outbox.send_all(bundle))
            sent += bundle.size();
        else
            std::this_thread::yield();
    }
    done = true;
    reader.join();
    CHECK(halves == 0);
    CHECK(torn == 0);
    CHECK(sent > 1000);
    CHECK(arrived > 1000);
}

TEST_CASE("alarm: who hears it finds in the mail all that was sent before") {
    Mailbox<std::uint64_t> mail{256};
    auto outbox = mail.outbox();
    Alarm alarm;
    std::atomic<bool> done{false};
    std::uint64_t missing = 0, heard = 0;
    std::thread reader([&, inbox = mail.inbox()]() mutable {
        std::uint64_t last = alarm.call(), taken = 0, letter = 0;
        while (!done) {
            const std::uint64_t call = alarm.call();
            if (call == last) continue;
            last = call;
            ++heard;
            for (; taken < Alarm::sent_before(call); ++taken)
                if (!inbox.take(letter) || letter != taken) ++missing;
        }
    });
    test::Chance chance(4);
    for (const test::LongEnough enough; !enough;) {
        for (std::uint64_t n = chance.below(5); n > 0; --n)
            if (!outbox.send(outbox.sent())) std::this_thread::yield();
        alarm.raise(outbox.sent());
    }
    done = true;
    reader.join();
    CHECK(missing == 0);
    CHECK(heard > 10);
}

TEST_CASE("shown: who looks sees one value, whole, and never an older one than before") {
    struct Words {
        std::array<std::uint64_t, 9> copies{};
    };
    Shown<Words> shown;
    std::atomic<bool> done{false};
    std::uint64_t torn = 0, backwards = 0, looks = 0;
    std::thread reader([&] {
        std::uint64_t last = 0;
        for (; !done; ++looks) {
            const Words words = shown.look();
            for (const std::uint64_t copy : words.copies)
                if (copy != words.copies[0]) ++torn;
            if (words.copies[0] < last) ++backwards;
            last = words.copies[0];
        }
    });
    std::uint64_t turn = 0;
    for (const test::LongEnough enough; !enough;) {
        Words words;
        words.copies.fill(++turn);
        shown.show(words);
    }
    done = true;
    reader.join();
    CHECK(torn == 0);
    CHECK(backwards == 0);
    CHECK(looks > 1000);
}

TEST_CASE("tape: what is read is what was written, in order; what found no room is counted") {
    std::vector<float> memory(2 * 256);
    Tape tape(memory);
    std::atomic<bool> done{false};
    std::uint64_t written = 0;
    std::thread audio([&] {
        std::array<float, 96> left{}, right{};
        test::Chance chance(5);
        for (const test::LongEnough enough; !enough;) {
            const std::size_t count = 1 + chance.below(left.size());
            for (std::size_t i = 0; i < count; ++i) {
                left[i] = static_cast<float>((written + i) % (1u << 24));
                right[i] = -left[i];
            }
            tape.write({std::span{left}.first(count), std::span{right}.first(count)});
            written += count;
            if (chance.one_in(4)) std::this_thread::yield();
        }
        done = true;
    });
    std::uint64_t read = 0, torn = 0, out_of_order = 0;
    float last = -1;
    std::vector<float> out(2 * 100);
    for (bool ended = false; !ended;) {
        ended = done;
        for (std::size_t count = tape.read(out); count > 0; count = tape.read(out)) {
            for (std::size_t i = 0; i < count; ++i) {
                if (out[2 * i + 1] != -out[2 * i]) ++torn;
                const float step = out[2 * i] - last;
                if (!(step > 0 || step < -0x1p23f)) ++out_of_order; // numbers start over at 2^24
                last = out[2 * i];
            }
            read += count;
        }
        std::this_thread::yield();
    }
    audio.join();
    CHECK(read + tape.lost() == written);
    CHECK(torn == 0);
    CHECK(out_of_order == 0);
    CHECK(read > 10000);
}
