#pragma once

#include "osc/context.h"
#include "patterns/show/render_wishes.h"

#include <optional>
#include <string>
#include <string_view>

/// Renders asked for by clients.
namespace chronus::osc {

/// It begins once all of its bundle is accepted; its caller is answered then.
/// Errors: busy - files of that name are being made, or too many jobs wait.
Result<Reply> ask_for(Context &context, StudioAsked asked);

/// What its caller is told.
/// Errors: as `Studio::render`.
Result<Reply> begin_job(Context &context, const StudioAsked &asked);

/// Each "key=value", the last of a key counts.
/// Errors: those of `set_wish`, with all of `command` in the hint; bad_type - no '='.
Outcome set_wishes(patterns::RenderWishes &wishes, Args pairs, std::string_view command);

/// Hands songs that were processed meanwhile to the disk, with their sets as they are by now. One
/// that plays something else by now was processed in vain.
void keep_processed(Context &context);

Result<Reply> render_report(Context &context, Args args);

} // namespace chronus::osc
