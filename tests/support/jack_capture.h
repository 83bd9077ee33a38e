#pragma once

#include <jack/jack.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace chronus::test {

/// A JACK client that keeps what two ports of another play, into memory taken beforehand.
class JackCapture {
public:
    explicit JackCapture(std::size_t frames);
    JackCapture(const JackCapture &) = delete;
    JackCapture &operator=(const JackCapture &) = delete;
    ~JackCapture();

    /// Connects to the first two outputs of the client whose name starts with `client`.
    bool connect(const std::string &client);
    /// Waits until the memory is full.
    bool wait(std::chrono::seconds limit);
    std::span<const float> channel(std::size_t i) const {
        return std::span(sound_[i]).first(taken_.load(std::memory_order_acquire));
    }

private:
    static int on_block(jack_nframes_t frames, void *self);

    std::size_t frames_;
    std::array<std::vector<float>, 2> sound_;
    std::array<jack_port_t *, 2> ports_{};
    std::atomic<std::size_t> taken_{0};
    std::atomic<bool> connected_{false};
    jack_client_t *client_ = nullptr;
};

/// The largest |x[n] - 2 cos(w) x[n-1] + x[n-2]|: next to nothing for a whole sine of `hz`, and
/// 0.03 or more where a single block is missing.
double worst_break(std::span<const float> sine, double hz, double rate);

} // namespace chronus::test
