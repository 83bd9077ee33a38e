#include "engine/host/privileges.h"
#include "osc/discovery.h"
#include "tools/chronusctl/checks.h"
#include "tools/chronusctl/proc_net.h"

#include <fmt/format.h>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

namespace chronus::ctl {

namespace fs = std::filesystem;

namespace {

/// The line that allows it, and how to come under it.
std::string limits_advice(std::string_view limit) {
    const char *name = std::getenv("USER");
    return fmt::format("as root: echo '@audio - {}' >> /etc/security/limits.d/audio.conf; "
                       "usermod -aG audio {}; then log in anew",
                       limit, name != nullptr ? name : "YOUR_NAME");
}

std::string first_line(const fs::path &file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

/// "JACK default" of "/dev/shm/jack_default_1000_0", and the two in our runtime folder; empty for
/// other sockets.
std::string sound_system(const std::string &socket) {
    constexpr std::string_view jack = "/dev/shm/jack_";
    const std::string runtime = osc::runtime_dir().parent_path();
    if (socket == runtime + "/pulse/native") return "PulseAudio";
    if (socket == runtime + "/pipewire-0") return "PipeWire";
    const std::string mine = fmt::format("_{}_0", ::getuid());
    if (!socket.starts_with(jack) || !socket.ends_with(mine)) return {};
    return "JACK " + socket.substr(jack.size(), socket.size() - jack.size() - mine.size());
}

/// " 0 [PCH            ]: HDA-Intel - HDA Intel PCH" is one; its second line is not.
std::size_t sound_cards() {
    std::ifstream in("/proc/asound/cards");
    std::size_t cards = 0;
    for (std::string line; std::getline(in, line);)
        cards += line.find("]: ") != std::string::npos ? 1 : 0;
    return cards;
}

} // namespace

std::string priority_advice(const std::string &why) {
    if (why.find("RLIMIT_RTPRIO") == std::string::npos)
        return "jackd -R -d alsa, then chronusd --device jack";
    return limits_advice("rtprio 95") + "; or chronusd --device jack";
}

std::string memory_advice() { return limits_advice("memlock unlimited"); }

Check runtime_check() {
    const fs::path folder = osc::runtime_dir();
    Check check{"runtime", Health::ok, folder.string()};
    struct stat info {};
    if (::lstat(folder.c_str(), &info) != 0) {
        if (::access(folder.parent_path().c_str(), W_OK) == 0) return check; // made when needed
        check.text += fmt::format(": cannot be made: {}", std::strerror(errno));
    } else if (!S_ISDIR(info.st_mode) || info.st_uid != ::getuid()) {
        check.text += " is not a folder of yours";
    } else if ((info.st_mode & 022) != 0) {
        return {"runtime", Health::warn, folder.string() + ": others may write there",
                fmt::format("chmod 700 {}", folder.string())};
    } else {
        return check;
    }
    check.health = Health::bad;
    check.advice = "export XDG_RUNTIME_DIR=$(mktemp -d), for chronusd and chronusctl alike";
    return check;
}

Checks permission_checks() {
    Grant priority;
    std::thread{[&] { priority = raise_priority(); }}.join();
    const Grant memory = lock_memory();
    ::munlockall();
    Check realtime{"realtime", Health::ok, priority.words},
        locked{"memory", Health::ok, memory.words};
    if (!priority.granted) {
        realtime.health = Health::warn;
        realtime.advice = priority_advice(priority.words);
    }
    if (!memory.granted) {
        locked.health = Health::warn;
        locked.advice = memory_advice();
    }
    return {realtime, locked};
}

std::optional<Check> governor_check() {
    std::size_t all = 0, slow = 0;
    std::string name;
    std::error_code ignored;
    for (const auto &cpu : fs::directory_iterator("/sys/devices/system/cpu", ignored)) {
        const std::string governor = first_line(cpu.path() / "cpufreq/scaling_governor");
        if (governor.empty()) continue;
        ++all;
        if (governor == "performance") continue;
        ++slow;
        name = governor;
    }
    if (all == 0) return std::nullopt;
    if (slow == 0) return Check{"governor", Health::ok, "performance"};
    return Check{"governor", Health::warn,
                 fmt::format("{} on {} of {} processors", name, slow, all),
                 "as root: cpupower frequency-set -g performance"};
}

Check sound_check() {
    std::vector<std::string> found;
    for (const std::string &socket : listening_sockets())
        if (std::string name = sound_system(socket); !name.empty())
            found.push_back(std::move(name));
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    if (const std::size_t cards = sound_cards(); cards > 0)
        found.push_back(fmt::format("ALSA with {} card{}", cards, cards == 1 ? "" : "s"));
    if (!found.empty()) return {"sound", Health::ok, fmt::format("{}", fmt::join(found, ", "))};
    return {"sound", Health::warn, "no sound system runs and there is no card: nobody hears it",
            "chronusd --device null --record take.wav"};
}

Check port_check(std::uint16_t port) {
    const auto owner = owner_of_udp_port(port);
    if (!owner) return {"port", Health::ok, fmt::format("UDP {} is free", port)};
    const std::string who = owner->pid == 0
                                ? fmt::format("a process of user {}", owner->uid)
                                : fmt::format("{}, process {}", owner->program, owner->pid);
    Check check{"port", Health::ok, fmt::format("UDP {} is taken by {}", port, who)};
    if (owner->program == "chronusd") return check;
    check.health = Health::bad;
    check.advice = fmt::format("chronusd --port {}", port < 65535 ? port + 1 : 5005);
    return check;
}

} // namespace chronus::ctl
