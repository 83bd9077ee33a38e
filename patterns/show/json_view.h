#pragma once

#include "patterns/text/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Looking into JSON that we wrote ourselves: what is not there, or is something else, is empty.
namespace chronus::patterns {

const Json &at(const Json &json, std::string_view key);
std::string text_at(const Json &json, std::string_view key);
std::optional<double> number_in(const Json &json);
/// Of what is smaller than what a double has no more every whole number of.
std::uint64_t whole_at(const Json &json, std::string_view key);
JsonArray list_at(const Json &json, std::string_view key);

} // namespace chronus::patterns
