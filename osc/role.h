#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace chronus::osc {

/// What a client may do; each may do all that those before it may.
enum class Role : std::uint8_t {
    observe, ///< ask, and be told what happens
    perform, ///< play: parameters, gates, the sequencer, patterns, saving them
    admin, ///< also what cannot be taken back: deleting, other files, engine and device, recordings
};

inline constexpr std::array<std::string_view, 3> kRoleNames{"observe", "perform", "admin"};

constexpr std::string_view name_of(Role role) noexcept {
    return kRoleNames[static_cast<std::size_t>(role)];
}

constexpr std::optional<Role> role_named(std::string_view name) noexcept {
    for (std::size_t i = 0; i < kRoleNames.size(); ++i)
        if (kRoleNames[i] == name) return static_cast<Role>(i);
    return std::nullopt;
}

} // namespace chronus::osc
