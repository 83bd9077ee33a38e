#pragma once

#include "osc/context.h"
#include "patterns/text/json_writer.h"

namespace chronus::osc {

// Members of the JSON object that is open. Thread: control.

/// What plays, and how well.
void write_device(patterns::JsonWriter &json, Context &context);
/// What went wrong since the start: heals, bad packets, the disk; and what is being recorded.
void write_health(patterns::JsonWriter &json, Context &context);

} // namespace chronus::osc
