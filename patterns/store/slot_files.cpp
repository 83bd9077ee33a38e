#include "patterns/store/slot_files.h"

#include <fmt/format.h>

#include <charconv>

namespace chronus::patterns {
namespace {

constexpr std::string_view kPrefix = "slot_";
constexpr std::string_view kSuffix = ".json";
constexpr std::int64_t kLastStamp = 99'999'999'999'999; // the year 5138; later ones are not ours

/// Digits alone, or nothing: `from_chars` would take a sign.
std::optional<std::int64_t> parse_digits(std::string_view text) {
    if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return std::nullopt;
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{}) return std::nullopt;
    return value;
}

/// What stands between "slot_" and ".json".
std::optional<std::string_view> middle(std::string_view name) {
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
    if (name.size() < kPrefix.size() + kSuffix.size()) return std::nullopt;
    return name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
}

std::optional<int> parse_slot(std::string_view digits) {
    const auto slot = parse_digits(digits);
    if (!slot || *slot < kFirstSlot || *slot > kLastSlot) return std::nullopt;
    return static_cast<int>(*slot);
}

} // namespace

std::string slot_path(int slot) { return fmt::format("{}/slot_{:03}.json", kSlotFolder, slot); }

std::string stamped_path(std::string_view folder, int slot, std::int64_t time_ms) {
    return fmt::format("{}/slot_{:03}_{}.json", folder, slot, time_ms);
}

std::optional<int> parse_slot_name(std::string_view name) {
    const std::string_view text = middle(name).value_or("");
    return text.size() == 3 ? parse_slot(text) : std::nullopt;
}

std::optional<Stamped> parse_stamped_name(std::string_view name) {
    const auto text = middle(name);
    if (!text || text->size() < 5 || (*text)[3] != '_') return std::nullopt;
    const auto slot = parse_slot(text->substr(0, 3));
    const auto time_ms = parse_digits(text->substr(4));
    if (!slot || !time_ms || *time_ms > kLastStamp) return std::nullopt;
    return Stamped{*slot, *time_ms};
}

} // namespace chronus::patterns
