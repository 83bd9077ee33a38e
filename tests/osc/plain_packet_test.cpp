#include "osc/plain_packet.h"

#include "osc/gate.h"
#include "osc/packet.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace chronus::osc {

namespace {

using Packet = std::vector<std::byte>;

std::string address_of(ParamId id) { return "/mod/" + std::string{path_of(id).view()}; }

Message some_move(test::Chance &chance) {
    const ParamId id{static_cast<std::uint16_t>(chance.below(kParamCount))};
    const float value = chance.within(-1e6f, 1e6f);
    if (chance.one_in(3)) return {address_of(id), {static_cast<std::int32_t>(value)}};
    return {address_of(id), {value}};
}

Packet some_packet(test::Chance &chance) {
    if (chance.one_in(2)) return encode(some_move(chance));
    std::vector<Message> messages;
    for (std::uint64_t n = chance.below(5); n > 0; --n) messages.push_back(some_move(chance));
    return encode_bundle({chance.one_in(8) ? 2 : 1u}, messages);
}

/// A few bytes changed, cut off or added, at places that matter and others.
void spoil(Packet &packet, test::Chance &chance) {
    for (std::uint64_t n = 1 + chance.below(3); n > 0 && !packet.empty(); --n) {
        const std::size_t at = chance.below(packet.size());
        switch (chance.below(4)) {
        case 0:
            packet[at] = static_cast<std::byte>(chance.below(256));
            break;
        case 1:
            packet[at] = std::byte{0};
            break;
        case 2:
            packet.resize(chance.one_in(2) ? at : at / 4 * 4);
            break;
        default:
            packet.insert(packet.begin() + static_cast<std::ptrdiff_t>(at),
                          chance.one_in(2) ? 4 : 1, std::byte{0});
        }
    }
}

/// What the long way would do with the packet, if it holds such moves only.
std::vector<Move> moves_of(const Packet &packet) {
    std::vector<Move> moves;
    const auto messages = decode(packet, kDatagramLimits);
    REQUIRE(messages);
    for (const TimedMessage &timed : *messages) {
        REQUIRE(timed.timetag <= 1);
        const auto id = find_param(timed.message.address.substr(5));
        REQUIRE(id);
        REQUIRE(address_of(*id) == timed.message.address);
        REQUIRE(spec_of(*id).kind == Kind::amount);
        REQUIRE(timed.message.args.size() == 1);
        const auto value = to_float(timed.message.args[0], "value");
        REQUIRE(value);
        moves.push_back({*id, *value});
    }
    return moves;
}

} // namespace

TEST_CASE("plain packet: what it takes the gate takes, and the long way reads the same", "[osc]") {
    test::Chance chance{GENERATE(1u, 2u, 3u)};
    const ParamRoutes routes{kMaxVoices};
    std::vector<Move> moves;
    int taken = 0, left = 0;
    for (int n = 0; n < 20000; ++n) {
        Packet packet = some_packet(chance);
        if (!chance.one_in(4)) spoil(packet, chance);
        if (!read_plain(packet, routes, moves)) {
            ++left;
            continue;
        }
        ++taken;
        REQUIRE(moves == moves_of(packet));
    }
    CHECK(taken > 2000);
    CHECK(left > 2000);
}

TEST_CASE("plain packet: every parameter that is an amount is taken, with either number", "[osc]") {
    const ParamRoutes routes{kMaxVoices};
    std::vector<Move> moves;
    for (std::uint16_t i = 0; i < kParamCount; ++i) {
        const bool amount = spec_of({i}).kind == Kind::amount;
        REQUIRE(read_plain(encode({address_of({i}), {0.25f}}), routes, moves) == amount);
        if (amount) CHECK(moves == std::vector<Move>{{ParamId{i}, 0.25f}});
        REQUIRE(read_plain(encode({address_of({i}), {-7}}), routes, moves) == amount);
        if (amount) CHECK(moves == std::vector<Move>{{ParamId{i}, -7}});
    }
}

TEST_CASE("plain packet: what is out of the ordinary is left to the gate", "[osc]") {
    const ParamRoutes routes{8};
    std::vector<Move> moves;
    const std::string freq = "/mod/voice1/freq";
    for (const Message &message :
         {Message{freq}, Message{freq, {"440"}}, Message{freq, {1.0f, 2.0f}}, Message{freq, {1.0}},
          Message{freq, {std::int64_t{1}}}, Message{freq, {true}}, Message{freq, {Nil{}}},
          Message{freq, {std::nanf("")}}, Message{freq, {HUGE_VALF}},
          Message{"/mod/sine1/freq", {1}}, Message{"/mod/voice9/freq", {1}},
          Message{"/mod/voice*/freq", {1}}, Message{"/gate/voice1", {1}},
          Message{"/seq/bpm", {120}}, Message{"/mod/voice1/osc/type", {1}}})
        CHECK_FALSE(read_plain(encode(message), routes, moves));
    const Message move{freq, {300.0f}};
    CHECK(read_plain(encode_bundle({1}, std::vector{move, move}), routes, moves));
    CHECK_FALSE(read_plain(encode_bundle({2}, std::vector{move}), routes, moves));
    CHECK_FALSE(
        read_plain(encode_bundle({1}, std::vector{move, Message{"/seq/start"}}), routes, moves));
    CHECK_FALSE(read_plain({}, routes, moves));
    std::vector<Message> many(256, move);
    CHECK(read_plain(encode_bundle({1}, many), routes, moves) ==
          static_cast<bool>(checked(encode_bundle({1}, many), kDatagramLimits)));
    many.push_back(move);
    CHECK_FALSE(read_plain(encode_bundle({1}, many), routes, moves));
}

} // namespace chronus::osc
