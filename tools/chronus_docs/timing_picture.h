#pragma once

#include <string>

namespace chronus::docs {

/// From a packet's arrival to the frame it acts on, as an SVG: a plain message, a bundle with a
/// time tag, one that comes too late, and what waits for a bar line.
std::string timing_picture();

} // namespace chronus::docs
