#include "osc/framing.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>
#include <string_view>

using namespace chronus;
using namespace chronus::osc;

namespace {

using Bytes = std::vector<std::byte>;
using Packets = std::vector<Bytes>;

Bytes bytes_of(std::initializer_list<int> values) {
    Bytes out;
    for (const int value : values) out.push_back(static_cast<std::byte>(value));
    return out;
}

Bytes framed(Framing framing, const std::vector<Bytes> &packets) {
    Bytes out;
    for (const Bytes &packet : packets) append_frame(framing, packet, out);
    return out;
}

/// What a reader makes of a stream: packets, and what it said of broken frames.
struct Read {
    std::vector<Bytes> packets;
    std::vector<Error> errors;
};

void read_on(FrameReader &reader, std::span<const std::byte> bytes, Read &out) {
    for (;;) {
        const auto packet = reader.next(bytes);
        if (!packet)
            out.errors.push_back(packet.error());
        else if (*packet)
            out.packets.emplace_back((*packet)->begin(), (*packet)->end());
        else
            break;
    }
    REQUIRE(bytes.empty());
}

Read read_all(std::span<const std::byte> bytes) {
    FrameReader reader;
    Read out;
    read_on(reader, bytes, out);
    return out;
}

/// A packet of 4 to 2,000 bytes, with many of the bytes that SLIP treats apart.
Bytes random_packet(std::mt19937 &dice) {
    Bytes out(4 * (1 + dice() % 500));
    for (std::byte &b : out)
        b = static_cast<std::byte>(dice() % 3 != 0 ? dice() % 256 : 0xC0 + dice() % 0x1E);
    return out;
}

} // namespace

TEST_CASE("framing: the bytes are those of the two standards", "[osc]") {
    const Bytes packet = bytes_of({0x2f, 0xC0, 0xDB, 0x00});
    CHECK(framed(Framing::slip, {packet}) ==
          bytes_of({0xC0, 0x2f, 0xDB, 0xDC, 0xDB, 0xDD, 0x00, 0xC0}));
    CHECK(framed(Framing::length, {packet}) == bytes_of({0, 0, 0, 4, 0x2f, 0xC0, 0xDB, 0x00}));
}

TEST_CASE("framing: any packets come out as they went in, wherever the stream is cut", "[osc]") {
    const Framing framing = GENERATE(Framing::slip, Framing::length);
    std::mt19937 dice(1);
    for (int round = 0; round < 200; ++round) {
        std::vector<Bytes> packets(1 + dice() % 8);
        std::ranges::generate(packets, [&] { return random_packet(dice); });
        const Bytes stream = framed(framing, packets);
        FrameReader reader;
        Read read;
        const std::size_t longest = 1 + dice() % (round % 2 == 0 ? 4 : 3000);
        for (std::span<const std::byte> rest = stream; !rest.empty();) {
            const std::size_t cut = std::min<std::size_t>(rest.size(), 1 + dice() % longest);
            read_on(reader, rest.first(cut), read);
            rest = rest.subspan(cut);
        }
        REQUIRE(read.errors.empty());
        REQUIRE(read.packets == packets);
        REQUIRE(reader.framing() == framing);
    }
}

TEST_CASE("framing: random bytes end in packets or errors, never in more memory", "[osc]") {
    std::mt19937 dice(2);
    for (int round = 0; round < 300; ++round) {
        FrameReader reader(4096);
        Read read;
        Bytes noise(20'000);
        // Every third stream is all but free of ENDs; every other one begins like SLIP.
        const unsigned range = round % 3 == 0 ? 0xC0 : 256;
        std::ranges::generate(noise, [&] { return static_cast<std::byte>(dice() % range); });
        if (round % 2 == 0) noise[0] = std::byte{0xC0};
        for (std::size_t at = 0; at < noise.size(); at += 100) {
            read_on(reader, std::span{noise}.subspan(at, 100), read);
            REQUIRE(reader.held() <= 2 * 4096);
        }
        for (const Bytes &packet : read.packets) REQUIRE(packet.size() <= 4096);
    }
}

TEST_CASE("framing: a large frame's memory goes when it has been read", "[osc]") {
    const Framing framing = GENERATE(Framing::slip, Framing::length);
    FrameReader reader;
    Read read;
    read_on(reader, framed(framing, {Bytes(kStreamLimits.packet)}), read);
    REQUIRE(read.packets.size() == 1);
    CHECK(reader.held() <= 1024);
}

TEST_CASE("framing: a frame of the limit passes, a byte more is refused by its size", "[osc]") {
    const Bytes most(kStreamLimits.packet), more(kStreamLimits.packet + 4);
    const Bytes small(4);
    const Read length = read_all(framed(Framing::length, {most, more, small}));
    CHECK(length.packets == Packets{most});
    REQUIRE(length.errors.size() == 1);
    CHECK(length.errors[0].code == Errc::too_big);
    CHECK(length.errors[0].what == "frame: a length of 61444 bytes is over the 61440 allowed; "
                                   "frames begin with their length as int32, or with 0xC0 (SLIP)");

    const Read slip = read_all(framed(Framing::slip, {most, more, small}));
    CHECK(slip.packets == Packets{most, small});
    REQUIRE(slip.errors.size() == 1);
    CHECK(slip.errors[0].code == Errc::too_big);
    CHECK(slip.errors[0].what == "SLIP frame: over the 61440 bytes allowed");
}

TEST_CASE("framing: after a broken SLIP frame the next one is whole", "[osc]") {
    const auto [broken, says] = GENERATE(table<Bytes, std::string>({
        {bytes_of({1, 0xDB, 0x41, 2}),
         "SLIP frame: 0xDB before 0x41, where only 0xDC and 0xDD may follow"},
        {bytes_of({1, 0xDB, 0xDB, 0xDC}),
         "SLIP frame: 0xDB before 0xDB, where only 0xDC and 0xDD may follow"},
        {bytes_of({1, 2, 0xDB}), "SLIP frame: ends behind 0xDB, where 0xDC or 0xDD must follow"},
        {bytes_of({0xDB}), "SLIP frame: ends behind 0xDB, where 0xDC or 0xDD must follow"},
    }));
    const Bytes good = bytes_of({0x2f, 0x61, 0, 0});
    Bytes stream = framed(Framing::slip, {good});
    stream.insert(stream.end(), broken.begin(), broken.end());
    append_frame(Framing::slip, good, stream);
    const Read read = read_all(stream);
    CHECK(read.packets == Packets{good, good});
    REQUIRE(read.errors.size() == 1);
    CHECK(read.errors[0].code == Errc::corrupt);
    CHECK(read.errors[0].what == says);
}

TEST_CASE("framing: SLIP with one END between packets is read too", "[osc]") {
    const Read read = read_all(bytes_of({0xC0, 1, 2, 3, 4, 0xC0, 5, 6, 7, 8, 0xC0, 0xC0, 0xC0}));
    CHECK(read.errors.empty());
    CHECK(read.packets == Packets{bytes_of({1, 2, 3, 4}), bytes_of({5, 6, 7, 8})});
}

TEST_CASE("framing: after a wrong length nothing is believed any more", "[osc]") {
    const auto [length, code] = GENERATE(table<Bytes, Errc>({
        {bytes_of({0, 0, 0, 0}), Errc::corrupt},
        {bytes_of({0, 0, 0, 6}), Errc::corrupt},
        {bytes_of({0x7f, 0xff, 0xff, 0xfc}), Errc::too_big},
        {bytes_of({0xff, 0xff, 0xff, 0xfc}), Errc::too_big}, // -4
        {bytes_of({'/', 's', 'e', 'q'}), Errc::too_big},     // no framing at all
    }));
    Bytes stream = length;
    append_frame(Framing::length, bytes_of({0x2f, 0x61, 0, 0}), stream);
    FrameReader reader;
    Read read;
    read_on(reader, stream, read);
    read_on(reader, stream, read);
    CHECK(reader.lost());
    CHECK(read.packets.empty());
    REQUIRE(read.errors.size() == 1);
    CHECK(read.errors[0].code == code);
}
