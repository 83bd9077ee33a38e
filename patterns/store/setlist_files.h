#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chronus::patterns {

inline constexpr std::string_view kSetFolder = "setlists";
inline constexpr std::string_view kSetBackupFolder = "setlists/backups";

/// "setlists/friday.json".
std::string set_path(std::string_view name);
/// "setlists/backups/friday_1700000000123.json".
std::string set_backup_path(std::string_view name, std::int64_t time_ms);

/// The set a name in the folder of sets stands for; "" for none.
std::string_view parse_set_file(std::string_view file);

struct SetStamp {
    std::string_view name;
    std::int64_t time_ms = 0;
};
/// The set and time a name in the folder of backups stands for.
std::optional<SetStamp> parse_set_backup(std::string_view file);

} // namespace chronus::patterns
