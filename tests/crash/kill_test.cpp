#include "patterns/store/slot_writer.h"
#include "patterns/store/slots.h"
#include "patterns/store/state_lock.h"
#include "tests/crash/child.h"
#include "tests/crash/temp_folder.h"
#include "tests/crash/toy_format.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <thread>

namespace chronus::test {
namespace {

using namespace patterns;

constexpr std::int64_t kNow = 1'800'000'000'000;

Child start(const std::filesystem::path &folder, unsigned seed, std::size_t k) {
    return start_child(
        {CHRONUS_SAVE_LOOP, folder.string(), fmt::to_string(seed), fmt::to_string(k)});
}

/// What was acknowledged and what was only tried, learnt from what the process said.
struct Ledger {
    std::map<int, std::string> acked;
    std::map<int, std::string> tried; ///< the one without an answer
    std::size_t count = 0;

    void learn(const std::string &said) {
        std::istringstream lines(said);
        for (std::string line; std::getline(lines, line);) {
            const int slot = line.at(2) - '0';
            const std::string text = line.substr(4);
            if (line[0] == '?') tried[slot] = text;
            if (line[0] == '!') {
                tried.erase(slot);
                acked[slot] = text;
                ++count;
            }
        }
    }
};

std::string text_in(const Slots &slots, int slot) {
    const auto bytes = slots.load(slot);
    if (!bytes) return bytes.error().code == Errc::not_found ? "" : bytes.error().what;
    const std::string content = content_of(*bytes);
    return content.substr(0, content.find('\n'));
}

/// What must hold in the folder of a killed process; learns which of two texts it is.
void verify(const std::filesystem::path &folder, Ledger &ledger) {
    const auto state = StateDir::open(folder); // the hold ended with the process
    REQUIRE(state);
    Slots slots(state->disk(), inspect_toy);
    for (int slot = 1; slot <= 4; ++slot) {
        const std::string now = text_in(slots, slot);
        const auto tried = ledger.tried.find(slot);
        CAPTURE(slot, now, ledger.acked[slot]);
        REQUIRE(
            (now == ledger.acked[slot] || (tried != ledger.tried.end() && now == tried->second)));
        ledger.acked[slot] = now;
        const auto copies = slots.backups(slot);
        REQUIRE(copies);
        for (const BackupEntry &copy : *copies) REQUIRE(copy.state == SlotState::sound);
    }
    ledger.tried.clear();
    REQUIRE(slots.set_aside() == 0);

    SlotWriter writer(state->disk(), inspect_toy, 1);
    REQUIRE(writer.start());
    for (const auto *name : {"patterns/slots", "patterns/backups"})
        for (const auto &entry : std::filesystem::directory_iterator(folder / name))
            REQUIRE_FALSE(is_temp_name(entry.path().filename().string()));
}

} // namespace

TEST_CASE("kill -9 at every disk call of a session: each slot old or new, the next start clean") {
    std::size_t deaths = 0;
    for (std::size_t k = 1; k <= 300; ++k) {
        TempFolder temp;
        const Child child = start(temp.path, 1, k);
        Ledger ledger;
        ledger.learn(read_to_end(child.out.get()));
        if (was_killed(child)) ++deaths;
        CAPTURE(k);
        verify(temp.path, ledger);
    }
    CHECK(deaths == 300);
}

TEST_CASE("kill -9 at 300 random times in one long-lived folder loses nothing acknowledged") {
    TempFolder temp;
    Ledger ledger;
    std::mt19937 chance(2);
    for (unsigned kill = 0; kill < 300; ++kill) {
        const Child child = start(temp.path, kill, 0);
        std::array<char, 1> first{};
        REQUIRE(::read(child.out.get(), first.data(), 1) == 1); // it is saving now
        std::this_thread::sleep_for(std::chrono::microseconds(chance() % 12'000));
        REQUIRE(::kill(child.pid, SIGKILL) == 0);
        ledger.learn(first[0] + read_to_end(child.out.get()));
        REQUIRE(was_killed(child));
        CAPTURE(kill);
        verify(temp.path, ledger);
    }
    CHECK(ledger.count > 300); // it was killed while at work, not before
}

} // namespace chronus::test
