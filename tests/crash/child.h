#pragma once

#include "patterns/store/unique_fd.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

namespace chronus::test {

/// A working process and the pipe it speaks through.
struct Child {
    pid_t pid = 0;
    patterns::UniqueFd out;
};

inline Child start_child(std::vector<std::string> words) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    ::fcntl(pipe[1], F_SETPIPE_SZ, 1 << 20); // it never waits for us
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
    std::vector<char *> argv;
    for (std::string &word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    Child child{0, patterns::UniqueFd(pipe[0])};
    const int spawned = ::posix_spawn(&child.pid, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
    REQUIRE(spawned == 0);
    return child;
}

inline std::string read_to_end(int fd) {
    std::string text;
    std::array<char, 4096> part{};
    for (ssize_t got; (got = ::read(fd, part.data(), part.size())) > 0;)
        text.append(part.data(), static_cast<std::size_t>(got));
    return text;
}

/// True when it was killed, false when it ended on its own.
inline bool was_killed(const Child &child) {
    int status = 0;
    REQUIRE(::waitpid(child.pid, &status, 0) == child.pid);
    if (WIFEXITED(status)) REQUIRE(WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

} // namespace chronus::test
