#pragma once

#include "osc/context.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace chronus::osc {

/// What to send instead of `verb` on slot `wanted`: it succeeds, and throws nothing away. A slot
/// that holds something to load, one that is free to save to, else a list of what there is.
std::string slot_hint(Context &context, std::string_view verb, std::int64_t wanted);

/// The verb's example, with a track and a slot that are there; a list where it would destroy.
std::string working_example(Context &context, const Verb &verb);

/// The verb on the id that is most like the wanted one; a list of what there is where none is.
std::string id_hint(std::string_view verb, std::string_view wanted,
                    std::span<const std::string> ids);

} // namespace chronus::osc
