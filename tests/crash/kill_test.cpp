#include "patterns/store/slot_writer.h"
#include "patterns/store/slots.h"
#include "patterns/store/state_lock.h"
#include "tests/crash/temp_folder.h"
#include "tests/crash/toy_format.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

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

/// A saving process and the pipe it speaks through.
struct Child {
    pid_t pid = 0;
    UniqueFd out;
};

Child start(const std::filesystem::path &folder, unsigned seed, std::size_t k) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    ::fcntl(pipe[1], F_SETPIPE_SZ, 1 << 20); // it never waits for us
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
    std::array<std::string, 4> words{CHRONUS_SAVE_LOOP, folder.string(), fmt::to_string(seed),
                                     fmt::to_string(k)};
    std::array<char *, 5> argv{words[0].data(), words[1].data(), words[2].data(), words[3].data()};
    Child child{0, UniqueFd(pipe[0])};
    const int spawned =
        ::posix_spawn(&child.pid, CHRONUS_SAVE_LOOP, &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
    REQUIRE(spawned == 0);
    return child;
}

std::string read_to_end(int fd) {
    std::string text;
    std::array<char, 4096> part{};
    for (ssize_t got; (got = ::read(fd, part.data(), part.size())) > 0;)
        text.append(part.data(), static_cast<std::size_t>(got));
    return text;
}

/// True when it was killed, false when it ended on its own.
bool was_killed(const Child &child) {
    int status = 0;
    REQUIRE(::waitpid(child.pid, &status, 0) == child.pid);
    if (WIFEXITED(status)) REQUIRE(WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
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
