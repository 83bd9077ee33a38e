#include "osc/packet.h"
#include "osc/stream_set.h"
#include "osc/turn.h"
#include "tests/osc/stream_rig.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>

using namespace chronus;
using namespace chronus::osc;
using namespace std::string_literals;

namespace {

using Bytes = std::vector<std::byte>;

enum class Kind { local, tcp };

/// Somebody at the other end. It keeps what it was sent.
struct Caller {
    StreamConnection connection;
    std::vector<Bytes> got = {};

    void listen() {
        connection.flush();
        connection.receive(1'000'000, {[this](auto p) { got.emplace_back(p.begin(), p.end()); },
                                       [](const Error &why) { FAIL(why.what); }});
    }
};

Caller call(const StreamRig &rig, Kind kind) {
    auto made = kind == Kind::local ? StreamConnection::connect_local(rig.path())
                                    : StreamConnection::connect_tcp(rig.tcp());
    if (!made) FAIL(made.error().what);
    return {*std::move(made)};
}

/// A packet that can be told from others. Units: bytes.
Bytes numbered(int number, std::size_t size = 16) {
    Bytes out(size);
    for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::byte>(number >> (8 * i));
    return out;
}

std::vector<Bytes> numbered_up_to(int count, std::size_t size = 16) {
    std::vector<Bytes> out;
    for (int i = 0; i < count; ++i) out.push_back(numbered(i, size));
    return out;
}

void say(Caller &caller, const std::vector<Bytes> &packets) {
    for (const Bytes &packet : packets) REQUIRE(caller.connection.send(packet));
    caller.connection.flush();
}

void say_raw(Caller &caller, std::span<const std::byte> bytes) {
    REQUIRE(::send(caller.connection.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
}

/// Turns the loop until that many packets came back. Returns the turns it took.
int await(StreamRig &rig, Caller &caller, std::size_t count) {
    const int before = rig.turns;
    rig.turn_until([&] {
        caller.listen();
        return caller.got.size() >= count;
    });
    return rig.turns - before;
}

void await_end(StreamRig &rig, Caller &caller) {
    rig.turn_until([&] {
        caller.listen();
        return caller.connection.is_finished();
    });
}

} // namespace

TEST_CASE("streams: packets come back in order, whatever the socket and the framing", "[osc]") {
    StreamRig rig;
    const Kind kind = GENERATE(Kind::local, Kind::tcp);
    const Framing framing = GENERATE(Framing::slip, Framing::length);
    Caller caller = call(rig, kind);
    const auto packets = numbered_up_to(500);
    Bytes stream;
    for (const Bytes &packet : packets) append_frame(framing, packet, stream);
    say_raw(caller, stream);
    await(rig, caller, packets.size());
    CHECK(caller.got == packets);
}

TEST_CASE("streams: peers are numbered from 1, never twice, and known by their kind", "[osc]") {
    StreamRig rig;
    Caller local = call(rig, Kind::local);
    rig.turn();
    {
        Caller tcp = call(rig, Kind::tcp);
        say(tcp, {numbered(0)});
        await(rig, tcp, 1);
    }
    rig.turn_until([&] { return rig.closed.size() == 1; });
    say(local, {numbered(0)});
    await(rig, local, 1);
    REQUIRE(rig.heard.size() == 2);
    CHECK(rig.heard.contains(Peer{.stream = 1, .local = true}));
    CHECK(rig.closed[0].stream == 2);
    CHECK(rig.closed[0].is_loopback());
    CHECK(rig.closed[0].port != 0);
    Caller third = call(rig, Kind::local);
    say(third, {numbered(0)});
    await(rig, third, 1);
    CHECK(rig.heard.contains(Peer{.stream = 3, .local = true}));
}

TEST_CASE("streams: a hundred and more at once each get their own", "[osc]") {
    StreamRig rig;
    std::vector<Caller> callers;
    for (std::size_t i = 0; i < Streams::kMostOfAKind; ++i)
        for (const Kind kind : {Kind::local, Kind::tcp}) {
            callers.push_back(call(rig, kind));
            rig.turn(0); // the kernel keeps only so many waiting
        }
    for (int round = 0; round < 20; ++round)
        for (std::size_t i = 0; i < callers.size(); ++i)
            say(callers[i], {numbered(static_cast<int>(i) * 1000 + round)});
    for (std::size_t i = 0; i < callers.size(); ++i) {
        await(rig, callers[i], 20);
        for (int round = 0; round < 20; ++round)
            REQUIRE(callers[i].got[static_cast<std::size_t>(round)] ==
                    numbered(static_cast<int>(i) * 1000 + round));
    }
    CHECK(rig.streams.live() == 2 * Streams::kMostOfAKind);
    CHECK(rig.streams.wait_ms(1000) == 1000); // idle, they wake nobody
}

TEST_CASE("streams: a packet that trickles in byte by byte is a packet", "[osc]") {
    StreamRig rig;
    const Kind kind = GENERATE(Kind::local, Kind::tcp);
    Caller caller = call(rig, kind);
    Bytes stream;
    for (const Bytes &packet : numbered_up_to(3))
        append_frame(kind == Kind::local ? Framing::slip : Framing::length, packet, stream);
    for (const std::byte &b : stream) {
        say_raw(caller, {&b, 1});
        rig.turn();
    }
    await(rig, caller, 3);
    CHECK(caller.got == numbered_up_to(3));
}

TEST_CASE("streams: the largest packet passes both ways", "[osc]") {
    StreamRig rig;
    Caller caller = call(rig, GENERATE(Kind::local, Kind::tcp));
    const Bytes most = numbered(1, kStreamLimits.packet);
    say(caller, {most});
    await(rig, caller, 1);
    CHECK(caller.got == std::vector<Bytes>{most});
}

TEST_CASE("streams: who does not read is closed, and slows nobody down", "[osc]") {
    StreamRig rig;
    Caller lively = call(rig, Kind::local), stalled = call(rig, GENERATE(Kind::local, Kind::tcp));
    say(stalled, {numbered(0)});
    rig.turn_until([&] { return rig.heard.size() == 1; });
    const Peer reader = rig.heard.begin()->first;
    say(lively, {numbered(0)});
    const int alone = await(rig, lively, 1);

    Outcome sent = Done{};
    std::size_t bytes = 0;
    for (std::size_t round = 2; rig.closed.empty(); ++round) {
        REQUIRE(bytes < 64 * Streams::kPacketsATurn * kStreamLimits.packet);
        for (int i = 0; i < 4 && sent; ++i, bytes += kStreamLimits.packet)
            sent = rig.streams.send(reader, Bytes(kStreamLimits.packet));
        say(lively, {numbered(0)});
        CHECK(await(rig, lively, round) <= alone + 1);
    }
    REQUIRE_FALSE(sent);
    CHECK(sent.error().code == Errc::queue_full);
    CHECK(bytes >= StreamConnection::kQueue);
    CHECK(rig.closed == std::vector{reader});
    CHECK(rig.streams.counts().stalled == 1);
    CHECK(rig.streams.send(reader, Bytes(4)).error().code == Errc::io);
}

TEST_CASE("streams: who asks without listening is not read, until it listens", "[osc]") {
    StreamRig rig;
    Caller caller = call(rig, GENERATE(Kind::local, Kind::tcp));
    constexpr std::size_t kSize = 8000;
    constexpr std::size_t count = 8000; // 64 MB each way, more than any buffer on the way holds
    std::size_t said = 0;
    const auto say_more = [&] {
        for (; said < count && caller.connection.pending() == 0; ++said)
            say(caller, {numbered(static_cast<int>(said), kSize)});
        caller.connection.flush();
    };
    const auto heard = [&] { return rig.heard.empty() ? 0 : rig.heard.begin()->second; };
    for (int before = -1; heard() != before; rig.turn(5)) {
        before = heard();
        for (int i = 0; i < 20; ++i, rig.turn(1)) say_more();
    }
    CHECK(heard() < static_cast<int>(count));
    CHECK(rig.streams.counts().stalled == 0);
    for (int i = 0; i < 20'000 && caller.got.size() < count; ++i, rig.turn(0)) {
        caller.listen();
        say_more();
    }
    CHECK(caller.got == numbered_up_to(count, kSize));
}

TEST_CASE("streams: a flood takes its share of a turn, not another's", "[osc]") {
    StreamRig rig;
    Caller flooding = call(rig, Kind::tcp), lively = call(rig, Kind::local);
    rig.turn();
    for (std::size_t round = 1; round <= 50; ++round) {
        // More than a turn may take, always: what is sent back piles up nowhere.
        say(flooding, numbered_up_to(200));
        flooding.listen();
        say(lively, {numbered(0)});
        const int before = rig.heard.empty() ? 0 : rig.heard.rbegin()->second;
        const int turns = await(rig, lively, round);
        CHECK(turns <= 2);
        const int flood = rig.heard.rbegin()->second;
        CHECK(flood - before <= turns * static_cast<int>(Streams::kPacketsAtOnce));
    }
    await(rig, flooding, 50 * 200);
    CHECK(flooding.got.size() == 50 * 200);
}

TEST_CASE("streams: who has said its last still gets its answers, then the end", "[osc]") {
    StreamRig rig;
    Caller caller = call(rig, GENERATE(Kind::local, Kind::tcp));
    say(caller, numbered_up_to(3));
    ::shutdown(caller.connection.fd(), SHUT_WR);
    await(rig, caller, 3);
    CHECK(caller.got == numbered_up_to(3));
    REQUIRE(rig.streams.send(rig.heard.begin()->first, numbered(3))); // the disk took its time
    await(rig, caller, 4);
    await_end(rig, caller);
    CHECK(rig.closed.size() == 1);
    CHECK(rig.streams.live() == 0);
}

TEST_CASE("streams: what a vanished peer said is still heard, and its end is told", "[osc]") {
    StreamRig rig;
    const Kind kind = GENERATE(Kind::local, Kind::tcp);
    {
        Caller caller = call(rig, kind);
        say(caller, numbered_up_to(300)); // and it reads none of the answers
    }
    rig.turn_until([&] { return !rig.closed.empty(); });
    REQUIRE(rig.heard.size() == 1);
    CHECK(rig.heard.begin()->second == 300);
    CHECK(rig.closed == std::vector{rig.heard.begin()->first});
}

TEST_CASE("streams: a connection torn down in the midst of a packet is told and gone", "[osc]") {
    StreamRig rig;
    {
        Caller caller = call(rig, Kind::tcp);
        say(caller, {numbered(0)});
        say_raw(caller, Bytes(3));
        await(rig, caller, 1);
        const linger reset{1, 0};
        ::setsockopt(caller.connection.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
    rig.turn_until([&] { return !rig.closed.empty(); });
    CHECK(rig.streams.live() == 0);
    CHECK(rig.streams.send(rig.closed[0], Bytes(4)).error().code == Errc::io);
}

TEST_CASE("streams: a wrong length is answered, and ends the connection", "[osc]") {
    StreamRig rig;
    Caller caller = call(rig, Kind::tcp);
    const std::string wrong = "GET / HTTP/1.1\r\n\r\n";
    say_raw(caller, std::as_bytes(std::span{wrong}));
    await(rig, caller, 1);
    await_end(rig, caller);
    REQUIRE(rig.broken.size() == 1);
    CHECK(rig.broken[0].code == Errc::too_big);
    CHECK(rig.streams.counts().broken == 1);
    CHECK(rig.heard.empty());
    rig.turn_until([&] { return rig.closed.size() == 1; });
}

TEST_CASE("streams: a broken SLIP frame is answered, and the next one heard", "[osc]") {
    StreamRig rig;
    Caller caller = call(rig, Kind::local);
    say_raw(caller, std::array{std::byte{0xC0}, std::byte{0xDB}, std::byte{1}, std::byte{0xC0}});
    say(caller, {numbered(7)});
    await(rig, caller, 2);
    CHECK(rig.broken.size() == 1);
    CHECK(caller.got.back() == numbered(7));
}

TEST_CASE("streams: one too many is told so; a place that falls free is given again", "[osc]") {
    StreamRig rig;
    const Kind kind = GENERATE(Kind::local, Kind::tcp);
    std::vector<Caller> crowd;
    for (std::size_t i = 0; i < Streams::kMostOfAKind; ++i, rig.turn(0))
        crowd.push_back(call(rig, kind));
    Caller late = call(rig, kind);
    say(late, {numbered(0)});
    await(rig, late, 1);
    const auto refusal = decode(late.got[0], kStreamLimits);
    REQUIRE(refusal);
    CHECK(refusal->front().message ==
          Message{"/error",
                  {""s, -112,
                   "the daemon has 64 "s + (kind == Kind::tcp ? "TCP" : "Unix socket") +
                       " connections already, the most it takes",
                   "BUSY"s, ""s, ""s}});
    await_end(rig, late);
    CHECK(rig.streams.counts().refused == 1);

    Caller other = call(rig, kind == Kind::tcp ? Kind::local : Kind::tcp); // the other lane is free
    say(other, {numbered(0)});
    await(rig, other, 1);

    ::shutdown(crowd[5].connection.fd(), SHUT_WR); // will say no more: its place is wanted
    rig.turn_until([&] { return rig.streams.wait_ms(10'000) < 10'000; });
    Caller next = call(rig, kind);
    say(next, {numbered(0)});
    await(rig, next, 1);
    CHECK(next.got[0] == numbered(0));
    CHECK(rig.closed.size() == 1);
}

TEST_CASE("streams: a stranger makes room for who comes, one who said who it is does not",
          "[osc]") {
    StreamRig rig;
    std::uint32_t known = 2; // the first two have said who they are, and the one who will come
    rig.is_stranger = [&](const Peer &peer) { return peer.stream > known && peer.stream != 65; };
    std::vector<Caller> crowd;
    for (std::size_t i = 0; i < Streams::kMostOfAKind; ++i, rig.turn(0))
        crowd.push_back(call(rig, Kind::tcp));
    Caller late = call(rig, Kind::tcp);
    say(late, {numbered(0)});
    await(rig, late, 1);
    CHECK(late.got[0] == numbered(0));
    await_end(rig, crowd[2]);
    REQUIRE(crowd[2].got.size() == 1);
    const auto told = decode(crowd[2].got[0], kStreamLimits);
    REQUIRE(told);
    CHECK(told->front().message.args.at(3) == Value{"BUSY"s});
    CHECK(rig.streams.live() == Streams::kMostOfAKind);
    CHECK(rig.streams.counts().strangers == 1);
    known = 100; // now all have: there is no room
    rig.turn();
    Caller later = call(rig, Kind::tcp);
    await_end(rig, later);
    CHECK(rig.streams.counts().refused == 1);
    for (const std::size_t i : {0, 1, 63}) {
        say(crowd[i], {numbered(0)});
        await(rig, crowd[i], 1);
    }
}

TEST_CASE("streams: a stranger's time is limited, and its end is told it", "[osc]") {
    StreamRig rig{std::chrono::milliseconds{50}};
    rig.is_stranger = [&](const Peer &peer) { return peer.stream == 1; };
    Caller stranger = call(rig, Kind::tcp);
    rig.turn();
    Caller known = call(rig, Kind::tcp);
    rig.turn();
    say(stranger, {numbered(0)}); // to talk is not to say who one is
    await(rig, stranger, 1);
    CHECK(rig.streams.wait_ms(1000) <= 50);
    await(rig, stranger, 2);
    await_end(rig, stranger);
    const auto told = decode(stranger.got[1], kStreamLimits);
    REQUIRE(told);
    CHECK(told->front().message.args.at(3) == Value{"AUTH"s});
    say(known, {numbered(0)});
    await(rig, known, 1);
    CHECK(rig.streams.live() == 1);
    CHECK(rig.streams.wait_ms(1000) == 1000);
}

TEST_CASE("streams: who leaves much unread and takes nothing more is closed in time", "[osc]") {
    StreamRig rig{std::chrono::milliseconds{100}};
    Caller slow = call(rig, Kind::local), stuck = call(rig, GENERATE(Kind::local, Kind::tcp));
    for (Caller *caller : {&slow, &stuck}) {
        say(*caller, {numbered(0)});
        rig.turn();
        rig.turn();
    }
    REQUIRE(rig.heard.size() == 2);
    const auto fill = [&](const Peer &peer) {
        while (rig.streams.has_room(peer)) {
            REQUIRE(rig.streams.send(peer, Bytes(60'000)));
            std::vector<pollfd> fds;
            rig.streams.add_fds(fds);
        }
    };
    const auto start = std::chrono::steady_clock::now();
    for (; rig.closed.empty(); rig.turn(5)) {
        REQUIRE(std::chrono::steady_clock::now() < start + std::chrono::seconds{10});
        for (const auto &[peer, packets] : rig.heard) fill(peer);
        slow.listen();
    }
    REQUIRE(rig.closed.size() == 1);
    CHECK(rig.closed[0].stream == 2);
    CHECK(rig.streams.counts().stalled == 1);
}

TEST_CASE("streams: packets that take long share the turns with others", "[osc]") {
    StreamRig rig;
    const auto echo = rig.on_packet;
    rig.on_packet = [&](auto packet, const Peer &from) {
        if (packet.size() > 16) std::this_thread::sleep_for(2 * kShareOfTurn);
        echo(packet, from);
    };
    Caller slow = call(rig, Kind::tcp), lively = call(rig, Kind::local);
    rig.turn();
    rig.turn();
    say(slow, numbered_up_to(60, 20));
    for (std::size_t round = 1; round <= 20; ++round) {
        say(lively, {numbered(0)});
        CHECK(await(rig, lively, round) <= 3);
    }
    CHECK(slow.got.size() < 60);
    await(rig, slow, 60);
    CHECK(slow.got == numbered_up_to(60, 20));
}

TEST_CASE("streams: from one that waits for answers nothing is taken, from others all is",
          "[osc]") {
    StreamRig rig;
    bool busy = false;
    rig.is_busy = [&](const Peer &peer) { return busy && peer.stream == 1; };
    Caller waiting = call(rig, Kind::tcp);
    rig.turn();
    Caller other = call(rig, Kind::tcp);
    rig.turn();
    const auto echo = rig.on_packet;
    rig.on_packet = [&](auto packet, const Peer &from) {
        echo(packet, from);
        busy = busy || from.stream == 1; // from the first packet on
    };
    say(waiting, numbered_up_to(5));
    ::shutdown(waiting.connection.fd(), SHUT_WR);
    say(other, numbered_up_to(5));
    await(rig, other, 5);
    waiting.listen();
    CHECK(waiting.got.size() == 1);
    rig.on_packet = echo;
    busy = false;
    await(rig, waiting, 5);
    CHECK(waiting.got == numbered_up_to(5));
}

// Not under UBSan: to look at an object's type before a call it needs a descriptor itself.
#if !defined(__SANITIZE_ADDRESS__)
TEST_CASE("streams: without a descriptor to spare the loop rests, and the caller waits", "[osc]") {
    StreamRig rig;
    Caller caller = call(rig, Kind::local);
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit none{static_cast<rlim_t>(caller.connection.fd()) + 1, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    for (int i = 0; i < 5; ++i) rig.turn();
    const int wait = rig.streams.wait_ms(1000);
    ::setrlimit(RLIMIT_NOFILE, &before);
    CHECK(wait > 0);
    CHECK(wait <= 100);
    CHECK(rig.streams.live() == 0);
    say(caller, {numbered(0)});
    await(rig, caller, 1);
}
#endif
