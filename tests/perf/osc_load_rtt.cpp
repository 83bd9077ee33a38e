// How soon it answers while it plays, against a socket that sends back what it gets.

#include "osc/packet.h"
#include "tests/perf/osc_load.h"
#include "tests/perf/osc_load_daemon.h"
#include "tests/perf/osc_load_wire.h"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <stdexcept>
#include <thread>
#include <unistd.h>

namespace chronus::perf {

namespace {

constexpr std::size_t kQuestions = 20'000;
constexpr std::size_t kLargest = 65536;

/// Sends every datagram back to where it came from; an empty one ends it.
class Echo {
public:
    Echo() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in here{};
        here.sin_family = AF_INET;
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof here;
        ::bind(fd_, reinterpret_cast<sockaddr *>(&here), size);
        ::getsockname(fd_, reinterpret_cast<sockaddr *>(&here), &size);
        port_ = ntohs(here.sin_port);
        thread_ = std::thread([this] { run(); });
    }
    ~Echo() {
        Wire{port_}.send({});
        thread_.join();
        ::close(fd_);
    }
    std::uint16_t port() const { return port_; }

private:
    void run() const {
        std::array<std::byte, 2048> buffer;
        sockaddr_in from{};
        for (;;) {
            socklen_t size = sizeof from;
            const auto to = reinterpret_cast<sockaddr *>(&from);
            const ssize_t got = ::recvfrom(fd_, buffer.data(), buffer.size(), 0, to, &size);
            if (got <= 0) return;
            (void)::sendto(fd_, buffer.data(), static_cast<std::size_t>(got), 0, to, size);
        }
    }

    int fd_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

/// Microseconds from each question to its answer, one after the other.
std::vector<double> timed(const std::function<void()> &ask, const Effort &effort) {
    std::vector<double> out;
    const std::int64_t end =
        effort.seconds ? now_ns() + static_cast<std::int64_t>(*effort.seconds * 1e9) : INT64_MAX;
    while (out.size() < kQuestions && now_ns() < end) {
        const std::int64_t begin = now_ns();
        ask();
        out.push_back(static_cast<double>(now_ns() - begin) / 1000);
    }
    return out;
}

std::vector<double> over_udp(const Wire &wire, const osc::Message &question, const Effort &effort) {
    const Packet packet = osc::encode(question);
    std::vector<std::byte> buffer(kLargest);
    return timed(
        [&] {
            wire.send(packet);
            if (wire.receive(buffer) == 0)
                throw std::runtime_error(question.address + ": no answer");
        },
        effort);
}

/// As every client of the Unix socket asks: what reading the answer costs it is in it.
std::vector<double> over_unix(osc::Client &client, const osc::Message &question,
                              const Effort &effort) {
    return timed(
        [&] {
            const auto any = [](const osc::Message &) { return true; };
            if (const auto answer = client.ask(question, 5s, any); !answer)
                throw std::runtime_error(answer.error().what);
        },
        effort);
}

Figure answers(const std::string &what, const std::vector<double> &times) {
    const Spread us = spread_of(times);
    return {.what = fmt::format("{}, of {}", what, times.size()),
            .measured =
                fmt::format("p50 {:.0f}, p99 {:.0f}, most {:.0f} us", us.p50, us.p99, us.most),
            .target = "p50 at most 60, p99 300 us",
            .verdict = us.p50 <= 60 && us.p99 <= 300 ? Verdict::met : Verdict::missed};
}

} // namespace

Figures round_trips(const Effort &effort) {
    Daemon daemon;
    osc::Client client = daemon.client(), local = daemon.local_client();
    play_eight_voices(client);
    Echo echo;
    const Wire echoing(echo.port()), udp(daemon.port());
    const osc::Message moved{"/mod/voice1/filter/freq", {440.0f}};
    Figures out{answers("echo of 44 bytes over UDP", over_udp(echoing, moved, effort))};
    out[0].target = "the floor";
    out[0].verdict = Verdict::shown;
    for (const osc::Message &question :
         std::initializer_list<osc::Message>{{"/status"}, {"/sync", {1}}, {"/mod/voice1/amp"}}) {
        if (!knows(client, question)) {
            out.push_back(not_here(question.address, "no such command"));
            continue;
        }
        out.push_back(answers(question.address + " over UDP", over_udp(udp, question, effort)));
        out.push_back(answers(question.address + " over the Unix socket",
                              over_unix(local, question, effort)));
    }
    return out;
}

} // namespace chronus::perf
