#include "osc/discovery.h"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace chronus::osc {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSocket = ".socket";

/// "key value" lines; the value runs to the end of its line.
std::string text_of(const RunningDaemon &daemon) {
    return fmt::format("pid {}\nhost {}\nport {}\nstate {}\n{}", daemon.pid, daemon.host,
                       daemon.port, daemon.state,
                       daemon.socket.empty() ? "" : fmt::format("socket {}\n", daemon.socket));
}

template <class T>
T number_of(std::string_view text) {
    T value{};
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

RunningDaemon read(const fs::path &file) {
    RunningDaemon daemon;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        const std::size_t blank = line.find(' ');
        if (blank == std::string::npos) continue;
        const std::string key = line.substr(0, blank), value = line.substr(blank + 1);
        if (key == "pid") daemon.pid = number_of<int>(value);
        if (key == "host") daemon.host = value;
        if (key == "port") daemon.port = number_of<std::uint16_t>(value);
        if (key == "state") daemon.state = value;
        if (key == "socket") daemon.socket = value;
    }
    return daemon;
}

/// The process a file is named after, or 0: "1234" is an announcement, "1234.socket" a socket.
int pid_of(const fs::path &file) { return number_of<int>(file.stem().native()); }

bool lives(int pid) { return pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM); }

/// A folder somebody else made in the temporary folder is not ours to trust.
bool is_ours(const fs::path &folder) {
    struct stat info {};
    return ::lstat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode) &&
           info.st_uid == ::getuid();
}

} // namespace

fs::path runtime_dir() {
    if (const char *dir = std::getenv("XDG_RUNTIME_DIR"); dir != nullptr && *dir == '/')
        return fs::path{dir} / "chronus";
    std::error_code ignored;
    return fs::temp_directory_path(ignored) / fmt::format("chronus-{}", ::getuid());
}

fs::path socket_path(int pid) { return runtime_dir() / fmt::format("{}{}", pid, kSocket); }

Result<Announcement> Announcement::publish(const RunningDaemon &daemon) {
    const fs::path folder = runtime_dir();
    ::mkdir(folder.c_str(), 0700);
    if (!is_ours(folder))
        return Error{Errc::io, fmt::format("{}: not a folder of ours, so clients must be given "
                                           "--port {}: {}",
                                           folder.string(), daemon.port, std::strerror(errno))};
    const fs::path file = folder / std::to_string(daemon.pid);
    std::ofstream out(file, std::ios::trunc);
    out << text_of(daemon);
    out.close();
    if (!out)
        return Error{Errc::io,
                     fmt::format("{}: cannot be written, so clients must be given --port {}",
                                 file.string(), daemon.port)};
    return Announcement{file};
}

Announcement::~Announcement() {
    std::error_code ignored;
    if (!file_.empty()) fs::remove(file_, ignored);
}

std::vector<RunningDaemon> running_daemons() {
    std::vector<std::pair<fs::file_time_type, RunningDaemon>> found;
    const fs::path folder = runtime_dir();
    std::error_code ignored;
    if (!is_ours(folder)) return {};
    for (const auto &entry : fs::directory_iterator(folder, ignored)) {
        const int pid = pid_of(entry.path());
        if (pid == 0) continue; // nothing of ours
        if (!lives(pid)) fs::remove(entry.path(), ignored);
        if (!lives(pid) || entry.path().extension() == kSocket) continue;
        const RunningDaemon daemon = read(entry.path());
        if (daemon.port != 0) found.emplace_back(entry.last_write_time(ignored), daemon);
    }
    std::ranges::sort(found, std::ranges::greater{}, [](const auto &f) { return f.first; });
    std::vector<RunningDaemon> out;
    for (auto &[time, daemon] : found) out.push_back(std::move(daemon));
    return out;
}

} // namespace chronus::osc
