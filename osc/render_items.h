#pragma once

#include "osc/context.h"

#include <filesystem>
#include <string>

/// What is rendered, as the history keeps it: an execution of its own, beside what is on stage.
namespace chronus::osc {

/// A job begins: who asked for it, and how; of what, the history's thread finds out.
void begin_items(Context &context, const std::string &job, const StudioAsked &asked);

/// What has become of jobs since: each output's check, why it is blocked, its files; the end.
void keep_items(Context &context);

/// As an item names a file: below the state folder, else where it is.
std::string place_below_state(const Context &context, const std::filesystem::path &file);

} // namespace chronus::osc
