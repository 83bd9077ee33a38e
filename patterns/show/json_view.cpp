#include "patterns/show/json_view.h"

#include <algorithm>

namespace chronus::patterns {

const Json &at(const Json &json, std::string_view key) {
    static const Json none;
    const auto *object = json.as<JsonObject>();
    const Json *found = object == nullptr ? nullptr : find(*object, key);
    return found == nullptr ? none : *found;
}

std::string text_at(const Json &json, std::string_view key) {
    const auto *text = at(json, key).as<std::string>();
    return text == nullptr ? "" : *text;
}

std::optional<double> number_in(const Json &json) {
    if (const auto *real = json.as<double>()) return *real;
    if (const auto *whole = json.as<std::int64_t>()) return static_cast<double>(*whole);
    if (const auto *whole = json.as<std::uint64_t>()) return static_cast<double>(*whole);
    return std::nullopt;
}

std::uint64_t whole_at(const Json &json, std::string_view key) {
    return static_cast<std::uint64_t>(std::max(0.0, number_in(at(json, key)).value_or(0)));
}

JsonArray list_at(const Json &json, std::string_view key) {
    const auto *list = at(json, key).as<JsonArray>();
    return list == nullptr ? JsonArray{} : *list;
}

} // namespace chronus::patterns
