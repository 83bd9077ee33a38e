#include "osc/stream_address.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstring>
#include <sys/un.h>

namespace chronus::osc {

Result<SystemAddress> local_address(const std::string &path) {
    sockaddr_un in{};
    if (path.empty()) return Error{Errc::bad_type, "Unix socket: an empty path"};
    if (path.size() >= sizeof in.sun_path)
        return Error{Errc::too_big, fmt::format("{}: a Unix socket's path has at most {} bytes, "
                                                "this one has {}",
                                                path, sizeof in.sun_path - 1, path.size())};
    in.sun_family = AF_UNIX;
    std::memcpy(in.sun_path, path.data(), path.size());
    SystemAddress out;
    std::memcpy(&out.storage, &in, sizeof in);
    out.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
    return out;
}

} // namespace chronus::osc
