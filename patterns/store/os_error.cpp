#include "patterns/store/os_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace chronus::patterns {

static Errc code_of(int number) {
    switch (number) {
    case ENOENT:
        return Errc::not_found;
    case EEXIST:
        return Errc::conflict;
    case EFBIG:
        return Errc::too_big;
    default:
        return Errc::io;
    }
}

Error os_error(int number, std::string_view path, std::string_view action) {
    const std::string words = std::generic_category().message(number);
    const std::string_view shown = path.empty() ? "the state folder" : path;
    return {code_of(number), fmt::format("{}: cannot {}: {}", shown, action, words)};
}

} // namespace chronus::patterns
