#include "osc/stream_connection.h"
#include "osc/stream_listener.h"
#include "tests/osc/stream_rig.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace chronus;
using namespace chronus::osc;
namespace fs = std::filesystem;

namespace {

mode_t mode_of(const fs::path &path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}

Error refusal_of(const fs::path &path) {
    const auto made = StreamListener::bind_local(path);
    REQUIRE_FALSE(made);
    return made.error();
}

/// A socket file as a daemon that was killed leaves it.
void leave_stale(const fs::path &path) {
    const pid_t child = ::fork();
    if (child == 0) {
        const auto made = StreamListener::bind_local(path);
        ::_exit(made ? 0 : 1); // no destructor runs
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    REQUIRE(status == 0);
    REQUIRE(fs::is_socket(path));
}

} // namespace

TEST_CASE("listener: the socket is ours alone, and so is a folder made for it", "[osc]") {
    const ScratchFolder scratch;
    const fs::path path = scratch.path / "run" / "socket";
    const mode_t before = ::umask(0);
    const auto made = StreamListener::bind_local(path);
    ::umask(before);
    REQUIRE(made);
    CHECK(mode_of(path) == 0600);
    CHECK(mode_of(path.parent_path()) == 0700);
    CHECK(StreamConnection::connect_local(path));
}

TEST_CASE("listener: the file of a daemon that died is replaced", "[osc]") {
    const ScratchFolder scratch;
    const fs::path path = scratch.path / "socket";
    leave_stale(path);
    CHECK_FALSE(StreamConnection::connect_local(path));
    const auto made = StreamListener::bind_local(path);
    REQUIRE(made);
    CHECK(StreamConnection::connect_local(path));
}

TEST_CASE("listener: a living daemon keeps its path", "[osc]") {
    const ScratchFolder scratch;
    const fs::path path = scratch.path / "socket";
    const auto first = StreamListener::bind_local(path);
    REQUIRE(first);
    const int waiting = GENERATE(0, 65); // also when it is too busy to accept anybody
    std::vector<StreamConnection> crowd;
    for (int i = 0; i < waiting; ++i) crowd.push_back(*StreamConnection::connect_local(path));
    const Error refusal = refusal_of(path);
    CHECK(refusal.code == Errc::busy);
    CHECK(refusal.what == path.string() + ": another daemon listens there");
    CHECK(fs::is_socket(path));
}

TEST_CASE("listener: what is no socket is left alone", "[osc]") {
    const ScratchFolder scratch;
    const fs::path path = scratch.path / "socket";
    std::ofstream(path) << "precious";
    const Error refusal = refusal_of(path);
    CHECK(refusal.code == Errc::io);
    CHECK(refusal.what == path.string() + ": is there, and is no socket");
    CHECK(fs::file_size(path) == 8);
}

TEST_CASE("listener: a folder others may write to is no place for a socket", "[osc]") {
    const ScratchFolder scratch;
    const fs::path shared = scratch.path / "shared";
    fs::create_directory(shared);
    ::chmod(shared.c_str(), 01777);
    CHECK(refusal_of(shared / "socket").code == Errc::auth);
    fs::create_directory_symlink(scratch.path, scratch.path / "link");
    CHECK(refusal_of(scratch.path / "link" / "socket").code == Errc::io);
    CHECK(refusal_of(scratch.path / "none" / "none" / "socket").code == Errc::io);
}

TEST_CASE("listener: a path longer than the system takes is refused by its length", "[osc]") {
    const Error refusal = refusal_of("/" + std::string(107, 'x'));
    CHECK(refusal.code == Errc::too_big);
    CHECK_THAT(refusal.what, Catch::EndsWith("at most 107 bytes, this one has 108"));
    CHECK(refusal_of("").code == Errc::bad_type);
}

TEST_CASE("listener: its file goes with it, another's does not", "[osc]") {
    const ScratchFolder scratch;
    const fs::path path = scratch.path / "socket";
    { REQUIRE(StreamListener::bind_local(path)); }
    CHECK_FALSE(fs::exists(path));

    std::optional<Result<StreamListener>> first{StreamListener::bind_local(path)};
    fs::remove(path);
    const auto second = StreamListener::bind_local(path);
    REQUIRE(second);
    first.reset();
    CHECK(StreamConnection::connect_local(path));
}

TEST_CASE("listener: a TCP port has one owner, and is free again at once", "[osc]") {
    const std::string host = GENERATE("127.0.0.1", "::1");
    auto first = StreamListener::bind_tcp(host, 0);
    if (!first && host == "::1") return; // a machine without IPv6
    REQUIRE(first);
    const std::uint16_t port = first->address().port;
    const auto second = StreamListener::bind_tcp(host, port);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::busy);
    CHECK(second.error().what ==
          "TCP port " + std::to_string(port) + " on " + host + " is in use by another program");
    {
        const StreamListener owner = *std::move(first);
        const auto client = StreamConnection::connect_tcp(owner.address());
        REQUIRE(client);
    }
    CHECK(StreamListener::bind_tcp(host, port));
}

TEST_CASE("listener: another user is known at the Unix socket", "[osc]") {
    if (::geteuid() != 0) return; // only root can be somebody else
    const ScratchFolder scratch;
    auto made = StreamListener::bind_local(scratch.path / "socket");
    REQUIRE(made);
    ::chmod(scratch.path.c_str(), 0755); // as if every other wall had fallen
    ::chmod((scratch.path / "socket").c_str(), 0666);
    const pid_t child = ::fork();
    if (child == 0) {
        if (::setuid(65534) != 0) ::_exit(1);
        ::_exit(StreamConnection::connect_local(scratch.path / "socket") ? 0 : 2);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    REQUIRE(status == 0);
    const auto visitor = made->accept();
    REQUIRE((visitor && *visitor));
    CHECK((*visitor)->foreign);

    const auto own = StreamConnection::connect_local(scratch.path / "socket");
    const auto friendly = made->accept();
    REQUIRE((friendly && *friendly));
    CHECK_FALSE((*friendly)->foreign);
}
