#include "osc/client.h"
#include "osc/packet.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace chronus;
using namespace chronus::osc;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

constexpr auto kPatience = 5000ms; // only a failing test waits so long

UdpSocket listener(const std::string &host = "127.0.0.1") {
    auto socket = UdpSocket::bind(host, 0);
    if (!socket) FAIL(socket.error().what);
    return *std::move(socket);
}

Client client_of(const UdpSocket &socket) {
    auto client = Client::open("127.0.0.1", socket.local().port);
    if (!client) FAIL(client.error().what);
    return *std::move(client);
}

std::array<std::byte, 65536> buffer;

/// Waits for the next datagram; its bytes are good until the next call.
Datagram next(UdpSocket &socket) {
    pollfd wanted{socket.fd(), POLLIN, 0};
    if (::poll(&wanted, 1, static_cast<int>(kPatience.count())) != 1) FAIL("nothing came");
    const auto got = socket.receive(buffer);
    if (!got || !*got) FAIL("nothing to receive");
    return **got;
}

Message next_message(UdpSocket &socket) {
    const auto got = decode(next(socket).bytes, kDatagramLimits);
    if (!got) FAIL(got.error().what);
    return got->front().message;
}

/// A port nobody listens on: the kernel chose it a moment ago and it is free again.
std::uint16_t closed_port() { return listener().local().port; }

std::string shell(const std::string &command) {
    FILE *const pipe = ::popen(command.c_str(), "r");
    std::string out;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out += static_cast<char>(c);
    ::pclose(pipe);
    return out;
}

bool has_liblo_tools() { return !shell("command -v oscsend && command -v oscdump").empty(); }

/// liblo's own listener, printing what it hears into a pipe, for as long as this lives.
class OscDump {
public:
    explicit OscDump(std::uint16_t port) {
        int ends[2];
        if (::pipe(ends) != 0) FAIL("no pipe");
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(ends[1], STDOUT_FILENO);
            ::execlp("oscdump", "oscdump", "-L", std::to_string(port).c_str(), nullptr);
            ::_exit(127);
        }
        ::close(ends[1]);
        out_ = ends[0];
    }
    OscDump(const OscDump &) = delete;
    ~OscDump() {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
        ::close(out_);
    }

    /// What it prints within a moment, or nothing.
    std::string heard(std::chrono::milliseconds patience) const {
        pollfd wanted{out_, POLLIN, 0};
        if (::poll(&wanted, 1, static_cast<int>(patience.count())) != 1) return {};
        char text[4096];
        const ssize_t size = ::read(out_, text, sizeof text);
        return {text, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
    }

private:
    pid_t pid_ = -1;
    int out_ = -1;
};

} // namespace

TEST_CASE("udp: what is sent arrives, with its sender", "[osc]") {
    const std::string host = GENERATE("127.0.0.1", "::1");
    auto there = UdpSocket::bind(host, 0);
    if (!there && host == "::1") return; // a machine without IPv6
    REQUIRE(there);
    UdpSocket here = listener(host);
    REQUIRE(here.send_to(there->local(), encode({"/a", {1}})));
    const Datagram got = next(*there);
    CHECK(got.from == here.local());
    CHECK(got.from.is_loopback());
    CHECK_FALSE(got.truncated);
    CHECK(std::ranges::equal(got.bytes, encode({"/a", {1}})));
    REQUIRE(there->send_to(got.from, encode({"/b"})));
    CHECK(next_message(here) == Message{"/b"});
}

TEST_CASE("udp: a taken port is refused by its number, and stays with its owner", "[osc]") {
    UdpSocket owner = listener();
    const auto second = UdpSocket::bind("127.0.0.1", owner.local().port);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::busy);
    CHECK(second.error().what == "port " + std::to_string(owner.local().port) +
                                     " on 127.0.0.1 is in use by another program");
}

TEST_CASE("udp: an address that is nobody's is refused by name", "[osc]") {
    const auto empty = UdpSocket::bind("", 0);
    REQUIRE_FALSE(empty);
    CHECK(empty.error().code == Errc::not_found);
    const auto foreign = UdpSocket::bind("192.0.2.1", 0); // reserved for documents
    REQUIRE_FALSE(foreign);
    CHECK(foreign.error().code == Errc::io);
    CHECK(foreign.error().what.starts_with("192.0.2.1:0: "));
}

TEST_CASE("udp: an empty socket gives nothing and does not block", "[osc]") {
    UdpSocket socket = listener();
    const auto got = socket.receive(buffer);
    REQUIRE(got);
    CHECK_FALSE(got->has_value());
}

TEST_CASE("udp: a datagram longer than the buffer says so", "[osc]") {
    UdpSocket there = listener(), here = listener();
    REQUIRE(here.send_to(there.local(), std::vector<std::byte>(100)));
    REQUIRE(here.send_to(there.local(), std::vector<std::byte>(64)));
    std::array<std::byte, 64> small;
    pollfd wanted{there.fd(), POLLIN, 0};
    REQUIRE(::poll(&wanted, 1, static_cast<int>(kPatience.count())) == 1);
    const auto longer = there.receive(small);
    REQUIRE((longer && *longer));
    CHECK((*longer)->truncated);
    CHECK((*longer)->bytes.size() == 64);
    CHECK_FALSE(next(there).truncated);
}

TEST_CASE("udp: more than a datagram holds is refused, not cut", "[osc]") {
    UdpSocket there = listener(), here = listener();
    const auto sent = here.send_to(there.local(), std::vector<std::byte>(65536));
    REQUIRE_FALSE(sent);
    CHECK(sent.error().code == Errc::too_big);
}

TEST_CASE("udp: what the kernel drops is counted", "[osc]") {
    UdpSocket there = listener(), here = listener();
    const int little = 4096;
    ::setsockopt(there.fd(), SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    const std::vector<std::byte> packet(1024);
    constexpr std::uint64_t kSent = 100; // some 100 KiB into a few KiB of room
    for (std::uint64_t i = 0; i < kSent; ++i) REQUIRE(here.send_to(there.local(), packet));
    std::uint64_t arrived = 0;
    for (auto got = there.receive(buffer); got && *got; got = there.receive(buffer)) ++arrived;
    REQUIRE(here.send_to(there.local(), packet)); // the counter travels with the next one
    next(there);
    CHECK(arrived < kSent);
    CHECK(there.dropped() == kSent - arrived);
}

TEST_CASE("udp: no other program inherits the socket", "[osc]") {
    CHECK((::fcntl(listener().fd(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("udp: peers are told apart and written as people write them", "[osc]") {
    CHECK(resolve("127.0.0.1", 5005)->text() == "127.0.0.1:5005");
    CHECK(resolve("::1", 5005)->text() == "[::1]:5005");
    CHECK(resolve("localhost", 5005)->text() == "127.0.0.1:5005");
    CHECK(*resolve("127.0.0.1", 1) != *resolve("127.0.0.1", 2));
    CHECK(resolve("127.9.9.9", 1)->is_loopback());
    CHECK(resolve("::1", 1)->is_loopback());
    CHECK_FALSE(resolve("0.0.0.0", 1)->is_loopback());
    CHECK_FALSE(resolve("::", 1)->is_loopback());
    CHECK_FALSE(resolve("10.0.0.1", 1)->is_loopback());
}

TEST_CASE("client: a question gets everything up to its answer", "[osc]") {
    UdpSocket daemon = listener();
    Client client = client_of(daemon);
    std::thread answering([&] {
        const Datagram question = next(daemon);
        const std::vector<Message> answers{{"/rev", {4}}, {"/reply", {"/seq/stop"s, "not this"s}}};
        (void)daemon.send_to(question.from, encode_bundle({1}, answers));
        (void)daemon.send_to(question.from, encode({"/reply", {"/seq/start"s, "started"s}}));
    });
    const auto got = client.ask({"/seq/start"}, kPatience);
    answering.join();
    REQUIRE(got);
    REQUIRE(got->size() == 3);
    CHECK(got->back() == Message{"/reply", {"/seq/start"s, "started"s}});
}

TEST_CASE("client: answers are a reply, an error, or the address itself", "[osc]") {
    const Message question{"/mod/voice1/freq"};
    CHECK(is_answer(question, {"/reply", {"/mod/voice1/freq"s, ""s}}));
    CHECK(is_answer(question, {"/error", {"/mod/voice1/freq"s, -101}}));
    CHECK(is_answer(question, {"/mod/voice1/freq", {440.0f}}));
    CHECK(is_answer({"/req", {"id7"s, "/seq/start"s}}, {"/reply", {"/seq/start"s}}));
    CHECK(is_answer({"/at", {"bar+1"s, "/seq/start"s}}, {"/reply", {"/seq/start"s}}));
    CHECK(is_answer({"/at", {"bar+1"s}}, {"/error", {"/at"s, -101}}));
    CHECK(is_answer({"/req", {"id7"s, "/at"s, "bar+1"s, "/seq/start"s}},
                    {"/error", {"/seq/start"s, -8}}));
    CHECK(is_answer({"/sync", {5}}, {"/synced", {5}}));
    CHECK_FALSE(is_answer({"/at", {"bar+1"s, "/seq/start"s}}, {"/reply", {"/seq/stop"s}}));
    CHECK_FALSE(is_answer({"/seq/add", {"a"s, "/seq/start"s}}, {"/reply", {"/seq/start"s}}));
    CHECK_FALSE(is_answer(question, {"/reply", {"/mod/voice2/freq"s}}));
    CHECK_FALSE(is_answer(question, {"/reply"}));
    CHECK_FALSE(is_answer(question, {"/reply", {5}}));
    CHECK_FALSE(is_answer(question, {"/meter"}));
}

TEST_CASE("client: a closed port is known at once", "[osc]") {
    const std::uint16_t port = closed_port();
    auto client = Client::open("127.0.0.1", port);
    REQUIRE(client);
    const auto start = std::chrono::steady_clock::now();
    const auto got = client->ask({"/status"}, kPatience);
    REQUIRE_FALSE(got);
    CHECK(got.error().code == Errc::io);
    CHECK(got.error().what ==
          "no daemon answers on 127.0.0.1:" + std::to_string(port) + " (Connection refused)");
    CHECK(std::chrono::steady_clock::now() - start < kPatience / 2);
}

TEST_CASE("client: a silent daemon is no daemon, a chatty one is late", "[osc]") {
    UdpSocket daemon = listener();
    Client client = client_of(daemon);
    const auto silent = client.ask({"/status"}, 20ms);
    REQUIRE_FALSE(silent);
    CHECK(silent.error().code == Errc::io);
    CHECK(silent.error().what ==
          "no daemon answers on " + client.daemon() + " (nothing came within 20 ms)");
    REQUIRE(daemon.send_to(next(daemon).from, encode({"/meter"})));
    const auto chatty = client.ask({"/status"}, 20ms);
    REQUIRE_FALSE(chatty);
    CHECK(chatty.error().code == Errc::late);
    CHECK(chatty.error().what == client.daemon() +
                                     " sent 1 messages within 20 ms, none of them an answer to "
                                     "/status");
}

TEST_CASE("client: nonsense from the daemon is an error, nobody else is heard", "[osc]") {
    UdpSocket daemon = listener(), stranger = listener();
    Client client = client_of(daemon);
    REQUIRE(client.send({"/hello"}));
    const Peer peer = next(daemon).from;
    REQUIRE(stranger.send_to(peer, encode({"/lie"})));
    REQUIRE(daemon.send_to(peer, std::vector<std::byte>(4)));
    const auto nonsense = client.receive(kPatience);
    REQUIRE_FALSE(nonsense);
    CHECK(nonsense.error().code == Errc::corrupt);
    const auto nothing = client.receive(10ms);
    REQUIRE(nothing);
    CHECK_FALSE(nothing->has_value());
}

TEST_CASE("interop: liblo's oscsend is understood", "[osc][interop]") {
    if (!has_liblo_tools()) {
        WARN("liblo-tools is not installed");
        return;
    }
    UdpSocket daemon = listener();
    shell("oscsend 127.0.0.1 " + std::to_string(daemon.local().port) +
          " /a/b ifsTFNIhdcS 1 2.5 'a b' 7 8.25 x sym");
    CHECK(next_message(daemon) == Message{"/a/b",
                                          {1, 2.5f, "a b"s, true, false, Nil{}, Impulse{},
                                           std::int64_t{7}, 8.25, "x"s, "sym"s}});
}

TEST_CASE("interop: liblo's oscdump understands us", "[osc][interop]") {
    if (!has_liblo_tools()) {
        WARN("liblo-tools is not installed");
        return;
    }
    const std::uint16_t port = closed_port();
    const OscDump dump(port);
    UdpSocket here = listener();
    std::string heard;
    for (int tries = 0; tries < 100 && heard.empty(); ++tries) { // until it has opened its port
        (void)here.send_to(*resolve("127.0.0.1", port), encode({"/a", {1, 2.5f, "a b"s, true}}));
        heard = dump.heard(50ms);
    }
    CHECK_THAT(heard, Catch::Contains("/a ifsT 1 2.5") && Catch::Contains("\"a b\""));
}
