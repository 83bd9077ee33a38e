// What renders cost, and what they cost those who play meanwhile. scripts/perf runs it.
//
//     perf_render set FOLDER SECONDS  a set of 12 songs so long, each the pattern that commands on
//                                     standard input build - without any 8 saws - processed on all
//                                     cores to wav24
//     perf_render live SECONDS        the same pattern played live by a thread as a sound card has
//                                     it: alone, while every core renders, and while every core
//                                     turns in a loop that is none of ours - what is late then, the
//                                     machine has held up; how late its blocks are done, and how
//                                     long one waited for a core that somebody else had

#include "engine/host/host_clock.h"
#include "engine/host/privileges.h"
#include "patterns/show/studio.h"
#include "patterns/store/unique_fd.h"
#include "tests/crash/temp_folder.h"
#include "tests/perf/scenes.h"
#include "tests/support/rig.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <iostream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace chronus;
using patterns::KeptPattern;
using patterns::Setlist;

constexpr std::uint32_t kRate = 48000, kBlock = 256;
constexpr std::int64_t kSecond = 1'000'000'000, kPeriod = kSecond * kBlock / kRate;

std::int64_t no_time() { return 0; }

/// Of all threads, in seconds.
double cpu_s() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

Scene scene_from(std::istream &commands) {
    Scene scene = perf::scene_of(commands);
    return scene.track_count > 0 ? scene : perf::saws(8);
}

Setlist set_of(const Scene &scene, std::size_t songs, double seconds) {
    const double bar_s = 240.0 / static_cast<double>(scene.params.get(param("seq/bpm")));
    Setlist set{.name = "hour", .base = {KeptPattern{{.scene = scene}}}};
    for (std::size_t i = 0; i < songs; ++i)
        set.songs.push_back({.name = fmt::format("song-{}", i + 1),
                             .parts = {{.bars = static_cast<std::uint32_t>(seconds / bar_s + 1)}}});
    return set;
}

patterns::SetOrder order_of(Setlist set) {
    return {.set = std::make_shared<const Setlist>(std::move(set))};
}

void wait_for(const ProgressStore &store, const std::string &job) {
    while (!is_over(store.find(job)->status))
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
}

int process(const Scene &scene, const std::string &folder, double seconds) {
    ProgressStore store{{no_time, monotonic_ns}};
    patterns::Studio studio{store, folder};
    const double cpu = cpu_s();
    const std::int64_t begin = monotonic_ns();
    const auto job = studio.process(order_of(set_of(scene, 12, seconds)));
    wait_for(store, *job);
    const double took_s = static_cast<double>(monotonic_ns() - begin) / kSecond;
    double audio_s = 0;
    for (const auto &song : studio.take_processed()) audio_s += song.state.metrics.at("seconds");
    fmt::print("audio_s {:.1f} wall_s {:.2f} cpu_s {:.2f}\n", audio_s, took_s, cpu_s() - cpu);
    return audio_s >= 12 * seconds ? 0 : 1;
}

/// How long after a block was due it was done: less than 100 us, ... less than 5.3 ms, and too
/// late.
class Histogram {
public:
    static constexpr std::array<std::int64_t, 7> kUpTo_us{100, 200, 500, 1000, 2000, 4000, 5333};

    void count(std::int64_t ns, std::int64_t waited_ns) {
        std::size_t i = 0;
        while (i < kUpTo_us.size() && ns >= 1000 * kUpTo_us[i]) ++i;
        ++counts_[i];
        worst_ns_ = std::max(worst_ns_, ns);
        waited_ns_ = std::max(waited_ns_, waited_ns);
    }
    void print(std::string_view name) const {
        std::string out{name};
        for (const auto each : counts_) out += fmt::format(" {}", each);
        fmt::print("{} worst_us {} waited_us {}\n", out, worst_ns_ / 1000, waited_ns_ / 1000);
    }

private:
    std::array<std::uint64_t, kUpTo_us.size() + 1> counts_{};
    std::int64_t worst_ns_ = 0, waited_ns_ = 0;
};

/// How long this thread, ready to run, has waited for a core others had; as the kernel counts it.
class WaitsForCore {
public:
    /// Since the last call.
    std::int64_t ns() {
        std::array<char, 64> text{};
        if (::pread(file_.get(), text.data(), text.size() - 1, 0) <= 0) return 0;
        const std::int64_t all = std::strtoll(std::strchr(text.data(), ' '), nullptr, 10);
        return all - std::exchange(all_, all);
    }

private:
    patterns::UniqueFd file_{::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)};
    std::int64_t all_ = 0;
};

/// Plays for so long, a block at a time, each when it is due.
Histogram play(Session &session, double seconds) {
    std::vector<float> left(kBlock), right(kBlock);
    Histogram out;
    std::thread audio{[&] {
        raise_priority();
        WaitsForCore waits;
        (void)waits.ns();
        std::int64_t due = monotonic_ns() + kPeriod;
        for (auto blocks = static_cast<std::int64_t>(seconds * kRate / kBlock); blocks > 0;
             --blocks, due += kPeriod) {
            const timespec at{due / kSecond, due % kSecond};
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
            session.engine().render({left, right});
            const std::int64_t done = monotonic_ns();
            out.count(done - due, waits.ns());
        }
    }};
    audio.join();
    return out;
}

/// As long as it lives, every core turns in a loop that needs nothing.
class Loops {
public:
    Loops() {
        for (std::size_t i = 0; i < Workers::cores(); ++i)
            loops_.emplace_back([](std::stop_token end) {
                make_way();
                while (!end.stop_requested()) {
                }
            });
    }

private:
    std::vector<std::jthread> loops_;
};

Histogram play_while_rendering(Session &session, const Scene &scene, double seconds) {
    const test::TempFolder folder;
    ProgressStore store{{no_time, monotonic_ns}};
    patterns::Studio studio{store, folder.path};
    const auto job = studio.process(order_of(set_of(scene, 8, 100 * seconds)));
    const Histogram with = play(session, seconds);
    if (is_over(store.find(*job)->status)) throw std::runtime_error("the renders were over first");
    (void)store.cancel(*job, "perf_render");
    wait_for(store, *job);
    return with;
}

int live(const Scene &scene, double seconds) {
    test::Rig rig{scene, {}};
    (void)rig.session.start();
    for (int round = 0; round < 3; ++round) { // what else the machine does hits all alike
        play(rig.session, seconds).print("alone");
        play_while_rendering(rig.session, scene, seconds).print("rendering");
        const Loops loops;
        play(rig.session, seconds).print("bare_loops");
    }
    return 0;
}

} // namespace

int main(int argc, char **argv) {
    const std::string_view what = argc > 2 ? argv[1] : "";
    if (what == "set" && argc == 4)
        return process(scene_from(std::cin), argv[2], std::atof(argv[3]));
    if (what == "live") return live(scene_from(std::cin), std::atof(argv[2]));
    std::cerr << "usage: perf_render set FOLDER SECONDS | live SECONDS\n";
    return 64;
}
