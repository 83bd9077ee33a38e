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

/// The same for all that plays songs as they are: words without '=' are outputs, and there are no
/// bars. Errors: also unsupported.
Outcome set_set_wishes(patterns::RenderWishes &wishes, Args words, const std::string &command);

/// A set with songs. Errors: as `set_named`; not_now - it has none yet.
Result<patterns::KeptSet> full_set(Context &context, const std::string &name);

/// What became of jobs: written down; songs that were processed go to the disk, with their sets as
/// they are by now. One that plays something else by now was processed in vain.
void hear_studio(Context &context);

/// A performance, or a render, again: compared with what it was; or, for its `files`, with outputs
/// at any rate. Its arguments are those of /history/replay.
Result<Reply> play_again(Context &context, Args args, std::string_view verb);

Result<Reply> render_report(Context &context, Args args);

} // namespace chronus::osc
