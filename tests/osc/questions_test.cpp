#include "osc/questions.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace chronus;
using namespace chronus::osc;

namespace {

Peer peer(std::uint32_t number) { return {.stream = number, .local = true}; }
Request question(const std::string &address) { return {{address, {}}}; }
const auto kAll = [](const Peer &) { return true; };

std::vector<std::string> taken(Questions &questions) {
    std::vector<std::string> out;
    while (auto next = questions.take(kAll)) out.push_back(next->second.message.address);
    return out;
}

} // namespace

TEST_CASE("questions: each peer's in their order, the peers by turns", "[osc]") {
    Questions questions;
    for (const char *address : {"/a1", "/a2", "/a3"})
        REQUIRE(questions.add(peer(1), question(address)));
    for (const char *address : {"/b1", "/b2"}) REQUIRE(questions.add(peer(2), question(address)));
    CHECK(questions.has(peer(2)));
    CHECK(taken(questions) == std::vector<std::string>{"/a1", "/b1", "/a2", "/b2", "/a3"});
    CHECK_FALSE(questions.has(peer(2)));
    CHECK(questions.size() == 0);
}

TEST_CASE("questions: who has no room waits, and keeps nobody waiting", "[osc]") {
    Questions questions;
    REQUIRE(questions.add(peer(1), question("/a1")));
    REQUIRE(questions.add(peer(2), question("/b1")));
    const auto second = [](const Peer &p) { return p == peer(2); };
    CHECK(questions.any(second));
    CHECK(questions.take(second)->first == peer(2));
    CHECK_FALSE(questions.any(second));
    CHECK_FALSE(questions.take(second));
    CHECK(questions.take(kAll)->first == peer(1));
}

TEST_CASE("questions: of one and of all only so many wait; who is gone makes room", "[osc]") {
    Questions questions;
    std::uint32_t peers = 0;
    for (; questions.size() < Questions::kMost; ++peers) {
        for (std::size_t n = 0; n < Questions::kMostOfOne; ++n)
            REQUIRE(questions.add(peer(peers), question("/q")));
        REQUIRE(questions.add(peer(peers), question("/q")).error().code == Errc::queue_full);
    }
    CHECK(questions.add(peer(peers), question("/q")).error().code == Errc::queue_full);
    CHECK(questions.room_for(peer(peers)) == 0);
    questions.forget(peer(0));
    questions.forget(peer(0));
    CHECK(questions.room_for(peer(peers)) == Questions::kMostOfOne);
    CHECK(questions.add(peer(peers), question("/q")));
    CHECK(questions.size() == Questions::kMost - Questions::kMostOfOne + 1);
}
