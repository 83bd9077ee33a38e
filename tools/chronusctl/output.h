#pragma once

#include "tools/chronusctl/commands.h"
#include "tools/chronusctl/link.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace chronus::ctl {

/// Prints what came of a command: an answer on stdout, a refusal on stderr; with --json both as
/// JSON on stdout. Gives the program's exit code.
int report(const Heard &heard, const Settings &settings);

/// A refusal before any daemon was asked: the command line itself is wrong.
int report_usage(const std::string &message, const std::string &hint, const Settings &settings);

/// What a hint of the daemon is for a shell: `/seq/bpm 120` as `chronusctl send /seq/bpm 120`,
/// quoted where a shell would read it otherwise. Other hints stay as they are. In the repl a hint
/// is a line of its own kind: messages as they are, commands without "chronusctl".
std::string shell_hint(std::string_view hint, const Settings &settings);

/// Text in lines of at most 80 columns, each begun with `indent` blanks.
std::string wrapped(std::string_view text, std::size_t indent);

/// Without control characters, which would be orders to a terminal.
std::string printable(std::string_view text);

} // namespace chronus::ctl
