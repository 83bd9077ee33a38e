// How much a daemon takes: starts chronusd, presses it over real sockets, and prints a table.
//
//     osc_load [--seconds S] [MODE ...]
//
// Without a mode: all of them. With --seconds each part of one takes about so long, which is enough
// to see that it works and not to judge it. Exits 1 when something is wrong on whatever machine;
// what is only slower than it should be is told, as the machine may be busy.

#include "tests/perf/osc_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <string_view>
#include <thread>

namespace {

using namespace chronus;

struct Mode {
    std::string_view name, what;
    perf::Figures (*run)(const perf::Effort &);
};
constexpr std::array kModes{
    Mode{"rtt", "from a question to its answer", perf::round_trips},
    Mode{"rate", "parameter messages without loss", perf::rates},
    Mode{"gate", "instructions from a datagram to the engine's mailbox", perf::instructions},
    Mode{"onsets", "from the moment a note is meant for to its sound", perf::onset_errors},
    Mode{"flood", "100,000 packets a second while it plays", perf::flood},
    Mode{"panic", "from /panic on the Unix socket to silence, in that flood", perf::panics},
    Mode{"malformed", "millions of packets that nobody should send", perf::malformed},
    Mode{"mirror", "two daemons set at each other", perf::mirrored},
    Mode{"lossy", "commands over a bad link, sent until answered", perf::lossy},
};

struct Asked {
    perf::Effort effort;
    std::vector<const Mode *> modes;
};

[[noreturn]] void usage() {
    std::cerr << "usage: osc_load [--seconds S] [MODE ...]\n";
    for (const Mode &mode : kModes) std::cerr << fmt::format("  {:<10} {}\n", mode.name, mode.what);
    std::exit(64);
}

Asked asked_for(int argc, char **argv) {
    Asked asked;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--seconds" && i + 1 < argc) {
            asked.effort.seconds = std::atof(argv[++i]);
            if (!(*asked.effort.seconds > 0)) usage();
            continue;
        }
        const auto mode = std::ranges::find(kModes, word, &Mode::name);
        if (mode == kModes.end()) usage();
        asked.modes.push_back(&*mode);
    }
    if (asked.modes.empty())
        for (const Mode &mode : kModes) asked.modes.push_back(&mode);
    return asked;
}

/// How busy the machine is, over the last minute.
double load_average() {
    double load = 0;
    std::ifstream("/proc/loadavg") >> load;
    return load;
}

std::string_view word_of(perf::Verdict verdict) {
    constexpr std::array kWords{"", "met", "missed", "BROKEN"};
    return kWords[static_cast<std::size_t>(verdict)];
}

/// The mode's lines of the table; a mode that fails is a line too.
perf::Figures figures_of(const Mode &mode, const perf::Effort &effort) {
    try {
        return mode.run(effort);
    } catch (const std::exception &fault) {
        return {{std::string{mode.what}, fault.what(), "", perf::Verdict::broken}};
    }
}

} // namespace

int main(int argc, char **argv) {
    const Asked asked = asked_for(argc, argv);
    bool broken = false;
    std::cout << "| what | measured | target | | load |\n| --- | --- | --- | --- | --- |\n";
    for (const Mode *mode : asked.modes)
        for (const perf::Figure &figure : figures_of(*mode, asked.effort)) {
            std::cout << fmt::format("| {} | {} | {} | {} | {:.1f} |", figure.what, figure.measured,
                                     figure.target, word_of(figure.verdict), load_average())
                      << std::endl;
            broken |= figure.verdict == perf::Verdict::broken;
        }
    std::cout << fmt::format(
        "\n{} cores; load is the machine's over the last minute, this included\n",
        std::thread::hardware_concurrency());
    return broken ? 1 : 0;
}
