#pragma once

#include "osc/stream_set.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

/// A folder of our own below the temporary one, gone with the object.
class ScratchFolder {
public:
    ScratchFolder() {
        std::string name = std::filesystem::temp_directory_path() / "chronus-streams-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) FAIL("no temporary folder");
        path = name;
    }
    ScratchFolder(const ScratchFolder &) = delete;
    ~ScratchFolder() { std::filesystem::remove_all(path); }

    std::filesystem::path path;
};

/// The part of the daemon that streams need: both listeners, and a poll loop turned by hand. It
/// sends every packet back to where it came from, unless told otherwise.
class StreamRig {
public:
    explicit StreamRig(std::chrono::milliseconds patience = chronus::osc::Streams::kPatience)
        : streams(patience) {
        auto tcp = chronus::osc::StreamListener::bind_tcp("127.0.0.1", 0);
        auto local = chronus::osc::StreamListener::bind_local(path());
        if (!tcp) FAIL(tcp.error().what);
        if (!local) FAIL(local.error().what);
        tcp_ = tcp->address();
        streams.listen(*std::move(local));
        streams.listen(*std::move(tcp));
    }

    std::filesystem::path path() const { return folder_.path / "socket"; }
    const chronus::osc::Peer &tcp() const { return tcp_; }

    /// One turn of the poll loop, which waits for at most `most_ms`.
    void turn(int most_ms = 20) {
        std::vector<pollfd> fds;
        streams.add_fds(fds);
        ::poll(fds.data(), fds.size(), streams.wait_ms(most_ms));
        streams.serve(
            fds, {.packet = [this](auto packet, const auto &from) { on_packet(packet, from); },
                  .broken = [this](const auto &why, const auto &from) { on_broken(why, from); },
                  .closed = [this](const auto &peer) { closed.push_back(peer); },
                  .stranger = [this](const auto &peer) { return is_stranger(peer); },
                  .busy = [this](const auto &peer) { return is_busy(peer); }});
        ++turns;
    }

    /// Turns until `done`, which a sound daemon reaches in a moment.
    void turn_until(const std::function<bool()> &done) {
        for (const int start = turns; !done(); turn())
            if (turns - start > 500) FAIL("it does not happen");
    }

    chronus::osc::Streams streams;
    int turns = 0;
    std::map<chronus::osc::Peer, int> heard; ///< packets
    std::vector<chronus::Error> broken;
    std::vector<chronus::osc::Peer> closed;
    std::function<void(std::span<const std::byte>, const chronus::osc::Peer &)> on_packet =
        [this](auto packet, const auto &from) {
            ++heard[from];
            (void)streams.send(from, packet);
        };
    std::function<void(const chronus::Error &, const chronus::osc::Peer &)> on_broken =
        [this](const auto &why, const auto &from) {
            broken.push_back(why);
            (void)streams.send(from, std::vector<std::byte>(4));
        };

    std::function<bool(const chronus::osc::Peer &)> is_stranger = [](const auto &) {
        return false;
    };
    std::function<bool(const chronus::osc::Peer &)> is_busy = [](const auto &) { return false; };

private:
    ScratchFolder folder_;
    chronus::osc::Peer tcp_;
};
