#pragma once

#include "engine/result.h"
#include "patterns/text/json.h"
#include "patterns/text/members.h"

namespace chronus::patterns {

/// Brings a document of any known `schema_version` to ours, one version after the other.
///
/// Errors: too_new - a later version than ours. corrupt - no object, or no version.
Result<Json> migrated(Json document, Reading &reading);

} // namespace chronus::patterns
