#pragma once

#include "engine/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace chronus::osc {

/// A daemon that runs, as it tells of itself in the runtime folder.
struct RunningDaemon {
    int pid = 0;
    std::string host;
    std::uint16_t port = 0;
    std::string state;       ///< its state folder
    std::string socket = {}; ///< the path of its Unix socket; empty when it has none
};

/// `$XDG_RUNTIME_DIR/chronus`, or a folder of our own below the temporary one.
std::filesystem::path runtime_dir();

/// Where the daemon of that process has its Unix socket: beside its announcement.
std::filesystem::path socket_path(int pid);

/// The file by which clients find this daemon; removed with the object.
///
/// Thread: control. Errors: io - the folder cannot be made or written; the daemon runs without.
class Announcement {
public:
    static Result<Announcement> publish(const RunningDaemon &daemon);
    ~Announcement();
    Announcement(Announcement &&other) noexcept : file_(std::move(other.file_)) {
        other.file_.clear();
    }
    Announcement &operator=(Announcement &&) = delete;

private:
    explicit Announcement(std::filesystem::path file) : file_(std::move(file)) {}
    std::filesystem::path file_;
};

/// Every daemon that announced itself and still lives, newest first; the dead ones' files, sockets
/// too, go.
std::vector<RunningDaemon> running_daemons();

} // namespace chronus::osc
