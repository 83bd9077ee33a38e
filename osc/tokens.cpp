#include "osc/tokens.h"

#include "patterns/store/atomic_file.h"
#include "patterns/store/os_error.h"
#include "patterns/store/posix_disk.h"
#include "patterns/text/hash.h"

#include <fmt/format.h>

#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

namespace chronus::osc {

using patterns::os_error;

namespace {

constexpr std::size_t kMostBytes = 64 * 1024; // of the file
constexpr std::string_view kBlank = " \t\r";

constexpr std::string_view kHead =
    "# Who may do what over the network: a role and a token a line. Send /auth TOKEN to use one.\n"
    "#   observe  asks    perform  plays, too    admin  does everything\n"
    "# From this machine itself no token is needed. Read when the daemon starts.\n";

/// Looks at every character, wherever they differ. Both are digests, so of one length.
bool same(std::string_view a, std::string_view b) {
    unsigned difference = a.size() == b.size() ? 0 : 1;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        difference |= static_cast<unsigned char>(a[i] ^ b[i]);
    return difference == 0;
}

/// Takes the first word off.
std::string_view first_word(std::string_view &text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(kBlank));
    text.remove_prefix(word.size());
    return word;
}

bool may_be_token(std::string_view word) {
    return word.size() >= Tokens::kShortest && word.size() <= Tokens::kLongest &&
           std::ranges::all_of(word, [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<std::string> random_token() {
    std::array<std::uint8_t, 16> bytes{};
    ssize_t got = 0;
    do got = ::getrandom(bytes.data(), bytes.size(), 0);
    while (got < 0 && errno == EINTR);
    if (got != static_cast<ssize_t>(bytes.size())) // so few bytes come whole or not at all
        return Error{Errc::io, os_error(errno, kTokensFile, "make a random one").what};
    std::string token;
    for (const std::uint8_t byte : bytes) token += fmt::format("{:02x}", byte);
    return token;
}

/// Whether only its owner, who is us, may read or change the file.
Outcome check_private(const std::filesystem::path &file) {
    struct stat info {};
    if (::lstat(file.c_str(), &info) != 0) return os_error(errno, file.native(), "look at");
    if (info.st_uid != ::geteuid())
        return Error{Errc::io, fmt::format("{}: belongs to another user", file.native())};
    if (S_ISREG(info.st_mode) && (info.st_mode & 077) != 0)
        return Error{Errc::io,
                     fmt::format("{}: others may read or change it (mode {:o}, not 600)",
                                 file.native(), info.st_mode & 0777),
                     fmt::format("chmod 600 '{}'", file.native())};
    return Done{};
}

} // namespace

Result<Tokens> Tokens::parse(std::string_view text) {
    Tokens tokens;
    for (std::size_t number = 1; !text.empty(); ++number) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto wrong = [number](std::string_view why) {
            return Error{Errc::corrupt, fmt::format("tokens: line {}: {}", number, why)};
        };
        const std::string_view name = first_word(line), token = first_word(line);
        if (name.empty() || name.starts_with('#')) continue;
        const auto role = role_named(name);
        if (!role) return wrong("does not begin with observe, perform or admin");
        if (!may_be_token(token))
            return wrong(fmt::format("no token of {} to {} visible ASCII characters after {}",
                                     kShortest, kLongest, name));
        if (!first_word(line).empty()) return wrong("something stands after the token");
        if (tokens.role_of(token)) return wrong("a token that stands above already");
        tokens.known_.push_back({*role, patterns::sha256_hex(token)});
    }
    return tokens;
}

std::optional<Role> Tokens::role_of(std::string_view token) const {
    const std::string digest = patterns::sha256_hex(token);
    std::optional<Role> found;
    for (const Known &known : known_)
        if (same(known.digest, digest)) found = known.role; // and on to the last of them
    return found;
}

Result<Tokens> load_tokens(const std::filesystem::path &state_folder) {
    const auto file = state_folder / kTokensFile;
    if (const auto is_private = check_private(file); !is_private) return is_private.error();
    auto disk = patterns::PosixDisk::open(state_folder);
    if (!disk) return disk.error();
    const auto text = disk->read(kTokensFile, kMostBytes);
    if (!text) return text.error();
    return Tokens::parse(*text);
}

Outcome create_tokens(const std::filesystem::path &state_folder) {
    auto disk = patterns::PosixDisk::open(state_folder);
    if (!disk) return disk.error();
    const auto there = disk->info(kTokensFile);
    if (!there && there.error().code != Errc::not_found) return there.error();
    if (there)
        return Error{Errc::conflict, fmt::format("{}: is there already; remove it for new ones",
                                                 (state_folder / kTokensFile).native())};
    std::string text{kHead};
    for (const std::string_view role : kRoleNames) {
        const auto token = random_token();
        if (!token) return token.error();
        text += fmt::format("{} {}\n", role, *token);
    }
    patterns::TempNames names{static_cast<std::uint32_t>(::getpid())};
    return patterns::replace_file(*disk, names, kTokensFile, text);
}

} // namespace chronus::osc
