#include "osc/errors.h"
#include "osc/packet.h"

#include <catch2/catch.hpp>

#include <array>
#include <random>
#include <string_view>

using namespace chronus;
using namespace chronus::osc;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes(std::string_view text) {
    const auto *const begin = reinterpret_cast<const std::byte *>(text.data());
    return {begin, begin + text.size()};
}

std::string big_endian32(std::size_t n) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(n >> shift & 0xffu);
    return out;
}

/// Text as OSC writes it: a NUL, then zeros to the next multiple of 4.
std::string padded(std::string text) {
    text.append(4 - text.size() % 4, '\0');
    return text;
}

std::string element(const std::string &body) { return big_endian32(body.size()) + body; }

std::string bundle(const std::string &elements, std::uint64_t timetag = 1) {
    return "#bundle\0"s + big_endian32(timetag >> 32) + big_endian32(timetag & 0xffffffff) +
           elements;
}

const std::string kPlain = "/a\0\0,\0\0\0"s;

std::vector<TimedMessage> taken(std::string_view packet, const Limits &limits = kDatagramLimits) {
    auto out = decode(bytes(packet), limits);
    if (!out) FAIL(out.error().what);
    return *std::move(out);
}

std::string refusal(std::string_view packet, const Limits &limits = kDatagramLimits) {
    const auto out = decode(bytes(packet), limits);
    if (out) FAIL("accepted");
    return std::string(error_row(out.error().code).symbol) + " " + out.error().what;
}

Message everything() {
    return {"/every/type",
            {1, std::int64_t{-2}, 3.5f, -4.25, true, false, "f\u00fcnf"s, Blob(6, std::byte{0xff}),
             TimeTag{0x0123456789abcdef}, Nil{}, Impulse{}, Blob{}, ""s}};
}

} // namespace

TEST_CASE("packet: what is encoded is decoded, whatever its type", "[osc]") {
    const auto got = decode(encode(everything()), kDatagramLimits);
    REQUIRE(got);
    CHECK(*got == std::vector<TimedMessage>{{everything(), 1}});
}

TEST_CASE("packet: 64-bit arguments survive on every 4-byte border", "[osc]") {
    const Message message{"/a", {1, std::int64_t{1} << 40, 1, 0.1, 1, TimeTag{7}}};
    const auto got = decode(encode(message), kDatagramLimits);
    REQUIRE(got);
    CHECK(got->front().message == message);
}

TEST_CASE("packet: the standard's own example is encoded to the byte", "[osc]") {
    const Message message{"/foo", {1000, -1, "hello"s, 1.234f, 5.678f}};
    CHECK(encode(message) == bytes("/foo\0\0\0\0,iisff\0\0\0\0\x03\xe8\xff\xff\xff\xff"
                                   "hello\0\0\0\x3f\x9d\xf3\xb6\x40\xb5\xb2\x2d"sv));
    CHECK(encode({"/oscillator/4/frequency", {440.0f}}) ==
          bytes("/oscillator/4/frequency\0,f\0\0\x43\xdc\0\0"sv));
}

TEST_CASE("packet: a bundle is encoded to the byte", "[osc]") {
    const std::vector<Message> messages{{"/a"}, {"/b", {7}}};
    CHECK(
        encode_bundle({0x0000000100000002}, messages) ==
        bytes("#bundle\0\0\0\0\1\0\0\0\2\0\0\0\x08/a\0\0,\0\0\0\0\0\0\x0c/b\0\0,i\0\0\0\0\0\7"sv));
}

TEST_CASE("packet: symbols and characters arrive as text", "[osc]") {
    const auto got = taken("/a\0\0,Sc\0sym\0\0\0\0A"sv);
    CHECK(got.front().message == Message{"/a", {"sym"s, "A"s}});
}

TEST_CASE("packet: a sender who leaves the type tags out has no arguments", "[osc]") {
    CHECK(taken("/seq/start\0\0"sv).front().message == Message{"/seq/start"});
    CHECK(taken(kPlain).front().message == Message{"/a"});
}

TEST_CASE("packet: a plain message is meant now, as is a tag of 0", "[osc]") {
    CHECK(taken(kPlain).front().timetag == 1);
    CHECK(taken(bundle(element(kPlain), 0)).front().timetag == 1);
    CHECK(taken(bundle(element(kPlain), 1)).front().timetag == 1);
}

TEST_CASE("packet: an inner bundle is no earlier than the one around it", "[osc]") {
    const auto got =
        taken(bundle(element(kPlain) + element(bundle(element(kPlain), 1)) +
                         element(bundle(element(kPlain), 50ull << 32)) + element(kPlain),
                     40ull << 32));
    REQUIRE(got.size() == 4);
    CHECK(got[0].timetag == 40ull << 32);
    CHECK(got[1].timetag == 40ull << 32);
    CHECK(got[2].timetag == 50ull << 32);
    CHECK(got[3].timetag == 40ull << 32);
}

TEST_CASE("packet: an empty bundle is sound and says nothing", "[osc]") {
    CHECK(taken(bundle("")).empty());
    CHECK(taken(bundle(element(bundle("")))).empty());
}

TEST_CASE("packet: one bad element refuses the whole bundle", "[osc]") {
    const std::string bad = "/b\0\0,q\0\0"s;
    CHECK(refusal(bundle(element(kPlain) + element(bad) + element(kPlain))) ==
          "BAD_TYPE /b: argument 1 has type 'q', not one of ihfdsSbtcTFNI");
}

TEST_CASE("gate: a packet is a multiple of 4 bytes, above 0", "[osc]") {
    CHECK(refusal("") == "CORRUPT a packet of 0 bytes: not a multiple of 4 above 0");
    CHECK(refusal("/a\0\0,"sv) == "CORRUPT a packet of 5 bytes: not a multiple of 4 above 0");
}

TEST_CASE("gate: a packet keeps to its transport's size", "[osc]") {
    const auto of_size = [](std::size_t n) { // blobs fill it, as text may not be so long
        std::string out = "/a\0\0,bb\0"s;
        const std::size_t half = (n - out.size()) / 2 - 4;
        return out + element(std::string(half, 'x')) + element(std::string(half, 'x'));
    };
    CHECK(taken(of_size(8192)).size() == 1);
    CHECK(refusal(of_size(8200)) == "TOO_BIG a packet of 8200 bytes, at most 8192");
    CHECK(taken(of_size(61440), kStreamLimits).size() == 1);
    CHECK(refusal(of_size(61448), kStreamLimits) ==
          "TOO_BIG a packet of 61448 bytes, at most 61440");
}

TEST_CASE("gate: a packet begins as a message or a bundle does", "[osc]") {
    const auto text = "CORRUPT a message must begin with '/' or \"#bundle\"";
    CHECK(refusal("\0\0\0\0"sv) == text);
    CHECK(refusal("abc\0"sv) == text);
    CHECK(refusal(bundle(element("a\0\0\0"s))) == text);
    const auto head = "CORRUPT a bundle must begin with \"#bundle\" and a time tag";
    CHECK(refusal("#bundle\0"sv) == head);
    CHECK(refusal("#bundle\0\0\0\0\0"sv) == head);
    CHECK(refusal("#bungle\0\0\0\0\0\0\0\0\1"sv) == head);
}

TEST_CASE("gate: an address ends, is padded with zeros, is short and is UTF-8", "[osc]") {
    CHECK(refusal("/abc"sv) == "CORRUPT the address lacks a NUL at its end");
    CHECK(refusal("/a\0x,\0\0\0"sv) == "CORRUPT the address is not padded with zeros");
    CHECK(refusal("/\xff\0\0,\0\0\0"sv) == "BAD_TYPE the address is not UTF-8");
    CHECK(taken(padded(std::string(4096, '/'))).size() == 1);
    CHECK(refusal(padded(std::string(4097, '/'))) ==
          "TOO_BIG the address is text of 4097 bytes, at most 4096");
}

TEST_CASE("gate: type tags begin with a comma, end, and name what we take", "[osc]") {
    CHECK(refusal("/a\0\0\0\0\0\1"sv) == "CORRUPT /a: the tag text does not begin with ','");
    CHECK(refusal("/a\0\0i\0\0\0\0\0\0\1"sv) == "CORRUPT /a: the tag text does not begin with ','");
    CHECK(refusal("/a\0\0,iii"sv) == "CORRUPT /a: the tag text lacks a NUL at its end");
    CHECK(refusal("/a\0\0,\0\0x"sv) == "CORRUPT /a: the tag text is not padded with zeros");
    CHECK(refusal("/a\0\0,[i]\0\0\0\0\0\0\0\1"sv) ==
          "BAD_TYPE /a: argument 1 has type '[', not one of ihfdsSbtcTFNI");
    CHECK(refusal("/a\0\0,T\x01\0"sv) ==
          "BAD_TYPE /a: argument 2 has type unprintable, not one of ihfdsSbtcTFNI");
}

TEST_CASE("gate: 64 arguments are taken, 65 are not", "[osc]") {
    CHECK(taken("/a\0\0"s + padded(","s.append(64, 'T'))).front().message.args.size() == 64);
    CHECK(refusal("/a\0\0"s + padded(","s.append(65, 'T'))) ==
          "TOO_BIG /a: the tag text names 65 arguments, at most 64");
}

TEST_CASE("gate: every argument is there in full, and nothing follows the last", "[osc]") {
    const char tag = GENERATE('i', 'f', 'c', 'h', 'd', 't', 'b');
    CHECK(refusal("/a\0\0"s + padded(",T"s + tag)) == "CORRUPT /a: argument 2 is cut short");
    CHECK(refusal("/a\0\0,i\0\0\0\0\0\1\0\0\0\2"sv) ==
          "CORRUPT /a: 4 bytes after the last argument");
    CHECK(refusal("/a\0\0,hd\0\0\0\0\0\0\0\0\0\0\0\0\0"sv) ==
          "CORRUPT /a: argument 2 is cut short");
}

TEST_CASE("gate: text ends, is padded with zeros, is short and is UTF-8", "[osc]") {
    const std::string head = "/a\0\0,s\0\0"s;
    CHECK(refusal(head) == "CORRUPT /a: argument 1 lacks a NUL at its end");
    CHECK(refusal(head + "abcd") == "CORRUPT /a: argument 1 lacks a NUL at its end");
    CHECK(refusal(head + "ab\0x"s) == "CORRUPT /a: argument 1 is not padded with zeros");
    CHECK(refusal(head + "\xed\xa0\x80\0"s) == "BAD_TYPE /a: argument 1 is not UTF-8");
    CHECK(taken(head + padded(std::string(4096, 'a'))).size() == 1);
    CHECK(refusal(head + padded(std::string(4097, 'a'))) ==
          "TOO_BIG /a: argument 1 is text of 4097 bytes, at most 4096");
}

TEST_CASE("gate: a blob is as long as it says, short, and padded with zeros", "[osc]") {
    const std::string head = "/a\0\0,b\0\0"s;
    CHECK(refusal(head + "\0\0\0\x08"
                         "abcd"s) == "CORRUPT /a: argument 1 is cut short");
    CHECK(refusal(head + "\0\0\0\x03"
                         "abcd"s) == "CORRUPT /a: argument 1 is not padded with zeros");
    CHECK(refusal(head + "\xff\xff\xff\xff"s) ==
          "TOO_BIG /a: argument 1 is a blob of 4294967295 bytes, at most 32768");
    CHECK(taken(head + element(std::string(32768, 'a')), kStreamLimits).size() == 1);
    CHECK(refusal(head + big_endian32(32769) + std::string(32772, 'a'), kStreamLimits) ==
          "TOO_BIG /a: argument 1 is a blob of 32769 bytes, at most 32768");
}

TEST_CASE("gate: numbers are finite", "[osc]") {
    CHECK(refusal("/amp\0\0\0\0,if\0\0\0\0\1\x7f\xc0\0\0"sv) ==
          "OUT_OF_RANGE /amp: argument 2 is nan, not a finite number");
    CHECK(refusal("/amp\0\0\0\0,f\0\0\x7f\x80\0\0"sv) ==
          "OUT_OF_RANGE /amp: argument 1 is inf, not a finite number");
    CHECK(refusal("/amp\0\0\0\0,d\0\0\xff\xf0\0\0\0\0\0\0"sv) ==
          "OUT_OF_RANGE /amp: argument 1 is -inf, not a finite number");
}

TEST_CASE("gate: a character is printable ASCII", "[osc]") {
    CHECK(refusal("/a\0\0,c\0\0\0\0\0\x0a"sv) ==
          "BAD_TYPE /a: argument 1 is character 10, not printable ASCII");
    CHECK(refusal("/a\0\0,c\0\0\0\0\x20\xac"sv) ==
          "BAD_TYPE /a: argument 1 is character 8364, not printable ASCII");
}

TEST_CASE("gate: every element has a size of its own that fits", "[osc]") {
    CHECK(refusal(bundle(element(""))) ==
          "CORRUPT bundle: element 1 has size 0: not a multiple of 4 above 0");
    CHECK(refusal(bundle(element(kPlain) + "\0\0\0\x06/a\0\0,\0\0\0"s)) ==
          "CORRUPT bundle: element 2 has size 6: not a multiple of 4 above 0");
    CHECK(refusal(bundle("\0\0\0\x0c"s + kPlain)) ==
          "CORRUPT bundle: element 1 has size 12, but 8 bytes are left");
    CHECK(refusal(bundle("\xff\xff\xff\xfc"s + kPlain)) ==
          "CORRUPT bundle: element 1 has size 4294967292, but 8 bytes are left");
    CHECK(refusal(bundle(element(bundle("\0\0\0\x0c"s)) + kPlain)) ==
          "CORRUPT bundle: element 2 has size 12, but 0 bytes are left"); // never past its parent
}

TEST_CASE("gate: bundles nest 4 deep", "[osc]") {
    std::string nested = bundle(element(kPlain));
    for (int depth = 2; depth <= 4; ++depth) nested = bundle(element(nested));
    CHECK(taken(nested).size() == 1);
    CHECK(refusal(bundle(element(nested))) == "TOO_BIG bundles nested deeper than 4");
}

TEST_CASE("gate: 256 elements in all, inner bundles and their elements counted", "[osc]") {
    const auto many = [](int n) {
        std::string out;
        for (int i = 0; i < n; ++i) out += element(kPlain);
        return out;
    };
    CHECK(taken(bundle(many(256))).size() == 256);
    CHECK(refusal(bundle(many(257))) == "TOO_BIG a bundle of more than 256 elements");
    CHECK(taken(bundle(many(100) + element(bundle(many(155))))).size() == 255);
    CHECK(refusal(bundle(many(100) + element(bundle(many(156))))) ==
          "TOO_BIG a bundle of more than 256 elements");
}

TEST_CASE("gate: an error repeats 64 bytes of an address at most", "[osc]") {
    const std::string address = "/"s.append(62, 'a') + "\u00e4"; // the cut would halve it
    CHECK(refusal(padded(address + "tail") + ",q\0\0"s) ==
          "BAD_TYPE /"s.append(62, 'a') + ": argument 1 has type 'q', not one of ihfdsSbtcTFNI");
}

TEST_CASE("packet: 200,000 broken packets are refused or understood, never more", "[osc]") {
    const std::vector<Message> two{everything(), {"/seq/add", {"kick"s, "voice1"s, "X..."s}}};
    const Bytes inner = encode_bundle({99}, two);
    const std::string nested = bundle(
        element({reinterpret_cast<const char *>(inner.data()), inner.size()}) + element(kPlain));
    const std::vector<Bytes> seeds{encode(everything()), encode(two[1]), inner, bytes(nested)};
    std::mt19937 random(20240229); // any seed; a fixed one repeats
    const auto below = [&](std::size_t n) { return random() % n; };
    constexpr std::array kTelling{0x00, 0x01, 0x7f, 0x80, 0xff, 0x2f, 0x23, 0x2c, 0x62, 0x04};
    std::size_t understood = 0;
    for (int i = 0; i < 200'000; ++i) {
        Bytes packet = seeds[below(seeds.size())];
        if (below(4) == 0) packet.resize(below(packet.size() + 9));
        for (std::size_t edits = below(4); edits > 0 && !packet.empty(); --edits)
            packet[below(packet.size())] = static_cast<std::byte>(
                below(2) == 0 ? static_cast<int>(below(256)) : kTelling[below(kTelling.size())]);
        packet.shrink_to_fit(); // so that the sanitizer sees one byte too far
        const auto got = decode(packet, kDatagramLimits);
        understood += got ? 1 : 0;
        if (!got && got.error().what.empty()) FAIL("refused without a reason");
    }
    CHECK(understood > 20'000); // the rest proves nothing if all is refused at the door
    CHECK(understood < 180'000);
}
