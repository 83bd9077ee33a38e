#pragma once

#include "osc/context.h"
#include "osc/verbs.h"
#include "patterns/history/operations.h"

#include <string>
#include <string_view>

/// What was over before: questions to the history, answered when it has looked.
/// Errors of all: busy - it is asked too much; told later: not_found, and those of the database.
namespace chronus::osc {

Result<Reply> past_operations(Context &context, const patterns::OperationFilter &filter);
/// One, whole, or a part of it.
Result<Reply> past_operation(Context &context, const std::string &id);
/// One, or "all", an operation a line, into a file below the state folder.
Result<Reply> export_operations(Context &context, const std::string &id);

} // namespace chronus::osc
