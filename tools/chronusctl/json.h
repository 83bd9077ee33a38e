#pragma once

#include "osc/value.h"
#include "patterns/text/json.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace chronus::ctl {

using patterns::Json;

/// Nothing unless all of `text` is one list or one object.
std::optional<Json> document_in(std::string_view text);

// What a document says, as far as it does: nothing here fails. A member of that name is null when
// there is none, or when `json` is no object.
const Json &member(const Json &json, std::string_view name);
double number_of(const Json &json, double otherwise = 0);
double number_of(const Json &json, std::string_view name, double otherwise = 0);
/// Cut to a whole number, and brought within a thousand million of 0.
int whole_of(const Json &json, int otherwise = 0);
bool truth_of(const Json &json, std::string_view name);
std::string text_of(const Json &json, std::string_view name);
std::span<const Json> items_of(const Json &json);

/// Text as a JSON string, quotes included.
std::string quoted(std::string_view text);

/// OSC arguments as a JSON list; blobs as hexadecimal text, nil as null.
std::string json_of(osc::Args values);

/// In one line, as people write it: text bare, lists by commas, members as key=value.
std::string plain(const Json &json);

} // namespace chronus::ctl
