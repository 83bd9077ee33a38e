#pragma once

#include "engine/result.h"
#include "osc/role.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::osc {

/// The words that give a role, as digests: neither a log nor a picture of the memory gives one
/// away.
///
/// As text they are a role and a token a line; blank lines and those that begin with # are
/// ignored. A token is 16 to 128 visible ASCII characters.
class Tokens {
public:
    static constexpr std::size_t kShortest = 16, kLongest = 128;

    /// Errors: corrupt - a line that is neither, or a token twice; names the line, never the
    ///         token.
    static Result<Tokens> parse(std::string_view text);

    /// Nothing for a token nobody has. How long it takes does not tell how near one came.
    std::optional<Role> role_of(std::string_view token) const;

    bool empty() const noexcept { return known_.empty(); }

private:
    struct Known {
        Role role;
        std::string digest;
    };
    std::vector<Known> known_;
};

/// The file in the state folder.
inline constexpr std::string_view kTokensFile = "tokens";

/// Reads it.
///
/// Thread: control, at start.
/// Errors: not_found - there is none. io - cannot be read, or others than its owner may; the hint
///         is what to type into a shell. too_big. Those of `Tokens::parse`.
Result<Tokens> load_tokens(const std::filesystem::path &state_folder);

/// Makes it, with a random token of 128 bits for each role, for its owner alone to read.
///
/// Thread: tools, or control at start; waits for the disk.
/// Errors: conflict - there is one. io.
Outcome create_tokens(const std::filesystem::path &state_folder);

} // namespace chronus::osc
