#pragma once

#include "tools/chronusctl/json.h"

#include <string>

/// What was performed, as a person sees it: lines of at most so many columns, each ended.
namespace chronus::ctl {

/// A table of what `/history/list` was answered with.
std::string executions_table(const Json &executions, int columns);

/// What `/history/show` was answered with: the execution, then an item a line. In the researcher's
/// view a heading stands above each stage, and above each output.
std::string execution_page(const Json &shown, int columns);

/// What `/history/find` was answered with, an item a line.
std::string found_lines(const Json &found, int columns);

} // namespace chronus::ctl
