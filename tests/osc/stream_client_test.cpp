#include "osc/client.h"
#include "osc/packet.h"
#include "tests/osc/stream_rig.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace chronus;
using namespace chronus::osc;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

constexpr auto kPatience = 5000ms; // only a failing test waits so long

enum class Kind { local, tcp };

/// The rig, answering on a thread of its own: "/echo" with its arguments, "/flood n" with n parts
/// before the answer, all else with an error.
class Answering {
public:
    explicit Answering(StreamRig &rig) : rig_(rig) {
        rig_.on_packet = [this](auto packet, const Peer &from) { answer(packet, from); };
        thread_ = std::thread{[this] {
            while (!stop_) rig_.turn(5);
        }};
    }
    ~Answering() {
        stop_ = true;
        thread_.join();
    }

private:
    void answer(std::span<const std::byte> packet, const Peer &from) {
        const auto messages = decode(packet, kStreamLimits);
        if (!messages) return;
        const Message &question = messages->front().message;
        for (int i = 0; question.address == "/flood" && i < 1000; ++i) say(from, {"/meter", {i}});
        Message reply{"/reply", {question.address, "done"s}};
        reply.args.insert(reply.args.end(), question.args.begin(), question.args.end());
        say(from, reply);
    }

    void say(const Peer &to, const Message &message) {
        (void)rig_.streams.send(to, encode(message));
    }

    StreamRig &rig_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

Client client_of(const StreamRig &rig, Kind kind) {
    auto client = kind == Kind::local ? Client::open_local(rig.path())
                                      : Client::open_tcp("127.0.0.1", rig.tcp().port);
    if (!client) FAIL(client.error().what);
    return *std::move(client);
}

} // namespace

TEST_CASE("client: over a stream a question gets everything up to its answer", "[osc]") {
    StreamRig rig;
    Answering daemon(rig);
    Client client = client_of(rig, GENERATE(Kind::local, Kind::tcp));
    for (int i = 0; i < 100; ++i) {
        const auto got = client.ask({"/echo", {i}}, kPatience);
        REQUIRE(got);
        REQUIRE(got->size() == 1);
        CHECK(got->back() == Message{"/reply", {"/echo"s, "done"s, i}});
    }
    const auto flood = client.ask({"/flood"}, kPatience);
    REQUIRE(flood);
    CHECK(flood->size() == 1001);
    CHECK((*flood)[999] == Message{"/meter", {999}});
}

TEST_CASE("client: over a stream large questions and large answers do not block", "[osc]") {
    StreamRig rig;
    Answering daemon(rig);
    Client client = client_of(rig, GENERATE(Kind::local, Kind::tcp));
    // 0xDB is two bytes in SLIP: the largest frame there is, both ways, without end.
    const Message large{"/echo", {Blob(30'000, std::byte{0xDB}), Blob(30'000, std::byte{0xC0})}};
    for (int i = 0; i < 200; ++i) REQUIRE(client.send(large));
    for (int i = 0; i < 200; ++i) {
        const auto got = client.receive(kPatience);
        REQUIRE((got && *got));
        REQUIRE((*got)->args.size() == 4);
        REQUIRE((*got)->args[3] == large.args[1]);
    }
}

TEST_CASE("client: a daemon that ends is known at once over a stream", "[osc]") {
    std::optional<StreamRig> rig{std::in_place};
    std::optional<Answering> daemon{std::in_place, *rig};
    Client client = client_of(*rig, GENERATE(Kind::local, Kind::tcp));
    REQUIRE(client.ask({"/echo"}, kPatience));
    daemon.reset();
    rig.reset();
    const auto before = std::chrono::steady_clock::now();
    const auto got = client.ask({"/echo"}, kPatience);
    REQUIRE_FALSE(got);
    CHECK(got.error().code == Errc::io);
    CHECK_THAT(got.error().what, Catch::StartsWith("no daemon answers on " + client.daemon()));
    CHECK(std::chrono::steady_clock::now() - before < kPatience / 2);
}

TEST_CASE("client: where nobody listens no stream opens", "[osc]") {
    const ScratchFolder scratch;
    const auto local = Client::open_local(scratch.path / "socket");
    REQUIRE_FALSE(local);
    CHECK(local.error().code == Errc::io);
    CHECK(local.error().what == "no daemon answers on " + (scratch.path / "socket").string() +
                                    " (No such file or directory)");
    const std::uint16_t port = StreamListener::bind_tcp("127.0.0.1", 0)->address().port;
    const auto tcp = Client::open_tcp("127.0.0.1", port);
    REQUIRE_FALSE(tcp);
    CHECK(tcp.error().what ==
          "no daemon answers on 127.0.0.1:" + std::to_string(port) + " (Connection refused)");
    CHECK(Client::open_tcp("nowhere.invalid", 1).error().code == Errc::not_found);
}

TEST_CASE("client: a full daemon's refusal is heard", "[osc]") {
    StreamRig rig;
    const Kind kind = GENERATE(Kind::local, Kind::tcp);
    std::vector<Client> crowd;
    for (std::size_t i = 0; i < Streams::kMostOfAKind; ++i, rig.turn(0))
        crowd.push_back(client_of(rig, kind));
    Answering daemon(rig);
    Client late = client_of(rig, kind);
    const auto got = late.ask({"/echo"}, kPatience,
                              [](const Message &message) { return message.address == "/error"; });
    REQUIRE(got);
    CHECK(got->back().args[3] == Value{"BUSY"s});
}
