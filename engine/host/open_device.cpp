#include "engine/host/open_device.h"

#include "engine/host/null_device.h"
#include "engine/host/patience.h"
#include "engine/host/rtaudio_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace chronus {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kPatience = 3000ms;
constexpr std::array<std::string_view, 5> kWords{"auto", "jack", "pulse", "alsa", "null"};
constexpr std::array kCards{DeviceKind::jack, DeviceKind::pulse, DeviceKind::alsa};

std::string from_environment(const char *name, const std::string &otherwise = {}) {
    const char *value = std::getenv(name);
    return value != nullptr && *value != '\0' ? value : otherwise;
}

bool is_there(const fs::path &path) {
    std::error_code none;
    return fs::exists(path, none);
}

fs::path runtime_folder() {
    return from_environment("XDG_RUNTIME_DIR", fmt::format("/run/user/{}", ::getuid()));
}

/// Whether somebody listens; a socket left by a dead server does not count.
bool answers(const fs::path &path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = path.string();
    if (name.size() >= sizeof address.sun_path) return false;
    std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket < 0) return false;
    const bool connected =
        ::connect(socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    ::close(socket);
    return connected;
}

/// Empty when it is worth trying; else what is missing. JACK's socket is not knocked at: the
/// server takes every connection for a client.
std::string missing_jack() {
    const std::string server = from_environment("JACK_DEFAULT_SERVER", "default");
    const bool there = is_there(fmt::format("/dev/shm/jack_{}_{}_0", server, ::getuid())) ||
                       is_there(runtime_folder() / "pipewire-0") ||
                       std::getenv("JACK_PROMISCUOUS_SERVER") != nullptr;
    return there ? "" : fmt::format("no JACK server \"{}\" runs", server);
}

std::string missing_pulse() {
    const std::string server = from_environment("PULSE_SERVER");
    const std::string own = from_environment("PULSE_RUNTIME_PATH");
    if (!server.empty() && !server.starts_with("unix:") && !server.starts_with('/')) return "";
    const std::array places{fs::path(server.starts_with("unix:") ? server.substr(5) : server),
                            own.empty() ? fs::path{} : fs::path(own) / "native",
                            runtime_folder() / "pulse/native", fs::path("/run/pulse/native")};
    if (std::ranges::any_of(places, [](const fs::path &p) { return !p.empty() && answers(p); }))
        return "";
    return "no PulseAudio server answers";
}

std::string missing_alsa() {
    std::error_code none;
    for (const auto &entry : fs::directory_iterator("/dev/snd", none)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("pcm") && name.ends_with('p')) return "";
    }
    return "ALSA has no card that plays (/dev/snd)";
}

std::string missing(DeviceKind kind) {
    if (kind == DeviceKind::jack) return missing_jack();
    return kind == DeviceKind::pulse ? missing_pulse() : missing_alsa();
}

Error unusable(DeviceKind kind, std::string_view why, std::string_view or_else = "") {
    return {Errc::unsupported,
            fmt::format("device {}: {}; {}play without a sound card on \"null\"", word_of(kind),
                        why, or_else),
            "--device null"};
}

Outcome check(const DeviceRequest &request) {
    const auto out_of_range = [](std::string what, std::string hint) {
        return Error{Errc::out_of_range, std::move(what), std::move(hint)};
    };
    const std::uint32_t rate = request.sample_rate, block = request.block_frames;
    if (rate != 0 && (rate < 8000 || rate > 192000))
        return out_of_range(fmt::format("sample rate {}: not in 8000..192000", rate),
                            "--sample-rate 48000");
    if (block != 0 && (block < 16 || block > NullDevice::kMostBlock))
        return out_of_range(
            fmt::format("block of {} frames: not in 16..{}", block, NullDevice::kMostBlock),
            "--block 256");
    return Done{};
}

/// A rate that was demanded and is not what the card runs at is a refusal at the start.
Result<std::unique_ptr<AudioDevice>> open_at_rate(DeviceKind kind, const DeviceRequest &request) {
    auto opened = open_card(kind, request);
    if (!opened || request.sample_rate == 0) return opened;
    const std::uint32_t rate = (*opened)->info().sample_rate;
    if (rate == request.sample_rate) return opened;
    return Error{Errc::unsupported,
                 fmt::format("device {}: runs at {} Hz, not at the {} asked for", word_of(kind),
                             rate, request.sample_rate),
                 fmt::format("--sample-rate {}", rate)};
}

OpenedDevice open_any(const DeviceRequest &request) {
    std::string reasons;
    for (const DeviceKind kind : kCards) {
        std::string why = missing(kind);
        if (why.empty()) {
            auto opened = open_at_rate(kind, request);
            if (opened) return {std::move(*opened), {}};
            why = opened.error().what;
        }
        reasons += (reasons.empty() ? "" : "; ") + why;
    }
    return {std::make_unique<NullDevice>(request),
            fmt::format("no sound card, playing in real time to nowhere: {}", reasons)};
}

/// One at a time: a sound system that hangs must not gather a thread at every retry.
std::atomic<bool> opening{false};

Result<std::unique_ptr<AudioDevice>> open_now(DeviceKind kind, const DeviceRequest &request) {
    auto opened = open_by_module(kind, request);
    opening = false;
    return opened;
}

} // namespace

std::string_view word_of(DeviceKind kind) { return kWords[static_cast<std::size_t>(kind)]; }

Result<DeviceKind> parse_device_kind(std::string_view word) {
    const auto found = std::ranges::find(kWords, word);
    if (found != kWords.end()) return static_cast<DeviceKind>(found - kWords.begin());
    return Error{Errc::bad_type,
                 fmt::format("device \"{}\": there is no such kind; there are {}", word,
                             fmt::join(kWords, ", ")),
                 "--device auto"};
}

Result<std::unique_ptr<AudioDevice>> open_card(DeviceKind kind, const DeviceRequest &request) {
    if (const std::string why = missing(kind); !why.empty())
        return unusable(kind, why, "start it, or ");
    if (opening.exchange(true)) return unusable(kind, "it still does not answer");
    auto opened = within(kPatience, [kind, request] { return open_now(kind, request); });
    if (!opened) return unusable(kind, "it did not answer within 3 s");
    if (!*opened) return unusable(kind, opened->error().what);
    return std::move(*opened);
}

Result<OpenedDevice> open_device(DeviceKind kind, const DeviceRequest &request) {
    if (const auto good = check(request); !good) return good.error();
    if (kind == DeviceKind::automatic) return open_any(request);
    if (kind == DeviceKind::null) return OpenedDevice{std::make_unique<NullDevice>(request), {}};
    auto opened = open_at_rate(kind, request);
    if (!opened) return opened.error();
    return OpenedDevice{std::move(*opened), {}};
}

} // namespace chronus
