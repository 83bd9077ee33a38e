#pragma once

#include "osc/context.h"
#include "patterns/text/json_writer.h"

namespace chronus::osc {

// Members of the JSON object that is open. Thread: control.

/// What plays, and how well.
void write_device(patterns::JsonWriter &json, Context &context);
/// What went wrong since the start: heals, bad packets, the disk; and what is being recorded.
void write_health(patterns::JsonWriter &json, Context &context);

/// All that `chronusctl doctor` judges by, as JSON: the device, what the system grants, the clock,
/// what was lost, and how each client's messages come.
std::string health_json(Context &context);

} // namespace chronus::osc
