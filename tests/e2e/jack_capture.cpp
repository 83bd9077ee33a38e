// Records ports of a JACK graph, every frame of every block, into memory and then into a file.
//
//   jack_capture SECONDS FILE PORT...
//
// FILE gets 32-bit floats, one port after the other. Says "recording" once every port is connected.
// Exits 0 when all was recorded, 1 when it could not begin, 2 when the server went away.
#include <jack/jack.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Track {
    jack_port_t *port = nullptr;
    std::vector<float> samples;
};

struct Capture {
    std::vector<Track> tracks;
    std::size_t wanted = 0, taken = 0; // the JACK thread's
    std::atomic<bool> on = false, full = false, lost = false;
};

int process(jack_nframes_t frames, void *arg) {
    auto &capture = *static_cast<Capture *>(arg);
    if (!capture.on || capture.full) return 0;
    const std::size_t count = std::min<std::size_t>(frames, capture.wanted - capture.taken);
    for (Track &track : capture.tracks) {
        const auto *in = static_cast<const float *>(jack_port_get_buffer(track.port, frames));
        std::copy_n(in, count, track.samples.data() + capture.taken);
    }
    capture.taken += count;
    capture.full = capture.taken == capture.wanted;
    return 0;
}

bool connect(jack_client_t *client, Capture &capture, std::span<char *> ports) {
    for (std::size_t i = 0; i < ports.size(); ++i)
        if (jack_connect(client, ports[i], jack_port_name(capture.tracks[i].port)) != 0) {
            std::fprintf(stderr, "jack_capture: cannot connect %s\n", ports[i]);
            return false;
        }
    return true;
}

bool save(const char *path, const Capture &capture) {
    std::FILE *file = std::fopen(path, "wb");
    if (file == nullptr) return false;
    bool whole = true;
    for (const Track &track : capture.tracks)
        whole = std::fwrite(track.samples.data(), sizeof(float), capture.taken, file) ==
                    capture.taken &&
                whole;
    return std::fclose(file) == 0 && whole;
}

} // namespace

int main(int argc, char **argv) {
    if (argc < 4) {
        std::fprintf(stderr, "usage: jack_capture SECONDS FILE PORT...\n");
        return 1;
    }
    jack_client_t *client = jack_client_open("capture", JackNoStartServer, nullptr);
    if (client == nullptr) return 1;

    Capture capture;
    capture.wanted = static_cast<std::size_t>(std::atof(argv[1]) *
                                              static_cast<double>(jack_get_sample_rate(client)));
    const std::span ports(argv + 3, static_cast<std::size_t>(argc - 3));
    for (std::size_t i = 0; i < ports.size(); ++i)
        capture.tracks.push_back({jack_port_register(client, ("in" + std::to_string(i)).c_str(),
                                                     JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0),
                                  std::vector<float>(capture.wanted)});
    jack_set_process_callback(client, process, &capture);
    jack_on_shutdown(
        client, [](void *arg) { static_cast<Capture *>(arg)->lost = true; }, &capture);
    if (jack_activate(client) != 0 || !connect(client, capture, ports)) return 1;

    std::this_thread::sleep_for(std::chrono::milliseconds(200)); // the graph takes a cycle or two
    std::puts("recording");
    std::fflush(stdout);
    capture.on = true;
    while (!capture.full && !capture.lost)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (!save(argv[2], capture)) return 1;
    if (capture.lost) return 2;
    jack_client_close(client);
    return 0;
}
