// How long a daemon takes to answer while it plays: perf_store PORT. Prints for each question
//
//     NAME p50 MICROSECONDS p99 MICROSECONDS most MICROSECONDS
//
// from sending it to having its answer. A save is answered when it is safe on the disk, a load when
// it is queued for the next bar. scripts/perf starts the daemon and the music.

#include "osc/client.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <thread>

namespace {

using namespace chronus;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

[[noreturn]] void fail(const std::string &what) {
    std::cerr << "perf_store: " << what << "\n";
    std::exit(1);
}

/// Seconds from question to answer.
double asked(osc::Client &client, const osc::Message &question) {
    const Clock::time_point begin = Clock::now();
    const auto answer = client.ask(question, 5s);
    const std::chrono::duration<double> took = Clock::now() - begin;
    if (!answer) fail(answer.error().what);
    if (answer->back().address == "/error") fail(question.address + " was refused");
    return took.count();
}

/// Asks `times` times with pauses of unlike lengths between, so that no rhythm of the daemon's is
/// met each time.
void measure(osc::Client &client, const char *name, std::size_t times,
             const std::function<osc::Message(std::size_t)> &question) {
    std::vector<double> seconds;
    for (std::size_t n = 0; n < times; ++n) {
        seconds.push_back(asked(client, question(n)));
        std::this_thread::sleep_for(std::chrono::microseconds(500 + n * 7919 % 3000));
    }
    std::ranges::sort(seconds);
    const auto at = [&](double share) {
        return 1e6 * seconds[static_cast<std::size_t>(share * static_cast<double>(times - 1))];
    };
    std::cout << name << " p50 " << at(0.5) << " p99 " << at(0.99) << " most " << at(1)
              << std::endl;
}

} // namespace

int main(int argc, char **argv) {
    const int port = argc == 2 ? std::atoi(argv[1]) : 0;
    if (port < 1 || port > 65535) fail("usage: perf_store PORT");
    auto client = osc::Client::open("127.0.0.1", static_cast<std::uint16_t>(port));
    if (!client) fail(client.error().what);
    const auto slot = [](std::size_t n) { return static_cast<std::int32_t>(1 + n % 16); };
    measure(*client, "status", 1000, [](std::size_t) { return osc::Message{"/status"}; });
    measure(*client, "parameter", 1000,
            [](std::size_t) { return osc::Message{"/mod/voice1/filter/freq"}; });
    measure(*client, "save", 300, [&](std::size_t n) {
        return osc::Message{"/pattern/save", {slot(n), std::string{"perf"}}};
    });
    measure(*client, "load", 300, [&](std::size_t n) {
        return osc::Message{"/pattern/load", {slot(n)}};
    });
}
