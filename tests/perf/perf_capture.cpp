// What it costs those who play that all is written down: perf_capture [SECONDS [ROUNDS]] plays six
// tracks live, a knob each 2 ms and an edit each 100 ms, in turns with the items of the history and
// without them (5 rounds of 10 s each). Prints of the control thread how long a plain move, an edit
// and a turn of its loop took, and one in which a snapshot is taken; how much of that it had a
// core; and of the audio thread how many blocks took which share of the time they last, and what
// share of a core it had. Exits 1 when at p99 a snapshot takes more than 1 ms of a core.

#include "engine/host/block_times.h"
#include "engine/host/privileges.h"
#include "tests/support/director_rig.h"

#include "osc/packet.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace chronus;
using namespace chronus::test;

constexpr std::int64_t kMs = 1'000'000, kSecond = 1'000 * kMs;

std::int64_t core_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * kSecond + now.tv_nsec;
}
void sleep_until(std::int64_t at_ns) {
    const timespec at{at_ns / kSecond, at_ns % kSecond};
    while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr) != 0) {
    }
}
/// How long this thread was ready and had no core. Units: ns.
std::int64_t waited_ns() {
    std::ifstream file(fmt::format("/proc/self/task/{}/schedstat", ::gettid()));
    std::int64_t ran = 0, waited = 0;
    file >> ran >> waited;
    return waited;
}

/// Of one thing that is done again and again.
struct Costs {
    std::vector<std::int64_t> took, on_core; // ns

    template <class F>
    void of(F work) {
        const std::int64_t began = monotonic_ns(), core = core_ns();
        work();
        on_core.push_back(core_ns() - core);
        took.push_back(monotonic_ns() - began);
    }
};

/// What rounds of one kind came to.
struct Sum {
    std::map<std::string, Costs> control;
    BlockTimes blocks;
    std::int64_t audio_ns = 0, waited = 0, time = 0;
};

/// Renders a session as a device would, in real time.
class AudioThread {
public:
    AudioThread(Session &session, Sum &sum)
        : session_(session), sum_(sum), thread_([this] { run(); }) {}
    ~AudioThread() {
        quit_ = true;
        thread_.join();
    }

private:
    void run() {
        (void)raise_priority();
        constexpr std::size_t kBlock = 256;
        std::array<float, kBlock> left{}, right{};
        BlockTimesMeter times;
        const std::int64_t core = core_ns();
        const std::int64_t start = monotonic_ns();
        for (std::int64_t n = 0; !quit_; ++n) {
            sleep_until(start + n * std::int64_t{kBlock} * kSecond / 48000);
            const std::int64_t began = monotonic_ns();
            session_.engine().render({left, right});
            times.add(static_cast<float>(monotonic_ns() - began) * 48000 /
                      static_cast<float>(kBlock * kSecond));
        }
        sum_.audio_ns += core_ns() - core;
        times.add_to(sum_.blocks);
    }

    Session &session_;
    Sum &sum_;
    std::atomic<bool> quit_{false};
    std::thread thread_;
};

std::vector<std::byte> packet(const std::string &address, std::vector<osc::Value> args) {
    return osc::encode({address, std::move(args)});
}

void play(bool observed, std::int64_t seconds, Sum &sum) {
    DirectorRig rig({.observed = observed});
    for (int n = 1; n <= 6; ++n)
        rig.say(
            {"/seq/add", {fmt::format("t{}", n), fmt::format("voice{}", n), "X.x.X..xX.x.x.x."}});
    rig.say({"/seq/bpm", {240.0f}});
    rig.say({"/seq/start"});
    std::uint64_t bar = 0;
    const std::int64_t start = monotonic_ns(), waited = waited_ns();
    const AudioThread audio(rig.session, sum);
    for (std::int64_t n = 0; n < seconds * 500; ++n) {
        sleep_until(start + n * 2 * kMs);
        rig.now_ns = monotonic_ns();
        const std::uint64_t now = rig.session.telemetry().step.load() / kStepsPerBar;
        sum.control[std::exchange(bar, now) == now ? "a turn" : "a snapshot"].of([&] {
            rig.director.run_due();
            rig.director.hear_engine();
        });
        const auto move = packet("/mod/voice1/amp", {static_cast<float>(n % 900) / 900});
        sum.control["a move"].of([&] { rig.take(move); });
        if (n % 50 == 7) {
            const auto edit =
                packet("/seq/update/pattern", {"t2", n % 100 == 7 ? "X..." : "X.x.x..."});
            sum.control["an edit"].of([&] { rig.take(edit); });
        }
        rig.sent.clear();
    }
    sum.waited += waited_ns() - waited;
    sum.time += monotonic_ns() - start;
}

double at(std::vector<std::int64_t> &sorted, double share) {
    const auto i = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
    return static_cast<double>(sorted[std::min(i, sorted.size() - 1)]) / 1000;
}

void tell(Sum &with, Sum &without) {
    for (auto &[what, costs] : with.control)
        for (auto *sum : {&with, &without}) {
            Costs &of = sum->control[what];
            std::ranges::sort(of.took);
            std::ranges::sort(of.on_core);
            std::cout << fmt::format(
                "{:18} {:8} p50 {:7.1f} p99 {:7.1f} most {:8.1f} us, on a core p50 {:7.1f} p99 "
                "{:7.1f} most {:7.1f} us\n",
                what, sum == &with ? "with" : "without", at(of.took, 0.5), at(of.took, 0.99),
                at(of.took, 1), at(of.on_core, 0.5), at(of.on_core, 0.99), at(of.on_core, 1));
        }
    std::cout << "\nblocks, by the share of their time they took\n" << fmt::format("{:8}", "");
    for (const float end : BlockTimes::kEnds)
        std::cout << fmt::format("{:>9}", fmt::format("<={:.3f}", end));
    std::cout << fmt::format("{:>9}{:>9}{:>12}{:>14}\n", "more", "longest", "of a core",
                             "control away");
    for (const auto *sum : {&with, &without}) {
        std::cout << fmt::format("{:8}", sum == &with ? "with" : "without");
        for (const auto count : sum->blocks.counts) std::cout << fmt::format("{:>9}", count);
        std::cout << fmt::format("{:>9.3f}{:>10.3f} %{:>11.1f} ms\n", sum->blocks.longest,
                                 100.0 * static_cast<double>(sum->audio_ns) /
                                     static_cast<double>(sum->time),
                                 static_cast<double>(sum->waited) / 1e6);
    }
}

} // namespace

int main(int argc, char **argv) {
    const std::int64_t seconds = argc > 1 ? std::atoll(argv[1]) : 10;
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
    Sum with, without;
    for (int round = 0; round < rounds; ++round) {
        play(round % 2 == 0, seconds, round % 2 == 0 ? with : without);
        play(round % 2 != 0, seconds, round % 2 != 0 ? with : without);
    }
    tell(with, without);
    return at(with.control["a snapshot"].on_core, 0.99) > 1000 ? 1 : 0;
}
