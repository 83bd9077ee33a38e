#pragma once

#include "engine/host/progress.h"
#include "patterns/history/operations.h"
#include "patterns/text/iso_time.h"
#include "patterns/text/json_writer.h"

#include <cstdint>
#include <string>

namespace chronus::osc {

/// A level without its parts: one line of a list.
void write_summary(patterns::JsonWriter &json, const ProgressLevel &level);
/// One that is over and kept.
void write_summary(patterns::JsonWriter &json, const patterns::Operation &operation);

/// All of a level, parts and all.
void write_level(patterns::JsonWriter &json, const ProgressLevel &level);
std::string level_json(const ProgressLevel &level);

/// What subscribers are told: `{"active": [...], "over": [...]}`, lines of lists, as many as fit a
/// message.
std::string progress_news(const ProgressStore &store);

/// What is kept of an operation that is over.
patterns::Operation operation_of(const ProgressLevel &level);

using patterns::iso_time_ms;

} // namespace chronus::osc
