#pragma once

#include "engine/model/param_values.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace chronus::patterns {

/// A command as the schema shows it. `args` has the form "s:track i:voice s:pattern ...": type and
/// name of each, '?' after those that may be missing.
struct VerbDoc {
    std::string_view address, args, doc;
    bool told = false; ///< not by clients but to them; its types are the tags it is sent under
};

/// All addresses as a tree of OSCQuery nodes: FULL_PATH, DESCRIPTION, CONTENTS, and for what can be
/// sent TYPE, ACCESS, VALUE, RANGE, UNIT, CLIPMODE. Parameters are at "/mod/<path>".
///
/// Shapes: only what `pattern` names and what is below that; "*" and "?" stand for any text or one
///         character of one part; "" and "/" for everything. Empty when nothing is left.
/// Thread: any.
std::string schema_json(const ParamValues &values, std::uint16_t voices,
                        std::span<const VerbDoc> verbs, std::string_view pattern);

} // namespace chronus::patterns
