#include "osc/access.h"
#include "osc/errors.h"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace chronus;
using namespace chronus::osc;
namespace fs = std::filesystem;

namespace {

constexpr const char *kObserve = "observe-observe-1", *kPerform = "perform-perform-1",
                     *kAdmin = "admin-admin-admin-1";

Tokens tokens() {
    return *Tokens::parse(std::string{"observe "} + kObserve + "\nperform " + kPerform +
                          "\nadmin " + kAdmin + "\n");
}

/// Machine n elsewhere.
Peer remote(std::uint32_t n, std::uint16_t port = 9000) {
    const auto byte = [n](int shift) { return static_cast<std::uint8_t>(n >> shift & 0xff); };
    return {.ip = {10, byte(16), byte(8), byte(0)}, .port = port};
}
const Peer kLocal{.ip = {127, 0, 0, 1}, .port = 9};

std::string refusal(std::string_view text) {
    const auto got = Tokens::parse(text);
    if (got) FAIL("accepted");
    return std::string{error_row(got.error().code).symbol} + " " + got.error().what;
}

/// A state folder of its own, gone afterwards.
class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "chronus-tokens-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() { fs::remove_all(path); }
    fs::path path;
    fs::path file() const { return path / "tokens"; }
    std::string text() const {
        std::stringstream out;
        out << std::ifstream(file()).rdbuf();
        return out.str();
    }
};

/// The token the file has for a role.
std::string token_in(const std::string &text, const std::string &role) {
    const auto at = text.find("\n" + role + " ") + role.size() + 2;
    return text.substr(at, text.find('\n', at) - at);
}

} // namespace

TEST_CASE("tokens: each gives its role, and nothing else gives one", "[osc]") {
    const Tokens known = tokens();
    CHECK(known.role_of(kObserve) == Role::observe);
    CHECK(known.role_of(kPerform) == Role::perform);
    CHECK(known.role_of(kAdmin) == Role::admin);
    for (const std::string other : {"", "observe-observe-2", "observe-observe-", "admin",
                                    "observe-observe-1 ", "OBSERVE-OBSERVE-1"})
        CHECK_FALSE(known.role_of(other));
}

TEST_CASE("tokens: comments, blank lines and blanks do not matter", "[osc]") {
    const auto got = Tokens::parse("# perform a-comment-of-a-line\n\n \t\r\n  perform\t"
                                   "0123456789abcdef  \r\nadmin fedcba9876543210");
    REQUIRE(got);
    CHECK(got->role_of("0123456789abcdef") == Role::perform);
    CHECK(got->role_of("fedcba9876543210") == Role::admin);
    CHECK_FALSE(got->role_of("a-comment-of-a-line"));
    REQUIRE(Tokens::parse(""));
    CHECK(Tokens::parse("")->empty());
}

TEST_CASE("tokens: a line that cannot be right is named, its token is not", "[osc]") {
    CHECK(refusal("\nroot 0123456789abcdef") ==
          "CORRUPT tokens: line 2: does not begin with observe, perform or admin");
    for (const std::string token : {"", "0123456789abcde", "0123456789abcd\xc3\xa4"})
        CHECK(refusal("admin " + token) == "CORRUPT tokens: line 1: no token of 16 to 128 visible "
                                           "ASCII characters after admin");
    CHECK(refusal("admin " + std::string(129, 'a')).starts_with("CORRUPT tokens: line 1: no"));
    CHECK(Tokens::parse("admin " + std::string(128, 'a')));
    CHECK(refusal("admin 0123456789abcdef x") ==
          "CORRUPT tokens: line 1: something stands after the token");
    CHECK(refusal("observe 0123456789abcdef\nadmin 0123456789abcdef") ==
          "CORRUPT tokens: line 2: a token that stands above already");
}

TEST_CASE("tokens: the file is made once, at random, for its owner alone", "[osc]") {
    const Folder one, two;
    REQUIRE(create_tokens(one.path));
    REQUIRE(create_tokens(two.path));
    struct stat info {};
    REQUIRE(::stat(one.file().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    const auto loaded = load_tokens(one.path);
    REQUIRE(loaded);
    for (const std::string role : {"observe", "perform", "admin"}) {
        const std::string token = token_in(one.text(), role);
        CHECK(token.size() == 32);
        CHECK(loaded->role_of(token) == role_named(role));
        CHECK(token != token_in(two.text(), role));
    }
    CHECK(token_in(one.text(), "observe") != token_in(one.text(), "admin"));
    const std::string before = one.text();
    const auto again = create_tokens(one.path);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == Errc::conflict);
    CHECK(one.text() == before);
}

TEST_CASE("tokens: a file that others may read is refused, and the hint mends it", "[osc]") {
    const Folder folder;
    REQUIRE(create_tokens(folder.path));
    fs::permissions(folder.file(), fs::perms::group_read, fs::perm_options::add);
    const auto got = load_tokens(folder.path);
    REQUIRE_FALSE(got);
    CHECK(got.error().code == Errc::io);
    CHECK(got.error().what ==
          folder.file().string() + ": others may read or change it (mode 640, not 600)");
    REQUIRE(std::system(got.error().hint.c_str()) == 0);
    CHECK(load_tokens(folder.path));
}

TEST_CASE("tokens: no file, a link, a folder and too much are refused", "[osc]") {
    const Folder folder, elsewhere;
    const auto none = load_tokens(folder.path);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == Errc::not_found);
    REQUIRE(create_tokens(elsewhere.path));
    fs::create_symlink(elsewhere.file(), folder.file());
    CHECK_FALSE(load_tokens(folder.path));
    CHECK_FALSE(create_tokens(folder.path));
    fs::remove(folder.file());
    fs::create_directory(folder.file());
    CHECK_FALSE(load_tokens(folder.path));
    fs::remove(folder.file());
    std::ofstream(folder.file()) << std::string(70'000, '\n');
    fs::permissions(folder.file(), fs::perms::owner_read);
    const auto large = load_tokens(folder.path);
    REQUIRE_FALSE(large);
    CHECK(large.error().code == Errc::too_big);
}

TEST_CASE("access: whoever is on this machine may do everything", "[osc]") {
    Access access{Tokens{}};
    const Peer unix_socket{.stream = 1, .local = true};
    for (const Peer &peer : {kLocal, unix_socket}) {
        CHECK(access.role_of(peer, 0) == Role::admin);
        CHECK(access.trust_of(peer, 0) == Trust::local);
        CHECK(access.check(peer, Role::admin, "/engine/stop", 0));
    }
}

TEST_CASE("access: others may do nothing before a token, then what it gives", "[osc]") {
    Access access{tokens()};
    const Peer peer = remote(1);
    CHECK_FALSE(access.role_of(peer, 0));
    CHECK(access.trust_of(peer, 0) == Trust::stranger);
    CHECK_FALSE(access.check(peer, Role::observe, "/status", 0));
    REQUIRE(access.authenticate(peer, kPerform, 0));
    CHECK(access.trust_of(peer, 0) == Trust::proven);
    CHECK(access.check(peer, Role::observe, "/status", 0));
    CHECK(access.check(peer, Role::perform, "/seq/start", 0));
    const auto refused = access.check(peer, Role::admin, "/pattern/delete", 0);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::auth);
    CHECK(refused.error().what == "/pattern/delete: needs the role admin; 10.0.0.1:9000 has "
                                  "perform, and gets it with /auth and a token");
    CHECK_FALSE(access.role_of(remote(1, 9001), 0)); // another client
    REQUIRE(access.authenticate(peer, kObserve, 0));
    CHECK(access.role_of(peer, 0) == Role::observe);
    access.forget(peer);
    CHECK_FALSE(access.role_of(peer, 0));
}

TEST_CASE("access: a connection is believed, and has no role without a token", "[osc]") {
    Access access{tokens()};
    Peer peer = remote(1);
    peer.stream = 3;
    CHECK(access.trust_of(peer, 0) == Trust::proven);
    CHECK_FALSE(access.role_of(peer, 0));
}

TEST_CASE("access: a role lasts while its client is heard of", "[osc]") {
    Access access{tokens()};
    REQUIRE(access.authenticate(remote(1), kAdmin, 0));
    CHECK(access.role_of(remote(1), Access::kSilentMs - 1));
    CHECK(access.role_of(remote(1), 2 * Access::kSilentMs - 2));
    CHECK_FALSE(access.role_of(remote(1), 3 * Access::kSilentMs));
}

TEST_CASE("access: five wrong tokens a minute, then not even a right one", "[osc]") {
    Access access{tokens()};
    for (int n = 0; n < 5; ++n) {
        const auto wrong = access.authenticate(remote(1), "guess", n * 1000);
        REQUIRE_FALSE(wrong);
        CHECK(wrong.error().what.starts_with("/auth: no such token"));
    }
    // Another port of the same machine is no way round it.
    const auto locked = access.authenticate(remote(1, 9001), kAdmin, 5000);
    REQUIRE_FALSE(locked);
    CHECK(locked.error().code == Errc::auth);
    CHECK(locked.error().what ==
          "/auth: 5 wrong tokens within a minute; the next may come in 55 s");
    CHECK(access.authenticate(remote(2), kAdmin, 5000));
    CHECK_FALSE(access.authenticate(remote(1), kAdmin, 59'999));
    CHECK_FALSE(access.authenticate(remote(1), "guess", 60'000)); // the first has been forgiven
    CHECK_FALSE(access.authenticate(remote(1), kAdmin, 60'001));
    CHECK(access.authenticate(remote(1), kAdmin, 61'000));
}

TEST_CASE("access: wrong tokens in datagrams, which may be another's, keep out no connection",
          "[osc]") {
    Access access{tokens()};
    for (std::uint16_t port = 1; port <= 5; ++port)
        CHECK_FALSE(access.authenticate(remote(1, port), "x", 0));
    CHECK_FALSE(access.authenticate(remote(1), kAdmin, 0));
    Peer connection = remote(1);
    for (connection.stream = 1; connection.stream <= 4; ++connection.stream)
        CHECK_FALSE(access.authenticate(connection, "x", 0));
    CHECK(access.authenticate(connection, kAdmin, 0));
    CHECK_FALSE(access.authenticate(connection, "x", 0)); // the fifth
    ++connection.stream;
    CHECK_FALSE(access.authenticate(connection, kAdmin, 0));
}

TEST_CASE("access: over an hour nobody has more guesses than five a minute", "[osc]") {
    Access access{tokens()};
    int tried = 0;
    for (std::int64_t now = 0; now < 3'600'000; now += 100) {
        const auto wrong = access.authenticate(remote(1), "guess", now);
        if (wrong.error().what.starts_with("/auth: no such token")) ++tried;
    }
    CHECK(tried == 5 * 60);
}

TEST_CASE("access: a role outlives the lock-out of its machine", "[osc]") {
    Access access{tokens()};
    REQUIRE(access.authenticate(remote(1), kPerform, 0));
    for (int n = 0; n < 10; ++n) (void)access.authenticate(remote(1), "guess", 0);
    CHECK(access.role_of(remote(1), 1) == Role::perform);
}

TEST_CASE("access: made-up machines do not wash a lock-out away", "[osc]") {
    Access access{tokens()};
    for (int n = 0; n < 5; ++n) (void)access.authenticate(remote(0), "guess", 0);
    int tried = 0;
    for (std::uint32_t n = 1; n < 5000; ++n) {
        const auto wrong = access.authenticate(remote(n), "guess", 1);
        if (wrong.error().what.starts_with("/auth: no such token")) ++tried;
    }
    CHECK(tried == 1023 + 5); // one each while there is room, then five for all others
    CHECK_FALSE(access.authenticate(remote(0), kAdmin, 2));
    CHECK(access.authenticate(remote(0), kAdmin, 60'002)); // all are idle again
}

TEST_CASE("access: of too many clients the longest unheard loses its role", "[osc]") {
    Access access{tokens()};
    for (std::uint32_t n = 0; n < Access::kClients; ++n)
        REQUIRE(access.authenticate(remote(n), kPerform, n));
    CHECK(access.role_of(remote(0), 1000));
    REQUIRE(access.authenticate(remote(5000), kPerform, 1001));
    CHECK(access.role_of(remote(0), 1002));
    CHECK_FALSE(access.role_of(remote(1), 1002));
    CHECK(access.role_of(remote(2), 1002));
}
