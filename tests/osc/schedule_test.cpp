#include "osc/schedule.h"

#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace chronus;
using namespace chronus::osc;

namespace {

Peer peer(std::uint16_t port) { return {.ip = {127, 0, 0, 1}, .port = port}; }

/// One command, told from others by its address.
Schedule::Entry entry(Due due, const std::string &address, const std::string &id = "",
                      std::uint16_t port = 1) {
    return {.name = {}, .due = due, .errand = {peer(port), {Request{{address}, id}}}};
}

std::vector<std::string> addresses(const std::vector<Schedule::Entry> &entries) {
    std::vector<std::string> out;
    for (const auto &e : entries) out.push_back(e.errand.requests.front().message.address);
    return out;
}

constexpr Moment line(std::uint64_t step) { return {step, false}; }
constexpr Moment named(std::uint64_t step) { return {step, true}; }

} // namespace

TEST_CASE("schedule: gives what is due in order of time, equal times in order of coming, once",
          "[osc]") {
    test::Chance chance{GENERATE(1u, 2u, 3u)};
    const bool by_step = GENERATE(true, false);
    struct Waiting {
        std::uint64_t time;
        std::string address;
    };
    Schedule schedule;
    std::vector<Waiting> model;
    for (std::uint64_t now = 0, n = 0; now < 400; now += 1 + chance.below(20)) {
        for (std::uint64_t more = chance.below(30); more > 0; --more) {
            const std::uint64_t time = now + chance.below(60);
            const std::string address = "/n" + std::to_string(n++);
            REQUIRE(schedule.add(entry(by_step ? Due{line(time)} : Due{Frame{time}}, address)));
            model.push_back({time, address});
        }
        std::ranges::stable_sort(model, {}, &Waiting::time);
        const auto later = std::ranges::upper_bound(model, now, {}, &Waiting::time);
        std::vector<std::string> expected;
        for (auto at = model.begin(); at != later; ++at) expected.push_back(at->address);
        model.erase(model.begin(), later);
        const auto due = by_step ? schedule.take(0, now) : schedule.take(now, std::nullopt);
        REQUIRE(addresses(due) == expected);
        REQUIRE(schedule.size() == model.size());
    }
}

TEST_CASE("schedule: lines do not come while the music stands, frames do", "[osc]") {
    Schedule schedule;
    REQUIRE(schedule.add(entry(Frame{10}, "/frame")));
    REQUIRE(schedule.add(entry(line(0), "/line")));
    CHECK(addresses(schedule.take(1000, std::nullopt)) == std::vector<std::string>{"/frame"});
    CHECK(schedule.size() == 1);
}

TEST_CASE("schedule: when the music stops, what was counted from then goes, named lines stay",
          "[osc]") {
    Schedule schedule;
    REQUIRE(schedule.add(entry(Frame{10}, "/frame")));
    REQUIRE(schedule.add(entry(line(32), "/counted")));
    REQUIRE(schedule.add(entry(named(16), "/named")));
    REQUIRE(schedule.add(entry(line(4), "/counted/before")));
    CHECK(addresses(schedule.take_uncounted()) ==
          std::vector<std::string>{"/counted/before", "/counted"});
    CHECK(schedule.size() == 2);
    CHECK(schedule.take_uncounted().empty());
    CHECK(addresses(schedule.take(0, 16)) == std::vector<std::string>{"/named"});
}

TEST_CASE("schedule: 4,096 wait, one more is refused with what shows them, and one less is room",
          "[osc]") {
    Schedule schedule;
    for (std::size_t n = 0; n < Schedule::kMost; ++n)
        REQUIRE(schedule.add(n % 2 == 0 ? entry(Frame{n}, "/a") : entry(line(n), "/a")));
    const auto refused = schedule.add(entry(Frame{1}, "/a"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::queue_full);
    CHECK(refused.error().what.find("4096") != std::string::npos);
    CHECK(refused.error().hint == "/next");
    CHECK(schedule.size() == 4096);
    REQUIRE(schedule.cancel("#1", peer(1)));
    CHECK(schedule.add(entry(Frame{1}, "/a")));
}

TEST_CASE("schedule: what waits is called by the client's id, or by a number no other has",
          "[osc]") {
    Schedule schedule;
    CHECK(*schedule.add(entry(Frame{1}, "/a")) == "#1");
    CHECK(*schedule.add(entry(line(1), "/b", "mine")) == "mine");
    CHECK(*schedule.add(entry(Frame{1}, "/c")) == "#2");
    (void)schedule.take(1, 1);
    CHECK(*schedule.add(entry(Frame{1}, "/d")) == "#3");
    Schedule::Entry several = entry(Frame{1}, "/e");
    several.errand.requests.push_back({{"/f"}, "second"});
    CHECK(*schedule.add(several) == "second");
}

TEST_CASE("schedule: what is cancelled is handed back and does not happen; others do", "[osc]") {
    Schedule schedule;
    for (const char *id : {"a", "b", "c"}) {
        REQUIRE(schedule.add(entry(line(4), std::string{"/line/"} + id, std::string{"l"} + id)));
        REQUIRE(schedule.add(entry(Frame{4}, std::string{"/frame/"} + id, std::string{"f"} + id)));
    }
    const auto line_b = schedule.cancel("lb", peer(1));
    REQUIRE(line_b);
    CHECK(line_b->errand.requests.front().message.address == "/line/b");
    REQUIRE(schedule.cancel("fb", peer(1)));
    for (const char *gone : {"lb", "fb", "", "#1", "l"}) {
        CHECK(schedule.find(gone, peer(1)) == nullptr);
        CHECK_FALSE(schedule.cancel(gone, peer(1)));
    }
    CHECK(addresses(schedule.take(4, 4)) ==
          std::vector<std::string>{"/frame/a", "/frame/c", "/line/a", "/line/c"});
}

TEST_CASE("schedule: one name cancels one thing, of several that of who asks", "[osc]") {
    Schedule schedule;
    REQUIRE(schedule.add(entry(Frame{1}, "/mine", "1", 1)));
    REQUIRE(schedule.add(entry(Frame{2}, "/yours", "1", 2)));
    REQUIRE(schedule.add(entry(line(3), "/mine/too", "1", 1)));
    const auto cancelled = [&](std::uint16_t by) {
        CHECK(schedule.find("1", peer(by)) != nullptr);
        return schedule.cancel("1", peer(by))->errand.requests.front().message.address;
    };
    CHECK(cancelled(2) == "/yours");
    CHECK(cancelled(3) == "/mine"); // everybody may
    CHECK(cancelled(1) == "/mine/too");
    CHECK(schedule.size() == 0);
    CHECK(schedule.find("1", peer(1)) == nullptr);
}

TEST_CASE("schedule: who is gone is forgotten, and nobody else", "[osc]") {
    Schedule schedule;
    for (std::uint16_t port = 1; port <= 3; ++port) {
        REQUIRE(schedule.add(entry(Frame{port}, "/f" + std::to_string(port), "", port)));
        REQUIRE(schedule.add(entry(named(port), "/l" + std::to_string(port), "", port)));
    }
    schedule.forget(peer(2));
    CHECK(addresses(schedule.take(9, 9)) == std::vector<std::string>{"/f1", "/f3", "/l1", "/l3"});
}
