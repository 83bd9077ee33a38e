#include "osc/answer_memory.h"

#include <catch2/catch.hpp>

#include <random>

using namespace chronus;
using namespace chronus::osc;
using State = AnswerMemory::State;

namespace {

Peer client(std::uint16_t port) { return {.ip = {127, 0, 0, 1}, .port = port}; }
AnswerMemory::Packet packet(std::size_t size, int fill = 0) {
    return AnswerMemory::Packet(size, static_cast<std::byte>(fill));
}
const Peer kOne = client(1), kOther = client(2);

/// Taken and answered at once.
void answered(AnswerMemory &memory, const Peer &peer, const std::string &id, std::int64_t now_ms,
              std::size_t size = 4) {
    REQUIRE(memory.begin(peer, id, now_ms));
    memory.add_answer(peer, id, packet(size), now_ms);
}

} // namespace

TEST_CASE("answer memory: what was answered once is answered the same again", "[osc]") {
    AnswerMemory memory;
    CHECK(memory.find(kOne, "a", 0) == nullptr);
    REQUIRE(memory.begin(kOne, "a", 0));
    memory.add_answer(kOne, "a", packet(4, 1), 1);
    memory.add_answer(kOne, "a", packet(8, 2), 1);
    const auto *entry = memory.find(kOne, "a", 2);
    REQUIRE(entry != nullptr);
    CHECK(entry->state == State::answered);
    CHECK(entry->answers == std::vector{packet(4, 1), packet(8, 2)});
}

TEST_CASE("answer memory: an id means something to its client only", "[osc]") {
    AnswerMemory memory;
    answered(memory, kOne, "a", 0);
    CHECK(memory.find(kOther, "a", 0) == nullptr);
    CHECK(memory.find(kOne, "b", 0) == nullptr);
    CHECK(memory.find(kOne, "", 0) == nullptr);
}

TEST_CASE("answer memory: an answer is kept 30 s, and one that is awaited without end", "[osc]") {
    AnswerMemory memory;
    answered(memory, kOne, "a", 1000);
    REQUIRE(memory.begin(kOne, "slow", 1000));
    CHECK(memory.find(kOne, "a", 30'999) != nullptr);
    CHECK(memory.find(kOne, "a", 31'000) == nullptr);
    REQUIRE(memory.find(kOne, "slow", 10'000'000) != nullptr);
    CHECK(memory.find(kOne, "slow", 10'000'000)->state == State::pending);
    memory.add_answer(kOne, "slow", packet(4), 10'000'000);
    REQUIRE(memory.find(kOne, "slow", 10'029'999) != nullptr);
    CHECK(memory.find(kOne, "slow", 10'029'999)->state == State::answered);
    CHECK(memory.find(kOne, "slow", 10'030'000) == nullptr);
    CHECK(memory.bytes() == 0);
}

TEST_CASE("answer memory: an id that is in use is not begun again", "[osc]") {
    AnswerMemory memory;
    REQUIRE(memory.begin(kOne, "a", 0));
    const auto again = memory.begin(kOne, "a", 1);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == Errc::conflict);
    CHECK(memory.ids() == 1);
}

TEST_CASE("answer memory: of too many of one client the longest answered goes", "[osc]") {
    AnswerMemory memory({.ids_per_client = 3});
    REQUIRE(memory.begin(kOne, "waits", 0));
    answered(memory, kOne, "z", 1);
    answered(memory, kOne, "a", 2);
    answered(memory, kOther, "z", 0);
    answered(memory, kOne, "new", 3);
    CHECK(memory.find(kOne, "z", 3) == nullptr);
    CHECK(memory.find(kOne, "waits", 3) != nullptr);
    CHECK(memory.find(kOne, "a", 3) != nullptr);
    CHECK(memory.find(kOther, "z", 3) != nullptr);
}

TEST_CASE("answer memory: where all wait for answers a new one is refused, of this client only",
          "[osc]") {
    AnswerMemory memory({.ids_per_client = 2});
    REQUIRE(memory.begin(kOne, "a", 0));
    REQUIRE(memory.begin(kOne, "b", 0));
    const auto third = memory.begin(kOne, "c", 0);
    REQUIRE_FALSE(third);
    CHECK(third.error().code == Errc::queue_full);
    CHECK(third.error().what ==
          "id c: 2 requests of 127.0.0.1:1 wait for their answers; no more may");
    CHECK(memory.find(kOne, "c", 0) == nullptr);
    CHECK(memory.begin(kOther, "c", 0));
    memory.add_answer(kOne, "a", packet(1), 0);
    CHECK(memory.begin(kOne, "c", 0));
}

TEST_CASE("answer memory: of too many bytes those answered longest ago go, whoever asked",
          "[osc]") {
    AnswerMemory memory({.bytes = 3500});
    answered(memory, kOne, "a", 0, 1000);
    answered(memory, kOther, "b", 1, 1000);
    answered(memory, kOne, "c", 2, 1000);
    CHECK(memory.find(kOne, "a", 2) == nullptr);
    CHECK(memory.find(kOther, "b", 2) != nullptr);
    CHECK(memory.find(kOne, "c", 2) != nullptr);
}

TEST_CASE("answer memory: an answer too big to keep is known to have been given", "[osc]") {
    AnswerMemory memory({.bytes = 2000});
    REQUIRE(memory.begin(kOne, "a", 0));
    memory.add_answer(kOne, "a", packet(500), 0);
    memory.add_answer(kOne, "a", packet(5000), 0);
    REQUIRE(memory.find(kOne, "a", 0) != nullptr);
    CHECK(memory.find(kOne, "a", 0)->state == State::too_big);
    CHECK(memory.find(kOne, "a", 0)->answers.empty());
    memory.add_answer(kOne, "a", packet(1), 0); // half an answer would be a wrong one
    CHECK(memory.find(kOne, "a", 0)->state == State::too_big);
    CHECK(memory.find(kOne, "a", 30'000) == nullptr);
    CHECK(memory.bytes() == 0);
}

TEST_CASE("answer memory: the rest of an old answer does not push out its start", "[osc]") {
    AnswerMemory memory({.bytes = 2500});
    answered(memory, kOne, "a", 0, 500);
    answered(memory, kOne, "b", 1, 500);
    memory.add_answer(kOne, "a", packet(900), 2);
    CHECK(memory.find(kOne, "b", 2) == nullptr);
    REQUIRE(memory.find(kOne, "a", 2) != nullptr);
    CHECK(memory.find(kOne, "a", 2)->answers.size() == 2);
}

TEST_CASE("answer memory: too many that wait fill it, and nothing is lost", "[osc]") {
    AnswerMemory memory({.ids_per_client = 1000, .bytes = 10'000});
    std::size_t begun = 0;
    while (memory.begin(client(static_cast<std::uint16_t>(begun)), "id", 0)) ++begun;
    CHECK(begun > 10);
    CHECK(memory.ids() == begun);
    for (std::size_t i = 0; i < begun; ++i)
        CHECK(memory.find(client(static_cast<std::uint16_t>(i)), "id", 1'000'000) != nullptr);
}

TEST_CASE("answer memory: a client that is gone leaves nothing, and nobody else goes", "[osc]") {
    AnswerMemory memory;
    answered(memory, kOther, "a", 0);
    const std::size_t before = memory.bytes();
    answered(memory, kOne, "a", 0);
    REQUIRE(memory.begin(kOne, "waits", 0));
    memory.forget(kOne);
    CHECK(memory.bytes() == before);
    CHECK(memory.ids() == 1);
    memory.add_answer(kOne, "waits", packet(10), 1); // the disk was slower than the client
    CHECK(memory.find(kOne, "waits", 1) == nullptr);
    CHECK(memory.begin(kOne, "a", 1));
}

TEST_CASE("answer memory: never holds more than its limits, and forgets all in the end", "[osc]") {
    const AnswerMemory::Limits limits{.ids_per_client = 5, .bytes = 8000, .keep_ms = 100};
    AnswerMemory memory(limits);
    std::mt19937 random(1);
    std::int64_t now = 0;
    const auto any_client = [&] { return client(static_cast<std::uint16_t>(random() % 9)); };
    const auto any_id = [&] { return std::to_string(random() % 12); };
    for (int n = 0; n < 50'000; ++n) {
        now += random() % 5;
        const Peer peer = any_client();
        const std::string id = any_id();
        if (random() % 50 == 0) memory.forget(peer);
        if (memory.find(peer, id, now) == nullptr && random() % 2 == 0)
            (void)memory.begin(peer, id, now);
        else
            memory.add_answer(peer, id, packet(random() % 1500), now);
        if (memory.bytes() > limits.bytes || memory.ids() > 9 * limits.ids_per_client)
            FAIL("too much after " << n);
    }
    for (std::uint16_t port = 0; port < 9; ++port) memory.forget(client(port));
    CHECK(memory.bytes() == 0);
    CHECK(memory.ids() == 0);
}
