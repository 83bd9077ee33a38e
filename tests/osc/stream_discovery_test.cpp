#include "osc/discovery.h"
#include "tests/osc/stream_rig.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace chronus;
using namespace chronus::osc;
namespace fs = std::filesystem;

namespace {

/// A runtime folder that nobody else looks into.
class Runtime {
public:
    Runtime() { ::setenv("XDG_RUNTIME_DIR", scratch_.path.c_str(), 1); }
    ~Runtime() {
        if (before_.empty())
            ::unsetenv("XDG_RUNTIME_DIR");
        else
            ::setenv("XDG_RUNTIME_DIR", before_.c_str(), 1);
    }

private:
    static std::string now() {
        const char *const dir = std::getenv("XDG_RUNTIME_DIR");
        return dir != nullptr ? dir : "";
    }
    std::string before_ = now();
    ScratchFolder scratch_;
};

/// A process id that is nobody's any more.
int dead_pid() {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    ::waitpid(child, nullptr, 0);
    return child;
}

RunningDaemon ourselves() {
    return {::getpid(), "127.0.0.1", 5005, "/some where", socket_path(::getpid())};
}

} // namespace

TEST_CASE("discovery: a daemon is found as it announced itself, for as long as it runs", "[osc]") {
    const Runtime runtime;
    const auto listener = StreamListener::bind_local(socket_path(::getpid()));
    REQUIRE(listener);
    {
        const auto announced = Announcement::publish(ourselves());
        REQUIRE(announced);
        const auto found = running_daemons();
        REQUIRE(found.size() == 1);
        CHECK(found[0].pid == ::getpid());
        CHECK(found[0].host == "127.0.0.1");
        CHECK(found[0].port == 5005);
        CHECK(found[0].state == "/some where");
        CHECK(found[0].socket == socket_path(::getpid()));
        CHECK(fs::is_socket(found[0].socket)); // looking around leaves it alone
    }
    CHECK(running_daemons().empty());
}

TEST_CASE("discovery: an announcement without a socket is read too", "[osc]") {
    const Runtime runtime;
    fs::create_directory(runtime_dir());
    std::ofstream(runtime_dir() / std::to_string(::getpid()))
        << "pid " << ::getpid() << "\nhost 127.0.0.1\nport 5006\nstate /s\n";
    const auto found = running_daemons();
    REQUIRE(found.size() == 1);
    CHECK(found[0].port == 5006);
    CHECK(found[0].socket.empty());
}

TEST_CASE("discovery: what a killed daemon left goes, what is no daemon's stays", "[osc]") {
    const Runtime runtime;
    fs::create_directory(runtime_dir());
    const int dead = dead_pid();
    const fs::path announcement = runtime_dir() / std::to_string(dead);
    std::ofstream(announcement) << "pid " << dead << "\nport 5005\n";
    std::ofstream(socket_path(dead)) << "";
    std::ofstream(runtime_dir() / "notes") << "mine";
    CHECK(running_daemons().empty());
    CHECK_FALSE(fs::exists(announcement));
    CHECK_FALSE(fs::exists(socket_path(dead)));
    CHECK(fs::exists(runtime_dir() / "notes"));
}
