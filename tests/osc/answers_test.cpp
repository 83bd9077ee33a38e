#include "osc/answers.h"

#include "osc/packet.h"
#include "tests/support/director_rig.h"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

namespace chronus::osc {

using test::arg;
using test::DirectorRig;

namespace {

const Peer kMe = test::me();

/// Answers alone, and what they send.
struct Bench {
    DirectorRig rig;
    std::vector<Message> sent;
    Answers answers{rig.context, [this](const Peer &, std::span<const std::byte> packet) {
                        const auto messages = decode(packet, kStreamLimits);
                        REQUIRE(messages);
                        for (const auto &timed : *messages) sent.push_back(timed.message);
                        return true;
                    }};

    std::vector<Message> given(const Caller &to, const Answered &answered) {
        sent.clear();
        answers.give(to, answered);
        return sent;
    }
};

const Error kFault{Errc::out_of_range, "slot 200: not in 1..128", "/pattern/load 1"};

} // namespace

TEST_CASE("answers: a client's policy says what it hears; an id is always answered", "[osc]") {
    struct Case {
        int policy;
        bool done, moved, fault;
    };
    const Case told = GENERATE(Case{0, false, false, false}, Case{1, true, false, true},
                               Case{2, true, true, true});
    Bench desk;
    desk.rig.context.clients.heard(kMe, 0).replies = told.policy;
    const Answered done{"/a", Reply{"done"}}, moved{"/a", Reply{"moved"}, true},
        fault{"/a", kFault};
    CHECK_FALSE(desk.given({kMe, "/a"}, done).empty() == told.done);
    CHECK_FALSE(desk.given({kMe, "/a"}, moved).empty() == told.moved);
    CHECK_FALSE(desk.given({kMe, "/a"}, fault).empty() == told.fault);
    for (const Answered &each : {done, moved, fault})
        CHECK(desk.given({kMe, "/a", "7"}, each).size() == 1);
}

TEST_CASE("answers: a reply says what, under which id and at which revision", "[osc]") {
    Bench desk;
    const auto told = desk.given({kMe, "/seq/bpm", "7"}, {"/seq/bpm", Reply{"90", {90.0f}}});
    const auto rev = shown_revision(desk.rig.session.revision());
    CHECK(told == std::vector<Message>{{"/reply", {"/seq/bpm", "90", "7", rev, 90.0f}}});
}

TEST_CASE("answers: a refusal says what, its number and symbol, the id, and what to say instead",
          "[osc]") {
    Bench desk;
    CHECK(desk.given({kMe, "/pattern/load", "7"}, {"/pattern/load", kFault}) ==
          std::vector<Message>{{"/error",
                                {"/pattern/load", -102, "slot 200: not in 1..128", "OUT_OF_RANGE",
                                 "7", "/pattern/load 1"}}});
}

TEST_CASE("answers: a parameter answers on itself, but under an id as all do", "[osc]") {
    Bench desk;
    const Answered value{"/mod/voice1/freq", Reply{"220", {220.0f}}, false, true};
    CHECK(desk.given({kMe, "/mod/voice1/freq"}, value) ==
          std::vector<Message>{{"/mod/voice1/freq", {220.0f}}});
    CHECK(desk.given({kMe, "/mod/voice1/freq", "7"}, value)[0].address == "/reply");
}

TEST_CASE("answers: a document comes in numbered parts, whole and never cut inside a letter",
          "[osc]") {
    Bench desk;
    std::string text;
    for (int n = 0; n < 4000; ++n)
        text += n % 3 == 0 ? "\xe2\x99\xaa" : n % 3 == 1 ? "x" : "\xc3\xbc";
    Reply reply{"doc"};
    reply.document = text;
    const auto told = desk.given({kMe, "/schema"}, {"/schema", reply});
    REQUIRE(told.size() > 2);
    std::string whole;
    for (std::size_t i = 0; i < told.size(); ++i) {
        CHECK(arg(told[i], 4) == std::to_string(i));
        CHECK(arg(told[i], 5) == std::to_string(told.size()));
        CHECK(encode(told[i]).size() <= 1400); // fits an Ethernet frame
        whole += arg(told[i], 6);
    }
    CHECK(whole == text);
}

TEST_CASE("answers: what was answered under an id is given again, packet by packet", "[osc]") {
    Bench desk;
    Reply document{"doc"};
    document.document = std::string(3000, 'x');
    int n = 0;
    for (const Answered &answered :
         {Answered{"/a", Reply{"done"}}, Answered{"/a", kFault}, Answered{"/a", document},
          Answered{"/a", Reply{.text = {}, .values = {1}, .on = "/synced"}},
          Answered{"/a", Reply{"220", {220.0f}}, false, true}}) {
        const Caller caller{kMe, "/a", std::to_string(n++)};
        CHECK_FALSE(desk.answers.give_again(caller));
        REQUIRE(desk.rig.context.answered.begin(kMe, caller.id, 0));
        const auto first = desk.given(caller, answered);
        CHECK_FALSE(first.empty());
        desk.sent.clear();
        CHECK(desk.answers.give_again(caller));
        CHECK(desk.sent == first);
    }
}

TEST_CASE("answers: what is answered later is not answered now", "[osc]") {
    Bench desk;
    CHECK(desk.given({kMe, "/a", "7"}, {"/a", Reply{.text = "x", .later = true}}).empty());
}

TEST_CASE("answers: nobody sends from port 0, so nothing goes there", "[osc]") {
    Bench desk;
    CHECK(desk.given({test::me(0), "/a", "7"}, {"/a", Reply{"done"}}).empty());
    Peer stream = test::me(0);
    stream.stream = 1;
    CHECK(desk.given({stream, "/a", "7"}, {"/a", Reply{"done"}}).size() == 1);
}

TEST_CASE("answers: the budget of a packet is its sender's alone, and good for one", "[osc]") {
    Bench desk;
    const Peer stranger = test::stranger();
    const Answered done{"/a", Reply{"done"}};
    const std::size_t bytes = encode({"/reply", {"/a", "done", "", 1}}).size();
    desk.answers.answering(stranger, {Trust::stranger, bytes});
    CHECK(desk.given({stranger, "/a"}, done).size() == 1);
    CHECK(desk.given({stranger, "/a"}, done).empty());
    CHECK(desk.given({kMe, "/a"}, done).size() == 1);
}

TEST_CASE("answers: a stranger is told the number, however short its packet", "[osc]") {
    Bench desk;
    const Peer stranger = test::stranger();
    const std::string address = GENERATE("/a", "/ab", "/abc", "/seq/status", "/mod/voice1/pan");
    const Answered refused{"/a",
                           Error{Errc::auth, std::string(200, 'x'), "/auth 0123456789abcdef"}};
    desk.answers.answering(stranger, {Trust::stranger, encode({address, {}}).size()});
    CHECK(desk.given({stranger, address}, refused) ==
          std::vector{Message{"/error", {address, -110}}});
}

} // namespace chronus::osc
