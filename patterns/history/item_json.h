#pragma once

#include "patterns/history/executions.h"
#include "patterns/history/export_pages.h"
#include "patterns/history/item.h"
#include "patterns/text/json_writer.h"

#include <string_view>

/// Executions and items as clients and files have them: members of an object that is open. What is
/// empty is left out.
namespace chronus::patterns {

std::string_view name_of(Stage stage);

/// But for `pinned`: that is how it is kept, and not what happened.
void write_members(JsonWriter &json, const Execution &execution);
void write_members(JsonWriter &json, const Item &item);
void write_members(JsonWriter &json, const SessionFacts &session);

} // namespace chronus::patterns
