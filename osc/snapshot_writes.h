#pragma once

#include "osc/context.h"
#include "osc/verbs.h"

/// Commands that write snapshots, or of them, and the one that brings them back. Each is answered
/// when it is on the disk.
namespace chronus::osc {

Result<Reply> take_snapshot(Context &context, Args args);
Result<Reply> tag_snapshot(Context &context, Args args);
Result<Reply> branch_snapshot(Context &context, Args args);
Result<Reply> annotate_snapshot(Context &context, Args args);
Result<Reply> collect_snapshots(Context &context, Args args);

/// Errors: queue_full. The director has had it fetched by now, but where it is only tried.
Result<Reply> restore_snapshot(Context &context, Args args);

} // namespace chronus::osc
