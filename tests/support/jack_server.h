#pragma once

#include <chrono>
#include <string>
#include <sys/types.h>

namespace chronus::test {

/// A JACK server of its own with no sound card, and the default one of this process while it lives.
class JackServer {
public:
    struct Options {
        int sample_rate = 48000;
        int block = 256;
    };

    explicit JackServer(std::string name) : JackServer(std::move(name), Options{}) {}
    JackServer(std::string name, Options options);
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
    bool launch(bool realtime);
    bool takes_clients() const;

    std::string name_;
    Options options_;
    pid_t pid_ = 0;
};

} // namespace chronus::test
