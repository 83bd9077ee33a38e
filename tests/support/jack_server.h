#pragma once

#include <string>
#include <sys/types.h>

namespace chronus::test {

/// A JACK server of its own with no sound card, and the default one of this process while it lives.
///
/// JACK keeps a list of eight servers, and one that was killed stays on it until another of its
/// name is started. So names are few and used again: each belongs to the process that holds its
/// lock.
class JackServer {
public:
    struct Options {
        int sample_rate = 48000;
        int block = 256;
    };

    JackServer() : JackServer(Options{}) {}
    explicit JackServer(Options options);
    JackServer(const JackServer &) = delete;
    JackServer &operator=(const JackServer &) = delete;
    ~JackServer();

    /// Whether this machine has jackd at all.
    static bool installed();
    /// Runs and takes clients. False: it did not come up, with or without real-time priority.
    bool start();
    void kill(int signal);
    bool running() const { return pid_ > 0; }

private:
    void take_name();
    bool launch(bool realtime);
    bool takes_clients() const;

    Options options_;
    std::string name_;
    int name_lock_ = -1;
    pid_t pid_ = 0;
};

} // namespace chronus::test
