#pragma once

#include "tools/chronusctl/json.h"

#include <string>

/// Snapshots as a person sees them.
namespace chronus::ctl {

/// A list of snapshots, one a line: hash, version, time, what for, names.
std::string log_of(const Json &snapshots);

/// What `/snapshot/graph` was answered with, drawn: a column for each branch, newest first.
std::string graph_of(const Json &graph);

/// What `/snapshot/compare` was answered with, side by side in as many columns of a terminal.
struct DiffStyle {
    int columns = 80;
    bool colour = false;
};
std::string diff_of(const Json &compared, DiffStyle style);

} // namespace chronus::ctl
