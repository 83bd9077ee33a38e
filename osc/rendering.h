#pragma once

#include "osc/context.h"

#include <optional>
#include <string>

/// Renders asked for by clients.
namespace chronus::osc {

/// It begins once all of its bundle is accepted; its caller is answered then.
/// Errors: busy - files of that name are being made, or too many jobs wait.
Result<Reply> ask_for(Context &context, RenderAsked asked);

/// What its caller is told.
/// Errors: as `Studio::render`.
Result<Reply> begin_render(Context &context, RenderAsked asked);

Result<Reply> render_report(Context &context, Args args);

} // namespace chronus::osc
