#include "engine/model/mailbox.h"

#include <catch2/catch.hpp>

#include <array>
#include <vector>

using namespace chronus;

namespace {

struct Letter {
    int number = 0;
    std::array<int, 40> copies{};
};

template <class Inbox>
std::vector<int> numbers(Inbox &inbox) {
    std::vector<int> out;
    inbox.drain([&](const Letter &l) { out.push_back(l.number); });
    return out;
}

} // namespace

TEST_CASE("mailbox: letters come out once, in the order they went in") {
    Mailbox<Letter> mail{16};
    auto outbox = mail.outbox();
    auto inbox = mail.inbox();
    CHECK(numbers(inbox).empty());
    for (const int n : {3, 1, 2}) REQUIRE(outbox.send({.number = n}));
    CHECK(numbers(inbox) == std::vector{3, 1, 2});
    CHECK(numbers(inbox).empty());
}

TEST_CASE("mailbox: it holds at least what it was made for, then refuses, then takes again") {
    Mailbox<Letter> mail{100};
    auto outbox = mail.outbox();
    auto inbox = mail.inbox();
    for (int round = 0; round < 50; ++round) {
        int sent = 0;
        while (outbox.send({.number = sent})) ++sent;
        CHECK(sent >= 100);
        const auto got = numbers(inbox);
        REQUIRE(got.size() == static_cast<std::size_t>(sent));
        for (int n = 0; n < sent; ++n) REQUIRE(got[static_cast<std::size_t>(n)] == n);
    }
}

TEST_CASE("mailbox: a refused letter is not half in") {
    Mailbox<Letter> mail{32};
    auto outbox = mail.outbox();
    auto inbox = mail.inbox();
    int sent = 0;
    while (outbox.send({.number = sent})) ++sent;
    for (int n = 0; n < 10; ++n) CHECK_FALSE(outbox.send({.number = -1}));
    const auto got = numbers(inbox);
    CHECK(got.size() == static_cast<std::size_t>(sent));
    CHECK(got.back() == sent - 1);
}

TEST_CASE("mailbox: a letter posted while one is read is read in the same round") {
    Mailbox<Letter> mail{16};
    auto outbox = mail.outbox();
    auto inbox = mail.inbox();
    REQUIRE(outbox.send({.number = 1}));
    std::vector<int> got;
    inbox.drain([&](const Letter &l) {
        got.push_back(l.number);
        if (l.number < 3) CHECK(outbox.send({.number = l.number + 1}));
    });
    CHECK(got == std::vector{1, 2, 3});
}

TEST_CASE("mailbox: of letters sent together all arrive in order, or none does") {
    for (const std::size_t capacity : {1u, 31u, 100u}) {
        Mailbox<Letter> mail{capacity};
        auto outbox = mail.outbox();
        auto inbox = mail.inbox();
        std::uint32_t chance = 1;
        int next = 0, expected = 0, refused = 0;
        Letter letter;
        for (int round = 0; round < 5000; ++round) {
            chance = chance * 1664525 + 1013904223;
            std::vector<Letter> bundle((chance >> 20) % (2 * capacity));
            for (std::size_t i = 0; i < bundle.size(); ++i)
                bundle[i].number = next + static_cast<int>(i);
            if (outbox.send_all(bundle))
                next += static_cast<int>(bundle.size());
            else
                ++refused;
            if ((chance >> 10) % 3 == 0 && outbox.send({.number = next})) ++next;
            REQUIRE(outbox.sent() == static_cast<std::uint64_t>(next));
            for (std::size_t n = (chance >> 24) % (capacity + 1); n > 0 && inbox.take(letter); --n)
                REQUIRE(letter.number == expected++);
        }
        while (inbox.take(letter)) REQUIRE(letter.number == expected++);
        CHECK(expected == next);
        CHECK(next > 1000);
        if (capacity > 1) CHECK(refused > 300);
        CHECK(outbox.send_all(std::vector<Letter>(capacity))); // refusals have cost no room
    }
}

TEST_CASE("mailbox: more letters together than it ever holds are refused") {
    Mailbox<Letter> mail{64};
    auto outbox = mail.outbox();
    auto inbox = mail.inbox();
    for (int n = 0; n < 100; ++n) CHECK_FALSE(outbox.send_all(std::vector<Letter>(1000)));
    CHECK(outbox.sent() == 0);
    CHECK(numbers(inbox).empty());
    CHECK(outbox.send_all(std::vector<Letter>(64)));
    CHECK(numbers(inbox).size() == 64);
}
