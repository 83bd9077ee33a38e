#include "patterns/history/executions.h"
#include "patterns/history/item_keeper.h"
#include "patterns/history/journal.h"
#include "patterns/history/versions.h"
#include "tests/crash/child.h"
#include "tests/crash/temp_folder.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <sstream>
#include <thread>
#include <vector>

namespace chronus::test {
namespace {

using namespace patterns;

/// Those it said it had put; of a last word cut short nothing is known.
std::vector<std::int64_t> numbers_in(const std::string &said) {
    std::vector<std::int64_t> out;
    std::istringstream lines(said);
    for (std::string line; std::getline(lines, line) && !lines.eof();)
        out.push_back(std::stoll(line));
    return out;
}

std::vector<std::int64_t> kept_in(Database &db) {
    auto asked = *db.prepare("SELECT CAST(content AS INTEGER) FROM items WHERE type = 54"
                             " ORDER BY execution, seq");
    std::vector<std::int64_t> out;
    while (*asked.next()) out.push_back(asked.whole(0));
    return out;
}

/// CHRONUS_KILLS, 200 unless that is set.
std::uint64_t kills() {
    const char *asked = std::getenv("CHRONUS_KILLS");
    return asked != nullptr ? std::strtoull(asked, nullptr, 10) : 200;
}

} // namespace

TEST_CASE("kill -9 at hundreds of random times: what was put is kept, once and in order") {
    TempFolder temp;
    std::mt19937 chance(1);
    std::vector<std::int64_t> said;
    for (std::uint64_t kill = 0; kill < kills(); ++kill) {
        const Child child =
            start_child({CHRONUS_PUT_LOOP, temp.path.string(), fmt::to_string(kill * 10'000'000)});
        std::array<char, 1> first{};
        REQUIRE(::read(child.out.get(), first.data(), 1) == 1); // it is putting now
        std::this_thread::sleep_for(std::chrono::microseconds(chance() % 12'000));
        REQUIRE(::kill(child.pid, SIGKILL) == 0);
        const auto more = numbers_in(first[0] + read_to_end(child.out.get()));
        REQUIRE(was_killed(child));
        said.insert(said.end(), more.begin(), more.end());
    }
    Journal journal{temp.path / "history.journal"};
    auto db = *Database::open(temp.path / "history.db", kHistoryVersions);
    REQUIRE(db.check());
    REQUIRE(ItemKeeper{journal}.drain(db));
    const auto kept = kept_in(db);
    CHECK(said.size() > 1000);
    CHECK(std::ranges::is_sorted(kept));
    CHECK(std::ranges::adjacent_find(kept) == kept.end());
    CHECK(std::ranges::includes(kept, said));
    CHECK(kept.size() <= said.size() + kills()); // put, and killed before it could say so
}

} // namespace chronus::test
