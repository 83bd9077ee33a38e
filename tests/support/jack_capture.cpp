#include "tests/support/jack_capture.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <thread>

namespace chronus::test {

JackCapture::JackCapture(std::size_t frames)
    : frames_(frames), sound_{std::vector<float>(frames), std::vector<float>(frames)},
      client_(jack_client_open("capture", JackNoStartServer, nullptr)) {
    if (client_ == nullptr) return;
    ports_[0] = jack_port_register(client_, "l", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
    ports_[1] = jack_port_register(client_, "r", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
    jack_set_process_callback(client_, on_block, this);
    jack_activate(client_);
}

JackCapture::~JackCapture() {
    if (client_ != nullptr) jack_client_close(client_);
}

bool JackCapture::connect(const std::string &client) {
    if (client_ == nullptr) return false;
    const char **outputs =
        jack_get_ports(client_, ("^" + client).c_str(), JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput);
    bool both = outputs != nullptr;
    for (std::size_t i = 0; both && i < 2; ++i)
        both = outputs[i] != nullptr &&
               jack_connect(client_, outputs[i], jack_port_name(ports_[i])) == 0;
    jack_free(static_cast<void *>(outputs));
    std::this_thread::sleep_for(std::chrono::milliseconds(200)); // the graph takes a cycle or two
    connected_.store(both, std::memory_order_release);
    return both;
}

bool JackCapture::wait(std::chrono::seconds limit) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (taken_.load(std::memory_order_acquire) < frames_) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

int JackCapture::on_block(jack_nframes_t frames, void *self) {
    auto &me = *static_cast<JackCapture *>(self);
    const std::size_t at = me.taken_.load(std::memory_order_relaxed);
    const std::size_t count = std::min<std::size_t>(frames, me.frames_ - at);
    for (std::size_t i = 0; i < 2; ++i) {
        const auto *in = static_cast<const float *>(jack_port_get_buffer(me.ports_[i], frames));
        std::copy_n(in, count, me.sound_[i].begin() + static_cast<std::ptrdiff_t>(at));
    }
    // Until it counts it rehearses: the first time through may be slow, under a sanitizer very.
    if (me.connected_.load(std::memory_order_acquire))
        me.taken_.store(at + count, std::memory_order_release);
    return 0;
}

double worst_break(std::span<const float> sine, double hz, double rate) {
    const double twice_cos = 2 * std::cos(2 * std::numbers::pi * hz / rate);
    double worst = 0;
    for (std::size_t n = 2; n < sine.size(); ++n) {
        const double predicted =
            twice_cos * static_cast<double>(sine[n - 1]) - static_cast<double>(sine[n - 2]);
        worst = std::max(worst, std::abs(static_cast<double>(sine[n]) - predicted));
    }
    return worst;
}

} // namespace chronus::test
