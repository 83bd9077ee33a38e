#include "tests/support/rt_guard.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {
using namespace chronus;
using namespace std::chrono_literals;

// The optimiser deletes a new/delete pair nobody looks at; what passes through here stays.
void *volatile sink;

void keep(void *memory) { sink = memory; }

/// Runs `f` inside a scope on a thread of its own whose system calls are trapped; how many it made.
template <class F>
std::uint64_t system_calls_in(F f) {
    rt::forget();
    bool trapped = false;
    std::thread([&] {
        trapped = rt::trap_system_calls();
        const rt::RtScope scope;
        f();
    }).join();
    REQUIRE(trapped);
    return rt::system_calls();
}
} // namespace

TEST_CASE("rt guard: arithmetic and atomics are no violation") {
    std::atomic<int> n = 0;
    float x = 1.0f;
    CHECK(rt::violations_in([&] {
              for (int i = 0; i < 100; ++i) x = x * 0.5f + static_cast<float>(++n);
          }) == 0);
    CHECK(x > 0.0f);
}

TEST_CASE("rt guard: outside a scope everything is allowed") {
    rt::forget();
    keep(new int(1));
    delete static_cast<int *>(sink);
    CHECK(rt::violations() == 0);
}

TEST_CASE("rt guard: one thread's scope does not bind another") {
    rt::forget();
    std::atomic<bool> inside = false, done = false;
    std::thread audio([&] {
        const rt::RtScope scope;
        inside = true;
        while (!done) {
        }
    });
    while (!inside) {
    }
    keep(std::malloc(100));
    std::free(sink);
    done = true;
    audio.join();
    CHECK(rt::violations() == 0);
}

TEST_CASE("rt guard: a scope inside a scope does not end the outer one") {
    CHECK(rt::violations_in([] {
              { const rt::RtScope inner; }
              keep(std::malloc(100));
          }) == 1);
    std::free(sink);
}

TEST_CASE("rt guard: memory taken is caught, however it is asked for") {
    CHECK(rt::violations_in([] { keep(std::malloc(100)); }) == 1);
    CHECK(rt::violations_in([] { keep(std::realloc(sink, 10000)); }) >= 1);
    std::free(sink);
    CHECK(rt::violations_in([] { keep(std::calloc(10, 10)); }) == 1);
    std::free(sink);
    CHECK(rt::violations_in([] { keep(new int(1)); }) == 1);
    delete static_cast<int *>(sink);
    struct alignas(64) Line {
        char bytes[64];
    };
    CHECK(rt::violations_in([] { keep(new Line); }) == 1);
    delete static_cast<Line *>(sink);
    std::vector<int> v;
    CHECK(rt::violations_in([&] { v.push_back(1); }) == 1);
    std::string s(15, 'x'); // one more leaves the small buffer
    CHECK(rt::violations_in([&] { s.push_back('y'); }) == 1);
}

TEST_CASE("rt guard: memory given back is caught") {
    keep(std::malloc(100));
    CHECK(rt::violations_in([] { std::free(sink); }) == 1);
    auto owned = std::make_shared<int>(1);
    CHECK(rt::violations_in([&] { owned.reset(); }) == 1);
}

TEST_CASE("rt guard: a throw is caught") {
    CHECK(rt::violations_in([] {
              try {
                  throw 1;
              } catch (int) {
              }
          }) >= 1);
}

TEST_CASE("rt guard: an uncontended lock is caught") {
    if (!rt::kSeesCalls) return;
    std::mutex mutex;
    CHECK(rt::violations_in([&] { const std::scoped_lock lock(mutex); }) == 1);
    CHECK(std::string(rt::last_violation()) == "pthread_mutex_lock");
}

TEST_CASE("rt guard: waking and waiting are caught") {
    if (!rt::kSeesCalls) return;
    std::condition_variable ready;
    std::mutex mutex;
    std::unique_lock lock(mutex);
    CHECK(rt::violations_in([&] { ready.notify_one(); }) == 1);
    CHECK(rt::violations_in([&] { ready.wait_for(lock, 1us); }) >= 1);
    CHECK(rt::violations_in([] { std::this_thread::sleep_for(1us); }) == 1);
    CHECK(rt::violations_in([] { std::this_thread::yield(); }) == 1);
}

TEST_CASE("rt guard: output is caught") {
    if (!rt::kSeesCalls) return;
    std::FILE *null = std::fopen("/dev/null", "w");
    REQUIRE(null != nullptr);
    CHECK(rt::violations_in([] { std::printf("%d", 0); }) >= 1);
    CHECK(rt::violations_in([&] { std::fprintf(null, "%d", 0); }) >= 1);
    CHECK(rt::violations_in([&] { std::fwrite("x", 1, 1, null); }) >= 1);
    CHECK(rt::violations_in([&] { std::fputs("x", null); }) >= 1);
    std::fclose(null);
    std::puts("");
}

TEST_CASE("rt guard: files are caught") {
    if (!rt::kSeesCalls) return;
    int file = -1;
    CHECK(rt::violations_in([&] { file = ::open("/dev/null", O_WRONLY); }) == 1);
    CHECK(rt::violations_in([&] { CHECK_NOFAIL(::write(file, "x", 1) == 1); }) >= 1);
    CHECK(rt::violations_in([&] { ::close(file); }) == 1);
}

TEST_CASE("rt guard: a look at the clock is caught") {
    if (!rt::kSeesCalls) return;
    CHECK(rt::violations_in([] { (void)std::chrono::steady_clock::now(); }) == 1);
    CHECK(rt::violations_in([] { (void)std::chrono::system_clock::now(); }) == 1);
}

TEST_CASE("rt guard: a trapped system call is counted, named and still done") {
    if (!rt::kSeesSystemCalls) return;
    long pid = 0;
    CHECK(system_calls_in([&] { pid = ::syscall(SYS_getpid); }) == 1);
    CHECK(rt::last_system_call() == SYS_getpid);
    CHECK(pid == ::getpid());
}

TEST_CASE("rt guard: a system call past the C library is counted") {
    if (!rt::kSeesSystemCalls) return;
#if defined(__x86_64__)
    long pid = SYS_getpid;
    CHECK(system_calls_in([&] {
              asm volatile("syscall" : "+a"(pid)::"rcx", "r11", "memory");
          }) == 1);
    CHECK(pid == ::getpid());
    CHECK(rt::violations() == 0); // which is why there are two guards
#endif
}

TEST_CASE("rt guard: a large allocation, a file and a contended lock enter the system") {
    if (!rt::kSeesSystemCalls) return;
    CHECK(system_calls_in([] { keep(std::malloc(100 << 20)); }) >= 1);
    std::free(sink);
    CHECK(system_calls_in([] { ::close(::open("/dev/null", O_WRONLY)); }) == 2);
    std::mutex mutex;
    std::atomic<bool> held = false, waiting = false;
    std::thread holder([&] {
        const std::scoped_lock lock(mutex);
        held = true;
        while (!waiting) std::this_thread::yield();
        std::this_thread::sleep_for(20ms);
    });
    while (!held) std::this_thread::yield();
    CHECK(system_calls_in([&] {
              waiting = true;
              const std::scoped_lock lock(mutex);
          }) >= 1);
    holder.join();
}

TEST_CASE("rt guard: a trapped thread that stays pure makes no system call") {
    if (!rt::kSeesSystemCalls) return;
    volatile float x = 1.0f;
    CHECK(system_calls_in([&] {
              for (int i = 0; i < 1000; ++i) x = x * 0.5f + 1.0f;
          }) == 0);
}
