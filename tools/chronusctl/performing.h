#pragma once

#include "tools/chronusctl/commands.h"

namespace chronus::ctl {

// How commands are carried out. Each gives the program's exit code.

/// A message and its answer, which most commands are.
int run_message(const Call &call);

/// `/schema` in the daemon's form, or `/engine/schema` in one of the original's.
int run_schema(const Call &call);

/// A pattern as it is kept, without any daemon; kRefused when it cannot be read.
int run_format(const Call &call);

/// A message that names a file of this machine, as seen from here.
int run_setlist_file(const Call &call);

/// A slot or a set played offline, with a daemon or without (render.cpp).
int run_render(const Call &call);

/// A performance played again by the daemon; kRefused when a second of it differs.
int run_replay(const Call &call);

/// The change looked for that made a performance as it is; kRefused when there is none.
int run_bisect(const Call &call);

/// A set processed or played through by the daemon; kRefused when a song fails.
int run_set_job(const Call &call);
/// Two snapshots side by side, and the line of one or all branches drawn (versions.cpp).
int run_diff(const Call &call);
int run_log(const Call &call);

/// What was performed, as tables and lines; or packed, and taken where it is wanted (history.cpp).
int run_history(const Call &call);
int run_history_export(const Call &call);

/// One second of voice1, closed again also when interrupted.
int run_test(const Call &call);

/// Comes back when the bar plays; never waits for a sequencer that stands still.
int run_wait_bar(const Call &call);

/// The live view (watch.cpp).
int run_watch(const Call &call);

/// What takes long, as trees of bars; with --follow until it is interrupted (progress.cpp).
int run_progress(const Call &call);

/// What an address means, with a daemon or without (describe.cpp).
int run_describe(const Call &call);

/// A checklist of this machine and the daemon; kRefused when something is bad (doctor.cpp).
int run_doctor(const Call &call);

/// Line after line until the end of the input (repl.cpp).
int run_repl(const Call &call);

} // namespace chronus::ctl
