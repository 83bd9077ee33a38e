#pragma once

#include "tools/chronusctl/json.h"

#include <optional>
#include <string>
#include <string_view>

namespace chronus::ctl {

/// The node of a schema at an address, folders too; null when it has none.
const Json *node_at(const Json &schema, std::string_view address);

/// What is to be said of an address, as a document: "address", "kind" (parameter, command, topic,
/// gate, group), "doc", and as they apply "type", "unit", "min", "max", "choices", "default",
/// "arguments", "below" and "example", which is a message.
///
/// Most is read from the node; what schemas do not tell comes from our own tables, as far as they
/// know the address. A gate has no node: null stands for it.
patterns::JsonObject description(std::string_view address, const Json *node);

/// What a parameter is set to by its node: a choice by its name.
Json value_in(std::string_view address, const Json &node);

/// Whether it is the address of a gate some daemon may have.
bool is_gate(std::string_view address);

/// One line on an address, from our own tables: "/pattern/load slot [immediate]"; empty when they
/// do not know it.
std::string summary(std::string_view address);

} // namespace chronus::ctl
