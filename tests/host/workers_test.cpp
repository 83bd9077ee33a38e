#include "engine/host/workers.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <linux/capability.h>
#include <sched.h>
#include <semaphore>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace chronus;
using namespace std::chrono_literals;

namespace {

/// Threads of this program, as the system counts them.
std::ptrdiff_t threads_there() {
    return std::distance(std::filesystem::directory_iterator{"/proc/self/task"}, {});
}

/// Waits for what other threads bring about.
template <class F>
bool comes(F holds) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!holds() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
    return holds();
}

} // namespace

TEST_CASE("workers: one thread does its work in the order given", "[host]") {
    std::vector<int> done;
    {
        Workers workers{1};
        for (int i = 0; i < 50; ++i) CHECK(workers.submit([&done, i] { done.push_back(i); }));
    }
    CHECK(done.size() == 50);
    CHECK(std::ranges::is_sorted(done));
}

namespace {

/// What a worker runs at in a process that may not have real-time priority.
int policy_without_permission() {
    __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct may[2]{}; // nothing
    const rlimit none{0, 0};
    if (::setrlimit(RLIMIT_RTPRIO, &none) != 0 || ::syscall(SYS_capset, &head, may) != 0) return -1;
    int policy = -1;
    {
        Workers workers{1};
        if (!workers.submit([&] { policy = ::sched_getscheduler(0); })) return -1;
    }
    return policy;
}

} // namespace

TEST_CASE("workers: where live audio has no real-time priority they run on idle cores alone",
          "[host]") {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(policy_without_permission() == SCHED_IDLE ? 0 : 1);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}

TEST_CASE("workers: as many work at once as there are threads, at the lowest priority", "[host]") {
    std::counting_semaphore<3> begun{0}, go_on{0};
    std::atomic<int> nice = 0;
    Workers workers{3};
    const auto work = [&] {
        nice += ::getpriority(PRIO_PROCESS, 0); // of this thread
        begun.release();
        go_on.acquire();
    };
    REQUIRE(workers.submit_all({work, work, work}));
    for (int i = 0; i < 3; ++i) CHECK(begun.try_acquire_for(20s));
    CHECK(workers.running() == 3);
    CHECK(nice == 3 * 19);
    CHECK(::getpriority(PRIO_PROCESS, 0) < 19);
    go_on.release(3);
}

TEST_CASE("workers: at rest there are no threads, and work brings them back", "[host]") {
    const auto before = threads_there();
    Workers workers{2};
    CHECK(threads_there() == before);
    for (int round = 0; round < 20; ++round) {
        std::atomic<int> done = 0;
        const auto work = [&] { ++done; };
        REQUIRE(workers.submit_all({work, work, work}));
        CHECK(comes([&] { return done == 3 && workers.running() == 0; }));
        CHECK(comes([&] { return threads_there() == before; }));
    }
}

TEST_CASE("workers: what is too much is refused whole, and what there was goes on", "[host]") {
    std::binary_semaphore begun{0}, go_on{0};
    std::atomic<int> done = 0;
    Workers workers{1};
    REQUIRE(workers.submit([&] {
        begun.release();
        go_on.acquire();
    }));
    REQUIRE(begun.try_acquire_for(20s));
    const auto count = [&] { ++done; };
    std::vector<Workers::Work> most(Workers::kMostWaiting, count);
    REQUIRE(workers.submit_all(most));
    const auto refused = workers.submit_all({count, count});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::busy);
    CHECK_THAT(refused.error().what, Catch::Contains("64"));
    CHECK(workers.waiting() == Workers::kMostWaiting);
    go_on.release();
    CHECK(comes([&] { return done == static_cast<int>(Workers::kMostWaiting); }));
    CHECK(workers.submit(count));
}
