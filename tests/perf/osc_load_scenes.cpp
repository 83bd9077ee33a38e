#include "tests/perf/osc_load_daemon.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace chronus::perf {

namespace {

using Setting = std::pair<const char *, float>;

void set_all(osc::Client &client, const std::string &module, std::span<const Setting> settings) {
    for (const auto &[path, value] : settings)
        (void)client.send({fmt::format("/mod/{}/{}", module, path), {value}});
}

void add_track(osc::Client &client, int voice, const char *pattern, float hz) {
    (void)asked(client, {"/seq/add",
                         {fmt::format("t{}", voice), fmt::format("voice{}", voice),
                          std::string{pattern}, hz}});
}

} // namespace

void play_eight_voices(osc::Client &client) {
    for (int voice = 1; voice <= 8; ++voice) {
        const std::array settings{Setting{"osc/type", 1}, Setting{"amp", 0.1f},
                                  Setting{"send/reverb", 0.3f}, Setting{"send/delay", 0.2f}};
        set_all(client, fmt::format("voice{}", voice), settings);
        add_track(client, voice, voice == 2 ? "Xx~x.X.x~" : "x.x.x.x.",
                  55.0f * (1.0f + 0.13f * static_cast<float>(voice)));
    }
    (void)asked(client, {"/seq/start"});
}

void make_percussive(osc::Client &client) {
    const std::array settings{Setting{"freq", 2000},          Setting{"filter/freq", 20000},
                              Setting{"adsr/attack", 0.001f}, Setting{"adsr/decay", 0.02f},
                              Setting{"adsr/sustain", 0},     Setting{"adsr/release", 0.01f}};
    set_all(client, "voice1", settings);
    (void)asked(client, {"/version"});
}

void play_ruler(osc::Client &client) {
    make_percussive(client);
    add_track(client, 1, "X", 2000);
    (void)asked(client, {"/seq/start"});
}

} // namespace chronus::perf
