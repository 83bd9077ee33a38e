// Instructions of the control thread from a datagram to the engine's mailbox: the daemon itself
// under callgrind, which counts inside one function alone. What the kernel does is not in it.

#include "tests/perf/osc_load.h"
#include "tests/perf/osc_load_daemon.h"
#include "tests/perf/osc_load_wire.h"

#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace chronus::perf {

namespace {

constexpr double kMost = 600;

std::uint64_t collected(const std::string &said) {
    const auto found = said.find("Collected : ");
    if (found == std::string::npos) throw std::runtime_error("callgrind tells no count: " + said);
    return std::stoull(said.substr(found + 12));
}

/// Where callgrind counts: inside this function and all it calls.
struct Stretch {
    const char *what;
    std::vector<const char *> functions; ///< without what the further ones do inside the first
};
const Stretch kGateToMailbox{"from the gate to the mailbox",
                             {"chronus::osc::Director::take(*",
                              "chronus::osc::Observer::moved(*ParamRoutes*",
                              "chronus::osc::Observer::sent(*"}};
const Stretch kWrittenDown{"the same, and written down for the history",
                           {"chronus::osc::Director::take(*"}};
const Stretch kAll{"of the control thread in all", {"chronus::osc::Server::run()"}};

/// Of a daemon's life in which it gets so many messages, a few at a time.
std::uint64_t instructions_of(const Stretch &stretch, std::size_t messages, std::size_t bundled) {
    std::vector<std::string> under{"valgrind", "--tool=callgrind",
                                   "--callgrind-out-file=/dev/null"};
    for (const char *function : stretch.functions)
        under.push_back(fmt::format("--toggle-collect={}", function));
    Daemon daemon({}, under);
    osc::Client client = daemon.client();
    const Wire wire(daemon.port());
    Movements movements;
    Packet packet;
    for (std::size_t n = 0; n < messages; n += bundled) {
        bundled == 1 ? movements.message(packet) : movements.bundle(packet, bundled);
        wire.send(packet);
        if (n % 2000 < bundled) (void)asked(client, {"/mod/voice1/amp"}, 60s);
    }
    if (movements.wrong(client) != 0) throw std::runtime_error("some of the messages were lost");
    (void)daemon.end();
    return collected(daemon.said());
}

/// The difference between two lives is what the messages alone cost.
double a_message(const Stretch &stretch, std::size_t bundled, std::size_t messages) {
    const std::uint64_t few = instructions_of(stretch, messages, bundled);
    const std::uint64_t many = instructions_of(stretch, 3 * messages, bundled);
    return static_cast<double>(many - few) / static_cast<double>(2 * messages);
}

} // namespace

Figures instructions(const Effort &effort) {
    if (std::system("command -v valgrind >/dev/null") != 0)
        return {not_here("datagram to mailbox", "valgrind is not installed")};
    const std::size_t messages = effort.seconds ? 1000 : 10'000;
    Figures out;
    for (const auto &[name, bundled] :
         {std::pair{"a single message", std::size_t{1}}, {"each of a bundle of 20", 20}}) {
        out.push_back(at_most(fmt::format("{}, {}", name, kGateToMailbox.what),
                              a_message(kGateToMailbox, bundled, messages), kMost, "instructions"));
        for (const Stretch &more : {kWrittenDown, kAll})
            out.push_back({fmt::format("{}, {}", name, more.what),
                           fmt::format("{:.4g} instructions", a_message(more, bundled, messages))});
    }
    return out;
}

} // namespace chronus::perf
