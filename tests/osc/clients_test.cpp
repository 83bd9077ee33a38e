#include "osc/clients.h"

#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace chronus;
using namespace chronus::osc;

namespace {

Peer peer(std::uint64_t n) { return {.ip = {127, 0, 0, 1}, .port = static_cast<std::uint16_t>(n)}; }

} // namespace

TEST_CASE("clients: 256 are known, the one unheard for longest makes room", "[osc]") {
    test::Chance chance{GENERATE(1u, 2u)};
    Clients clients;
    std::vector<std::uint64_t> by_age; // the last heard last
    for (std::int64_t now = 1; now < 20000; ++now) {
        const std::uint64_t n = 1 + chance.below(400);
        const bool known = clients.find(peer(n)) != nullptr;
        REQUIRE(known == (std::ranges::find(by_age, n) != by_age.end()));
        std::erase(by_age, n);
        by_age.push_back(n);
        if (by_age.size() > Clients::kMost) by_age.erase(by_age.begin());
        clients.heard(peer(n), now).replies = static_cast<int>(n % 3);
        REQUIRE(clients.all().size() == by_age.size());
        if (!chance.one_in(50)) continue;
        clients.forget(peer(n));
        by_age.pop_back();
        REQUIRE(clients.find(peer(n)) == nullptr);
    }
    CHECK(clients.all().size() > 250);
    for (const std::uint64_t n : by_age) CHECK(clients.find(peer(n))->replies == int(n % 3));
}

TEST_CASE("clients: a new one is as everybody begins, also in the place of another", "[osc]") {
    Clients clients;
    for (std::uint64_t n = 1; n <= 300; ++n) {
        Client &client = clients.heard(peer(n), static_cast<std::int64_t>(n));
        CHECK(client.replies == 1);
        CHECK(client.heard_ns == static_cast<std::int64_t>(n));
        CHECK(client.arrivals.packets() == 0);
        client.replies = 2;
        client.arrivals.packet(10, 1);
    }
    CHECK(clients.heard(peer(1), 301).replies == 1); // forgotten in between
    clients.forget(peer(300));
    CHECK(clients.heard(peer(300), 302).replies == 1);
}

TEST_CASE("clients: forgetting one leaves the others, the last heard too", "[osc]") {
    Clients clients;
    clients.heard(peer(1), 1).replies = 2;
    clients.heard(peer(2), 2).replies = 0;
    clients.forget(peer(1));
    clients.forget(peer(3)); // never heard of
    CHECK(clients.find(peer(1)) == nullptr);
    CHECK(clients.heard(peer(2), 3).replies == 0);
    CHECK(clients.all().size() == 1);
}
