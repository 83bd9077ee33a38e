#include "patterns/store/archive.h"
#include "patterns/text/hash.h"
#include "tests/crash/temp_folder.h"
#include "tests/support/unpacked.h"

#include <catch2/catch.hpp>

#include <fcntl.h>

#include <string>

using namespace chronus;
using namespace chronus::patterns;
using namespace chronus::test;

namespace {

UniqueFd new_file(const std::filesystem::path &path) {
    return UniqueFd{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
}

/// `bytes` in pieces of some.
Pieces in_pieces(const std::string &bytes, std::size_t some) {
    return [&bytes, some, at = std::size_t{0}]() mutable -> Result<std::string_view> {
        const std::string_view piece = std::string_view{bytes}.substr(at, some);
        at += piece.size();
        return piece;
    };
}

std::string noise(std::size_t bytes) {
    std::string out(bytes, '\0');
    std::uint32_t state = 1;
    for (char &c : out) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return out;
}

} // namespace

TEST_CASE("archive: what was put in comes out, with its size and hash", "[archive]") {
    TempFolder folder;
    const auto path = folder.path / "a.zip";
    const std::string sound = noise(300'000), text(100'000, 'x');
    {
        auto archive = Archive::begin(new_file(path));
        REQUIRE(archive);
        const auto one = archive->add("a/text.json", text);
        const auto two = archive->add("a/\xc3\xbc.wav", in_pieces(sound, 4096), Packing::as_is);
        const auto none = archive->add("empty", "");
        REQUIRE(one);
        REQUIRE(two);
        REQUIRE(none);
        CHECK(one->sha256 == sha256_hex(text));
        CHECK(two->sha256 == sha256_hex(sound));
        CHECK(two->bytes == sound.size());
        REQUIRE(archive->close());
    }
    CHECK(unpacked(path) == std::map<std::string, std::string>{
                                {"a/text.json", text}, {"a/\xc3\xbc.wav", sound}, {"empty", ""}});
    CHECK(std::filesystem::file_size(path) < 310'000); // the text got smaller
}

TEST_CASE("archive: equal files make equal bytes, whatever pieces they came in", "[archive]") {
    TempFolder folder;
    const std::string sound = noise(70'000);
    for (const auto &[name, some] : {std::pair{"a", 1000}, std::pair{"b", 70'000}}) {
        auto archive = Archive::begin(new_file(folder.path / name));
        REQUIRE(
            archive->add("x", in_pieces(sound, static_cast<std::size_t>(some)), Packing::smaller));
        REQUIRE(archive->close());
    }
    CHECK(get(folder.path / "a") == get(folder.path / "b"));
}

TEST_CASE("archive: a full disk is told in the system's words", "[archive]") {
    auto archive = Archive::begin(UniqueFd{::open("/dev/full", O_WRONLY | O_CLOEXEC)});
    REQUIRE(archive);
    const auto added = archive->add("x", noise(300'000));
    const auto closed = added ? archive->close() : Outcome{added.error()};
    REQUIRE_FALSE(closed);
    CHECK(closed.error().code == Errc::io);
    CHECK_THAT(closed.error().what, Catch::Contains("No space left"));
}

TEST_CASE("archive: what ends its pieces ends it", "[archive]") {
    TempFolder folder;
    auto archive = Archive::begin(new_file(folder.path / "a"));
    const auto added = archive->add(
        "x",
        []() -> Result<std::string_view> {
            return Error{Errc::cancelled, "enough"};
        },
        Packing::smaller);
    REQUIRE_FALSE(added);
    CHECK(added.error().what == "enough");
}
