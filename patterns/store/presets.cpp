#include "patterns/store/presets.h"

#include <fmt/format.h>

#include <algorithm>

namespace chronus::patterns {

namespace {

constexpr std::string_view kSuffix = ".json";
constexpr std::size_t kLongest = 64;

constexpr bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

} // namespace

bool is_preset_name(std::string_view name) {
    return !name.empty() && name.size() <= kLongest && is_plain(name.front()) &&
           std::ranges::all_of(name, [](char c) { return is_plain(c) || c == '_' || c == '-'; });
}

std::string usable_preset_name(std::string_view name) {
    std::string usable{name.substr(0, kLongest)};
    for (char &c : usable)
        if (!is_plain(c) && c != '-') c = '_';
    const auto first = std::ranges::find_if(usable, is_plain);
    usable.erase(usable.begin(), first);
    return usable.empty() ? "preset" : usable;
}

std::string preset_path(std::string_view name) {
    return fmt::format("{}/{}{}", kPresetFolder, name, kSuffix);
}

Result<std::vector<std::string>> Presets::names() const {
    auto files = disk_.list(kPresetFolder);
    if (!files && files.error().code == Errc::not_found) return std::vector<std::string>{};
    if (!files) return files;
    std::vector<std::string> names;
    for (std::string &file : *files) {
        if (!file.ends_with(kSuffix)) continue;
        file.resize(file.size() - kSuffix.size());
        if (is_preset_name(file)) names.push_back(std::move(file));
    }
    return names;
}

Result<std::string> Presets::load(std::string_view name) const {
    return disk_.read(preset_path(name), kMaxPresetBytes);
}

} // namespace chronus::patterns
