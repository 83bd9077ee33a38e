#pragma once

#include "osc/client.h"
#include "osc/value.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace chronus::perf {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

/// A chronusd of our own on the null device, with a free port and new folders. It ends with this
/// object, or with this program.
///
/// Errors, of all here: std::runtime_error - nothing can be measured.
class Daemon {
public:
    /// `under` is what it runs under: a profiler and its options.
    explicit Daemon(const Words &options = {}, const Words &under = {});
    ~Daemon();
    Daemon(const Daemon &) = delete;
    Daemon &operator=(const Daemon &) = delete;

    std::uint16_t port() const { return port_; }
    /// Where its `--record` goes when made by `recording`.
    std::filesystem::path take() const { return folder_ / "take.wav"; }
    osc::Client client() const;
    /// Over its Unix socket.
    osc::Client local_client() const;

    bool lives() const;
    /// What it has said so far, on both its outputs.
    std::string said() const;
    double resident_mib() const;

    /// Ends it as a service manager does; its exit code, or minus the signal that killed it.
    int end();

private:
    void start(const Words &command);
    void wait_until_it_listens();

    std::filesystem::path folder_;
    pid_t pid_ = 0;
    std::uint16_t port_ = 0;
};

/// What it answers. Errors: also when it refuses.
osc::Message asked(osc::Client &client, const osc::Message &question);
/// As above, for questions that wait behind a flood.
osc::Message asked(osc::Client &client, const osc::Message &question,
                   osc::Client::Milliseconds patience);
/// Whether it has such a command.
bool knows(osc::Client &client, const osc::Message &question);

/// Its counters since it was started.
struct Health {
    std::map<std::string, std::uint64_t> messages; ///< acted on, by who sent them
    std::uint64_t unfetched = 0;    ///< datagrams that the kernel threw away as there was no room
    std::uint64_t rate_limited = 0; ///< packets of a source that sent too many
    std::uint64_t queue_full = 0;   ///< commands that the engine had no room for
    std::uint64_t bad_packets = 0;
    std::uint64_t late = 0, xruns = 0; ///< blocks
    std::uint64_t untaped = 0;         ///< frames that the recording lacks

    /// "3 unfetched, 0 over the rate, 0 for a full queue"
    std::string losses() const;
};
Health health_of(osc::Client &client);

/// Eight saws with effects, striking on every second step, at 120 BPM.
void play_eight_voices(osc::Client &client);

/// A short dry note on voice 1 on each step and nothing else: from rest equal notes are equal to
/// the sample, so two takes of it are equal from the first note on.
void play_ruler(osc::Client &client);
/// The sound of the ruler on voice 1, to be struck by hand.
void make_percussive(osc::Client &client);

} // namespace chronus::perf
