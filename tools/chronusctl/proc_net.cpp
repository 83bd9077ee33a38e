#include "tools/chronusctl/proc_net.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

namespace chronus::ctl {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> columns_of(const std::string &line) {
    std::istringstream in(line);
    std::vector<std::string> out;
    for (std::string word; in >> word;) out.push_back(word);
    return out;
}

template <class T>
T number_in(std::string_view text, int base = 10) {
    T value{};
    std::from_chars(text.data(), text.data() + text.size(), value, base);
    return value;
}

/// A line of /proc/net/udp: "0: 0100007F:138D 00000000:0000 07 ... uid timeout inode ...".
struct UdpSocketRow {
    std::string address;
    std::uint16_t port;
    unsigned uid;
    std::string inode;
};

std::vector<UdpSocketRow> udp_sockets(const char *file) {
    std::vector<UdpSocketRow> out;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        const auto columns = columns_of(line);
        const std::size_t colon = columns.size() > 9 ? columns[1].find(':') : std::string::npos;
        if (colon == std::string::npos) continue;
        out.push_back({columns[1].substr(0, colon),
                       number_in<std::uint16_t>(columns[1].substr(colon + 1), 16),
                       number_in<unsigned>(columns[7]), columns[9]});
    }
    return out;
}

/// Whether a socket at this address takes what is sent to 127.0.0.1: bound there, or everywhere.
bool hears_loopback(std::string_view address) {
    return address == "0100007F" || address.find_first_not_of('0') == std::string_view::npos;
}

bool holds(const fs::path &process, const std::string &link) {
    std::error_code denied;
    for (const auto &fd : fs::directory_iterator(process / "fd", denied))
        if (fs::read_symlink(fd.path(), denied) == link) return true;
    return false;
}

std::string program_of(const fs::path &process) {
    std::ifstream in(process / "comm");
    std::string name;
    std::getline(in, name);
    return name;
}

PortOwner owner_of(const UdpSocketRow &socket) {
    const std::string link = fmt::format("socket:[{}]", socket.inode);
    std::error_code ignored;
    for (const auto &process : fs::directory_iterator("/proc", ignored)) {
        const int pid = number_in<int>(process.path().filename().string());
        if (pid > 0 && holds(process.path(), link))
            return {pid, program_of(process.path()), socket.uid};
    }
    return {.uid = socket.uid};
}

} // namespace

std::optional<PortOwner> owner_of_udp_port(std::uint16_t port) {
    for (const char *file : {"/proc/net/udp", "/proc/net/udp6"})
        for (const UdpSocketRow &socket : udp_sockets(file))
            if (socket.port == port && hears_loopback(socket.address)) return owner_of(socket);
    return std::nullopt;
}

std::vector<std::string> listening_sockets() {
    constexpr std::string_view kListens = "00010000"; // __SO_ACCEPTCON
    std::vector<std::string> out;
    std::ifstream in("/proc/net/unix");
    for (std::string line; std::getline(in, line);) {
        const auto columns = columns_of(line);
        if (columns.size() > 7 && columns[3] == kListens) out.push_back(columns[7]);
    }
    return out;
}

} // namespace chronus::ctl
