#include "patterns/store/setlist_files.h"

#include "patterns/text/setlist.h"

#include <fmt/format.h>

#include <charconv>

namespace chronus::patterns {

namespace {

constexpr std::string_view kSuffix = ".json";

std::string_view stem_of(std::string_view file) {
    return file.ends_with(kSuffix) ? file.substr(0, file.size() - kSuffix.size())
                                   : std::string_view{};
}

} // namespace

std::string set_path(std::string_view name) {
    return fmt::format("{}/{}{}", kSetFolder, name, kSuffix);
}

std::string set_backup_path(std::string_view name, std::int64_t time_ms) {
    return fmt::format("{}/{}_{}{}", kSetBackupFolder, name, time_ms, kSuffix);
}

std::string_view parse_set_file(std::string_view file) {
    const std::string_view name = stem_of(file);
    return is_set_name(name) ? name : std::string_view{};
}

std::optional<SetStamp> parse_set_backup(std::string_view file) {
    const std::string_view stem = stem_of(file);
    const std::size_t dash = stem.rfind('_');
    if (dash == std::string_view::npos || !is_set_name(stem.substr(0, dash))) return std::nullopt;
    SetStamp stamp{stem.substr(0, dash)};
    const std::string_view digits = stem.substr(dash + 1);
    const char *end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, stamp.time_ms);
    if (read.ec != std::errc{} || read.ptr != end || stamp.time_ms < 0) return std::nullopt;
    return stamp;
}

} // namespace chronus::patterns
