#include "patterns/store/state_lock.h"
#include "tests/crash/temp_folder.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <chrono>

namespace chronus::test {
namespace {

using namespace patterns;
namespace fs = std::filesystem;

/// What a child process answered about the folder: 'o' owner, 'b' busy, 'e' any other error.
char answer_of(const fs::path &folder) {
    const auto state = StateDir::open(folder);
    if (state) return 'o';
    return state.error().code == Errc::busy ? 'b' : 'e';
}

/// A child that opens the folder once told to, answers with one letter, and waits to be killed.
struct Child {
    pid_t pid = 0;
    UniqueFd go, answer;
};

void live_as_child(const fs::path &folder, int go, int answer) {
    char letter = 0;
    if (::read(go, &letter, 1) != 1) ::_exit(1);
    const auto state = StateDir::open(folder);
    letter = state ? 'o' : (state.error().code == Errc::busy ? 'b' : 'e');
    if (::write(answer, &letter, 1) != 1) ::_exit(1);
    for (;;) ::pause();
}

Child start(const fs::path &folder) {
    std::array<int, 2> go{}, answer{};
    REQUIRE(::pipe2(go.data(), O_CLOEXEC) == 0);
    REQUIRE(::pipe2(answer.data(), O_CLOEXEC) == 0);
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) live_as_child(folder, go[0], answer[1]);
    ::close(go[0]);
    ::close(answer[1]);
    return {pid, UniqueFd(go[1]), UniqueFd(answer[0])};
}

void release(const Child &child) { REQUIRE(::write(child.go.get(), "g", 1) == 1); }

char answer(const Child &child) {
    char letter = 0;
    REQUIRE(::read(child.answer.get(), &letter, 1) == 1);
    return letter;
}

void kill_and_wait(const Child &child) {
    ::kill(child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
}

} // namespace

TEST_CASE("state folder: all its folders are made for their owner alone", "[store]") {
    TempFolder temp;
    const auto folder = temp.path / "not" / "yet" / "there";
    const auto mask = ::umask(0);
    const auto state = StateDir::open(folder);
    ::umask(mask);
    REQUIRE(state);
    for (const auto *name : {"", "patterns/slots", "patterns/backups", "patterns/damaged",
                             "setlists", "recordings", "renders"})
        CHECK(fs::status(folder / name).permissions() == fs::perms(0700));
    CHECK(get(folder / "lock") == fmt::format("{}\n", ::getpid()));
    CHECK(state->disk().list("patterns"));
}

TEST_CASE("state folder: a second owner is told which process has it", "[store]") {
    TempFolder temp;
    const auto first = StateDir::open(temp.path);
    REQUIRE(first);
    const auto second = StateDir::open(temp.path);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::busy);
    CHECK(second.error().what == fmt::format("{}: already in use by chronusd, process {}",
                                             temp.path.native(), ::getpid()));
}

TEST_CASE("state folder: it is free as soon as its owner lets go", "[store]") {
    TempFolder temp;
    { REQUIRE(StateDir::open(temp.path)); }
    CHECK(answer_of(temp.path) == 'o');
}

TEST_CASE("state folder: of eight processes racing for it exactly one has it, and a killed owner's "
          "hold ends at once",
          "[store]") {
    TempFolder temp;
    for (int round = 0; round < 25; ++round) {
        std::vector<Child> children;
        for (int i = 0; i < 8; ++i) children.push_back(start(temp.path));
        for (const Child &child : children) release(child);
        std::string answers;
        for (const Child &child : children) answers += answer(child);
        CAPTURE(answers);
        CHECK(std::ranges::count(answers, 'o') == 1);
        CHECK(std::ranges::count(answers, 'b') == 7);
        for (const Child &child : children) kill_and_wait(child);
        CHECK(answer_of(temp.path) == 'o');
    }
}

TEST_CASE("state folder: a loser is refused within a second, without touching a file", "[store]") {
    TempFolder temp;
    const auto state = StateDir::open(temp.path);
    REQUIRE(state);
    fs::remove_all(temp.path / "renders");
    put(temp.path / "lock", "4194305\n"); // a process number beyond what Linux hands out
    const auto before = std::chrono::steady_clock::now();
    const auto second = StateDir::open(temp.path);
    CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(1));
    CHECK(second.error().what ==
          temp.path.native() + ": already in use by chronusd, another process");
    CHECK_FALSE(fs::exists(temp.path / "renders"));
}

TEST_CASE("state folder: one that others may write to is refused, and the hint mends it",
          "[store]") {
    TempFolder temp;
    fs::permissions(temp.path, fs::perms(0770));
    const auto state = StateDir::open(temp.path);
    REQUIRE_FALSE(state);
    CHECK(state.error().code == Errc::io);
    CHECK(state.error().what == temp.path.native() + ": others may write to it");
    REQUIRE(std::system(state.error().hint.c_str()) == 0);
    CHECK(StateDir::open(temp.path));
}

TEST_CASE("state folder: what cannot be made or entered is said in one sentence", "[store]") {
    TempFolder temp;
    put(temp.path / "file", "");
    const auto in_file = StateDir::open(temp.path / "file" / "state");
    CHECK(in_file.error().code == Errc::io);
    CHECK(in_file.error().what ==
          (temp.path / "file/state").native() + ": cannot make this state folder: Not a directory");
    CHECK(StateDir::open(temp.path / "file").error().what ==
          (temp.path / "file").native() + ": cannot use as state folder: Not a directory");
    CHECK(StateDir::open("/proc/none").error().code == Errc::io);
    CHECK(StateDir::open("").error().code == Errc::io);
}

TEST_CASE("state folder: a folder one may not write is said in one sentence", "[store]") {
    if (::geteuid() == 0) return; // to root every folder is writable
    TempFolder temp;
    fs::permissions(temp.path, fs::perms(0500));
    const auto state = StateDir::open(temp.path);
    fs::permissions(temp.path, fs::perms(0700));
    CHECK(state.error().code == Errc::io);
    CHECK(state.error().what == temp.path.native() + ": cannot make its lock: Permission denied");
}

TEST_CASE("state folder: a planted lock or folder leads nowhere", "[store]") {
    TempFolder temp, elsewhere;
    put(elsewhere.path / "precious", "precious");
    const bool as_lock = GENERATE(true, false);
    if (as_lock)
        fs::create_symlink(elsewhere.path / "precious", temp.path / "lock");
    else
        fs::create_directory_symlink(elsewhere.path, temp.path / "patterns");
    CHECK(StateDir::open(temp.path).error().code == Errc::io);
    CHECK(get(elsewhere.path / "precious") == "precious");
    CHECK(std::distance(fs::directory_iterator(elsewhere.path), {}) == 1);
}

} // namespace chronus::test
